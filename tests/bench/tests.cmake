# The adapter of the search-benchmark-game speaks its protocol.
if(NS_BENCH)
  foreach(class Own All)
    add_test(NAME bench/game${class}
             COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tests/bench/test_game.py
                     ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR} ${class})
    set_tests_properties(bench/game${class} PROPERTIES LABELS bench TIMEOUT 300)
  endforeach()
endif()

# What bench/compare makes of counts, results and times.
add_test(NAME bench/compare
         COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tests/bench/test_compare.py
                 ${CMAKE_SOURCE_DIR})
set_tests_properties(bench/compare PROPERTIES LABELS bench TIMEOUT 60)
