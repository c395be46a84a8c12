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
if(NS_RELATIVE_STEMMERS)
  add_executable(ns_plain ${CMAKE_SOURCE_DIR}/src/cli/main.c $<TARGET_OBJECTS:ns_cli>)
  target_include_directories(ns_plain PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include)
  target_link_libraries(ns_plain PRIVATE ns_static ns_flags PkgConfig::YAJL PkgConfig::UTF8PROC)
  add_test(NAME tools/stemmers
           COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_stemmers.py $<TARGET_FILE:ns>
                   $<TARGET_FILE:ns_plain> ${NS_STATIC_stemmer} ${CMAKE_SOURCE_DIR}/tools)
endif()
