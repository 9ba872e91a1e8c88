# The command line as a user meets it: the built binary is run, its output and exit status are looked at.
function(cellwright_app_test name)
  cellwright_test(${name} SOURCES ${PROJECT_SOURCE_DIR}/tests/app/${name}.cpp ${PROJECT_SOURCE_DIR}/tests/app/run_app.cpp LABELS app)
  target_compile_definitions(${name} PRIVATE CELLWRIGHT_APP="$<TARGET_FILE:cellwright_app>")
  add_dependencies(${name} cellwright_app)
endfunction()

if(CELLWRIGHT_BUILD_APP)
  cellwright_app_test(cell_command_test)
  cellwright_app_test(completion_test)
endif()
