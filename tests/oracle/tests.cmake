# The oracle: see tests/oracle/oracle.c. Long runs carry the label "release".
add_executable(oracle ${CMAKE_CURRENT_LIST_DIR}/oracle.c ${CMAKE_CURRENT_LIST_DIR}/collection.c
               ${CMAKE_CURRENT_LIST_DIR}/queries.c ${CMAKE_CURRENT_LIST_DIR}/coverage.c
               ${CMAKE_CURRENT_LIST_DIR}/compare.c ${CMAKE_CURRENT_LIST_DIR}/language.c
               ${CMAKE_CURRENT_LIST_DIR}/language_model.c ${CMAKE_CURRENT_LIST_DIR}/language_marks.c
               ${CMAKE_CURRENT_LIST_DIR}/model.c ${CMAKE_CURRENT_LIST_DIR}/model_search.c
               ${CMAKE_CURRENT_LIST_DIR}/ranking.c ${CMAKE_CURRENT_LIST_DIR}/formula.c)
target_sources(test_cascade PRIVATE ${CMAKE_CURRENT_LIST_DIR}/formula.c)
target_include_directories(oracle PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_CURRENT_SOURCE_DIR})
target_compile_definitions(oracle PRIVATE NS_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
target_link_libraries(oracle PRIVATE ns_static ns_flags)

function(oracle_test name labels)
  add_test(NAME oracle/${name} COMMAND oracle ${ARGN})
  set_tests_properties(oracle/${name} PROPERTIES LABELS "${labels}" TIMEOUT 1800)
endfunction()

if(NS_COUNT_TAGS)
  set(require_coverage --require-coverage)
endif()
# 14,000 queries on 100,000 passages with the blocks of a real index, 8,000 with the smallest, so
# that every border occurs; then 4,000 and 5,000 on 3 and on 17 segments with tombstones: so many that all
# that coverage.c counts is covered. Without ../shared the text is generated, and there is less of
# it. COST: ctest begins with what takes longest.
oracle_test(blocks-of-4 "oracle;release" --queries 6000 --passages 100000 --block 4 --window 16
            --seed 3 --replace ${require_coverage})
oracle_test(blocks-of-256 "oracle;release" --queries 14000 --passages 100000 --seed 2
            ${require_coverage})
oracle_test(segments-3 "oracle;release" --queries 4000 --passages 100000 --segments 3 --replace
            --seed 15 ${require_coverage})
oracle_test(segments-17 "oracle;release" --queries 5000 --passages 200000 --segments 17 --replace
            --block 16 --window 64 --seed 10 ${require_coverage})
set_tests_properties(oracle/blocks-of-256 PROPERTIES COST 300)
set_tests_properties(oracle/blocks-of-4 PROPERTIES COST 200)
set_tests_properties(oracle/segments-3 oracle/segments-17 PROPERTIES COST 100)
oracle_test(reordered "oracle;release" --queries 1500 --passages 100000 --segments 3 --replace --reorder
            --seed 11)
oracle_test(quick-reordered oracle --queries 800 --passages 3000 --block 8 --window 32 --seed 12
            --replace --reorder)
oracle_test(quick-reordered-segments oracle --queries 600 --passages 3000 --block 4 --window 16
            --seed 13 --segments 4 --replace --reorder)
oracle_test(quick-reordered-one-passage oracle --queries 400 --passages 2000 --block 16 --window 64
            --seed 14 --one-passage --reorder)
oracle_test(quick-kept oracle --queries 800 --passages 3000 --block 4 --window 16 --seed 16 --reorder)
oracle_test(one-passage "oracle;release" --queries 1500 --passages 25000 --one-passage --seed 15)
oracle_test(quick oracle --queries 600 --passages 4000 --seed 3)
oracle_test(quick-blocks-of-4 oracle --queries 1000 --passages 3000 --block 4 --window 16 --seed 4)
oracle_test(quick-one-passage oracle --queries 600 --passages 2000 --block 16 --window 64 --seed 5
            --one-passage --title-weight 0)
oracle_test(quick-segments oracle --queries 600 --passages 3000 --block 8 --window 32 --seed 6
            --segments 3 --replace)
oracle_test(quick-no-text oracle --queries 400 --passages 2000 --block 8 --window 32 --seed 11
            --segments 3 --replace --no-text)
oracle_test(quick-many-segments oracle --queries 400 --passages 2000 --block 4 --window 16 --seed 7
            --segments 17 --replace --title-weight 1)
oracle_test(quick-generated oracle --queries 600 --passages 2000 --block 32 --window 128 --seed 8
            --title-weight 5 --shared /nowhere)

# The whole language, highlights too.
oracle_test(language "oracle;release" --language --queries 1500 --passages 2000 --block 16
            --window 64 --segments 3 --replace --seed 21)
set_tests_properties(oracle/language PROPERTIES COST 200)
oracle_test(quick-language oracle --language --queries 500 --passages 600 --seed 22)
oracle_test(quick-language-segments oracle --language --queries 400 --passages 600 --block 4
            --window 16 --segments 5 --replace --seed 23)
oracle_test(quick-language-no-text oracle --language --queries 200 --passages 400 --block 8
            --window 32 --segments 3 --replace --no-text --seed 25)
oracle_test(quick-language-bodies oracle --language --queries 300 --passages 400 --block 8
            --window 32 --segments 3 --replace --title-weight 0 --seed 19)
oracle_test(quick-language-exact oracle --language --queries 300 --passages 600 --block 4
            --window 16 --segments 3 --replace --exact --seed 26)
oracle_test(quick-language-exact-no-text oracle --language --queries 300 --passages 400 --block 8
            --window 32 --segments 3 --replace --reorder --no-text --exact --seed 27)
oracle_test(quick-language-one-passage "oracle;release" --language --queries 200 --passages 400 --block 8
            --window 32 --one-passage --reorder --seed 24)

# The default ranking, of plain queries and of the whole language.
oracle_test(quick-ranking oracle --ranking --queries 400 --passages 2000 --block 8 --window 32
            --seed 31 --segments 3 --replace)
oracle_test(quick-ranking-language oracle --ranking --language --queries 200 --passages 600
            --block 4 --window 16 --segments 17 --replace --seed 32)

# Needs Ninja, which tells how each file was compiled: skipped with other generators.
add_test(NAME oracle/seeded-faults
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/seed_faults.py ${CMAKE_SOURCE_DIR}
                 ${CMAKE_BINARY_DIR})
set_tests_properties(oracle/seeded-faults PROPERTIES LABELS "oracle;release" TIMEOUT 900
                     COST 250 SKIP_RETURN_CODE 77)
