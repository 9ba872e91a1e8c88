# Both ways of using the library from another project: find_package() on an installed copy, and add_subdirectory().
foreach(way installed subdirectory)
  add_test(NAME install_${way} COMMAND ${CMAKE_COMMAND}
    -DWAY=${way} -DSOURCE=${PROJECT_SOURCE_DIR} -DBUILD=${PROJECT_BINARY_DIR} -DGENERATOR=${CMAKE_GENERATOR}
    -DCOMPILER=${CMAKE_CXX_COMPILER} -DLAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER} -DCONFIG=${CMAKE_BUILD_TYPE}
    -DSANITIZE=${CELLWRIGHT_SANITIZE} -P ${CMAKE_CURRENT_LIST_DIR}/use.cmake)
  set_tests_properties(install_${way} PROPERTIES LABELS install TIMEOUT 1200 PROCESSORS 2)
endforeach()
