set(property_dir ${PROJECT_SOURCE_DIR}/tests/property)
add_library(random_cells STATIC ${property_dir}/recipe.cpp ${property_dir}/random_cell.cpp
  ${property_dir}/random_expression.cpp ${property_dir}/random_remarks.cpp ${property_dir}/check_cell.cpp
  ${property_dir}/shrink.cpp ${property_dir}/same_graph.cpp)
target_include_directories(random_cells PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
target_compile_options(random_cells PRIVATE -Wall -Wextra -ffp-contract=off)
target_link_libraries(random_cells PUBLIC cellwright fmt::fmt)

cellwright_test(random_cells_test SOURCES ${property_dir}/random_cells_test.cpp LABELS property LIBRARIES random_cells)
cellwright_test(random_coverage_test SOURCES ${property_dir}/coverage_test.cpp LABELS property LIBRARIES random_cells)
cellwright_test(drawn_cells_test SOURCES ${property_dir}/drawn_cells_test.cpp LABELS property LIBRARIES random_cells)
cellwright_test(shrink_test SOURCES ${property_dir}/shrink_test.cpp LABELS property LIBRARIES random_cells)
cellwright_test(renamed_cell_test SOURCES ${property_dir}/renamed_cell_test.cpp LABELS property)
cellwright_test(found_by_random_cells_test SOURCES ${PROJECT_SOURCE_DIR}/tests/regression/found_by_random_cells_test.cpp LABELS regression)
cellwright_test(streaming_alloc_test SOURCES ${PROJECT_SOURCE_DIR}/tests/alloc/streaming_alloc_test.cpp LABELS alloc)
