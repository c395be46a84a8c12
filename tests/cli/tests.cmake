set(cli_test ${CMAKE_CURRENT_LIST_DIR}/test_cli.py)
foreach(part Corpus Marks Language Hits Input Messages Updates Bench Terminal)
  add_test(NAME cli/${part}
           COMMAND Python3::Interpreter ${cli_test} $<TARGET_FILE:ns> ${CMAKE_SOURCE_DIR} ${part})
  set_tests_properties(cli/${part} PROPERTIES LABELS cli TIMEOUT 600)
endforeach()
add_test(NAME cli/Shared
         COMMAND Python3::Interpreter ${cli_test} $<TARGET_FILE:ns> ${CMAKE_SOURCE_DIR} Shared)
set_tests_properties(cli/Shared PROPERTIES LABELS "cli;release" TIMEOUT 900)
