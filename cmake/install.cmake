# What `cmake --install` puts where: the program, both libraries, headers, and the files by which
# pkg-config and find_package(ns) lead others to them.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(NS_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/ns)

install(TARGETS ns RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/ns DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

install(DIRECTORY ${NS_GENERATED}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${NS_GENERATED}/ns.bash RENAME ns
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${NS_GENERATED}/_ns DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${NS_GENERATED}/ns.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

# Two export sets: who links the shared library needs nothing of what the static one needs.
set_target_properties(ns_shared PROPERTIES EXPORT_NAME ns)
set_target_properties(ns_static PROPERTIES EXPORT_NAME static)
install(TARGETS ns_shared EXPORT ns-targets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS ns_static EXPORT ns-static-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
foreach(set ns-targets ns-static-targets)
  install(EXPORT ${set} NAMESPACE ns:: DESTINATION ${NS_CMAKE_DIR})
endforeach()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/ns-config.cmake.in
                              ${CMAKE_BINARY_DIR}/ns-config.cmake
                              INSTALL_DESTINATION ${NS_CMAKE_DIR})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/ns-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/ns-config.cmake ${CMAKE_BINARY_DIR}/ns-config-version.cmake
        DESTINATION ${NS_CMAKE_DIR})

# Paths relative to the file itself: the prefix may be chosen when installing. No Requires.private:
# pkg-config would look for those packages where only the shared library is wanted, too.
file(RELATIVE_PATH NS_PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(${CMAKE_CURRENT_LIST_DIR}/ns.pc.in ${CMAKE_BINARY_DIR}/ns.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/ns.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
