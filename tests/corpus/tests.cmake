# The articles of corpus/ are as its README says.
add_test(NAME corpus/check
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/tools/check_corpus.py)
set_tests_properties(corpus/check PROPERTIES LABELS corpus TIMEOUT 60)
