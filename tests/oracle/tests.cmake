# The oracle: see tests/oracle/oracle.c. Long runs carry the label "release".
add_executable(oracle ${CMAKE_CURRENT_LIST_DIR}/oracle.c ${CMAKE_CURRENT_LIST_DIR}/model.c)
target_include_directories(oracle PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_CURRENT_SOURCE_DIR})
target_compile_definitions(oracle PRIVATE NS_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
target_link_libraries(oracle PRIVATE ns_static ns_flags)
add_test(NAME oracle/blocks-of-256 COMMAND oracle --queries 20000 --passages 200000)
add_test(NAME oracle/blocks-of-4
         COMMAND oracle --queries 20000 --passages 200000 --block 4 --window 16 --seed 2)
add_test(NAME oracle/quick COMMAND oracle --queries 1000 --passages 4000 --seed 3)
add_test(NAME oracle/quick-blocks-of-4
         COMMAND oracle --queries 1500 --passages 3000 --block 4 --window 16 --seed 4)
add_test(NAME oracle/quick-one-passage
         COMMAND oracle --queries 1000 --passages 3000 --block 16 --window 64 --seed 5 --one-passage)
add_test(NAME oracle/quick-segments
         COMMAND oracle --queries 1000 --passages 4000 --block 8 --window 32 --seed 6 --segments 3)
set_tests_properties(oracle/blocks-of-256 oracle/blocks-of-4 PROPERTIES LABELS "oracle;release"
                     TIMEOUT 900)
set_tests_properties(oracle/quick oracle/quick-blocks-of-4 oracle/quick-one-passage
                     oracle/quick-segments PROPERTIES LABELS "oracle" TIMEOUT 900)
