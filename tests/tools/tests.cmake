add_test(NAME tools/layers
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/check_layers.py ${CMAKE_SOURCE_DIR})
add_test(NAME tools/symbols
         COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/check_symbols.sh $<TARGET_FILE:ns_shared>
                 $<TARGET_FILE:ns_static> ${CMAKE_SOURCE_DIR}/include/ns)
add_test(NAME tools/docs
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/check_docs.py ${CMAKE_SOURCE_DIR})
add_test(NAME tools/generated
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_generated.py
                 $<TARGET_FILE:ns> ${NS_GENERATED})
set_tests_properties(tools/generated PROPERTIES TIMEOUT 300)
add_test(NAME tools/schemas
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_schemas.py $<TARGET_FILE:ns>
                 ${CMAKE_SOURCE_DIR})
