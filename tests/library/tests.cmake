# The library as its users have it: through include/ns, linked statically, with functions of the
# system replaced at link time where a fault is to be injected.
set(NS_WRAP_test_memory_faults malloc calloc realloc aligned_alloc fsync)
set(NS_WRAP_test_io_faults open write pwrite fsync rename close)
set(NS_WRAP_test_killed open mkdir unlink rmdir write pwrite fsync rename)
foreach(name test_threads test_memory_faults test_io_faults test_killed)
  set(source ${CMAKE_CURRENT_LIST_DIR}/${name}.c)
  if(NOT EXISTS ${source})
    continue()
  endif()
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE ns_static ns_flags PkgConfig::CMOCKA Threads::Threads)
  foreach(function ${NS_WRAP_${name}})
    target_link_options(${name} PRIVATE -Wl,--wrap=${function})
  endforeach()
  add_test(NAME library/${name} COMMAND ${name})
  set_tests_properties(library/${name} PROPERTIES LABELS library TIMEOUT 600)
  ns_label_threads(library/${name} ${source} ${name})
endforeach()

set_tests_properties(library/test_memory_faults PROPERTIES COST 60)
set_tests_properties(library/test_io_faults library/test_killed PROPERTIES COST 30)
# What a killed process leaves is the same whatever looks at its memory.
set_property(TEST library/test_killed APPEND PROPERTY LABELS release)

foreach(name search parts)
  add_executable(example_${name} ${CMAKE_SOURCE_DIR}/examples/${name}.c)
  target_link_libraries(example_${name} PRIVATE ns_static ns_flags)
endforeach()
add_test(NAME library/example
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_example.py
                 $<TARGET_FILE:example_search> $<TARGET_FILE:example_parts> ${CMAKE_SOURCE_DIR})
# A sanitizer's library is not one to install.
if(NOT NS_SANITIZE)
  add_test(NAME library/install
           COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_install.sh ${CMAKE_BINARY_DIR}
                   ${CMAKE_SOURCE_DIR} ${CMAKE_C_COMPILER})
  set_tests_properties(library/install PROPERTIES TIMEOUT 300)
endif()
