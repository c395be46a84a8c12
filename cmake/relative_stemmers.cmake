# The stemmers' tables without pointers, which the loader would have to set in each process: a tenth of
# one that asks a query. Where that cannot be done the tables are as they are.
set(NS_RELATIVE_STEMMERS)
find_package(Python3 COMPONENTS Interpreter QUIET)
if(Python3_FOUND AND CMAKE_SYSTEM_NAME STREQUAL "Linux" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64"
   AND CMAKE_SIZEOF_VOID_P EQUAL 8 AND NOT NS_SANITIZE)
  set(stemmer_tool ${CMAKE_SOURCE_DIR}/tools/relative_stemmers.py)
  set(stemmer_objects ${CMAKE_BINARY_DIR}/stemmers)
  file(REMOVE_RECURSE ${stemmer_objects})
  execute_process(COMMAND ${Python3_EXECUTABLE} ${stemmer_tool} ${NS_STATIC_stemmer} ${stemmer_objects}
                  RESULT_VARIABLE failed ERROR_VARIABLE reason)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${stemmer_tool} ${NS_STATIC_stemmer})
  if(failed)
    message(STATUS "the tables of stemmers keep their pointers: ${reason}")
  else()
    file(GLOB NS_RELATIVE_STEMMERS ${stemmer_objects}/*.o)
    target_sources(ns PRIVATE ${NS_RELATIVE_STEMMERS})
    set_source_files_properties(${NS_RELATIVE_STEMMERS} PROPERTIES EXTERNAL_OBJECT TRUE)
  endif()
endif()
