# A module: a part of the library in a file of its own, loaded when somebody first asks for it, so that the library and most programs do
# without what it needs.
#
#   cellwright_module(NAME raster ASKED_BY raster_module.cpp SOURCES rsvg_raster.cpp LIBRARIES PkgConfig::rsvg)
#
# makes modules/cellwright-raster.so of SOURCES and compiles ASKED_BY, which calls load_module() (base/load_module.h), into the library,
# with CELLWRIGHT_RASTER_MODULE, the file's name. Where the libraries are missing the caller compiles a no_….cpp instead.
function(cellwright_module)
  cmake_parse_arguments(PARSE_ARGV 0 M "" "NAME;ASKED_BY" "SOURCES;LIBRARIES")
  string(TOUPPER ${M_NAME} upper)
  target_sources(cellwright PRIVATE ${M_ASKED_BY})
  set_source_files_properties(${M_ASKED_BY} TARGET_DIRECTORY cellwright PROPERTIES COMPILE_DEFINITIONS
    "CELLWRIGHT_${upper}_MODULE=\"cellwright-${M_NAME}.so\"")
  set(target cellwright_${M_NAME})
  add_library(${target} MODULE ${M_SOURCES})
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME cellwright-${M_NAME} SUFFIX .so
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/modules CXX_VISIBILITY_PRESET hidden)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow)
  target_link_libraries(${target} PRIVATE ${M_LIBRARIES} fmt::fmt)
  add_dependencies(cellwright ${target})  # whoever has the library has the module beside it
  if(CELLWRIGHT_INSTALL)
    install(TARGETS ${target} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/cellwright)
  endif()
endfunction()
