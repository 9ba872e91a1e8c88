# What an installed copy holds: the library with its public headers, the command line, the cells, and what find_package() reads.
include(CMakePackageConfigHelpers)
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cellwright)

install(TARGETS cellwright EXPORT cellwright-targets)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TARGET cellwright_app)
  install(TARGETS cellwright_app)
endif()
if(EXISTS ${PROJECT_SOURCE_DIR}/cells)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/cells DESTINATION ${CMAKE_INSTALL_DATADIR}/cellwright FILES_MATCHING PATTERN "*.cell")
endif()

install(EXPORT cellwright-targets NAMESPACE cellwright:: DESTINATION ${config_dir})
get_target_property(CELLWRIGHT_LIBRARY_TYPE cellwright TYPE)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/cellwright-config.cmake.in
  ${PROJECT_BINARY_DIR}/cellwright-config.cmake INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cellwright-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cellwright-config.cmake ${PROJECT_BINARY_DIR}/cellwright-config-version.cmake
  DESTINATION ${config_dir})
