# Outputs that are looked at when they change: tests/golden/README.md.
cellwright_test(latex_golden_test SOURCES ${PROJECT_SOURCE_DIR}/tests/golden/latex_golden_test.cpp LABELS golden)
if(CELLWRIGHT_BUILD_APP)
  cellwright_test(pages_golden_test SOURCES ${PROJECT_SOURCE_DIR}/tests/golden/pages_golden_test.cpp
    ${PROJECT_SOURCE_DIR}/tests/app/run_app.cpp LABELS golden LIBRARIES util)
  target_compile_definitions(pages_golden_test PRIVATE CELLWRIGHT_APP="$<TARGET_FILE:cellwright_app>")
  add_dependencies(pages_golden_test cellwright_app)
endif()
