# Against stored results of other implementations.
cellwright_test(torch_test SOURCES ${PROJECT_SOURCE_DIR}/tests/oracle/torch_test.cpp LABELS oracle)
cellwright_test(torch_stack_test SOURCES ${PROJECT_SOURCE_DIR}/tests/oracle/torch_stack_test.cpp LABELS oracle)
cellwright_test(others_test SOURCES ${PROJECT_SOURCE_DIR}/tests/oracle/others_test.cpp LABELS oracle)
cellwright_test(cells_oracle_test SOURCES ${PROJECT_SOURCE_DIR}/tests/oracle/cells_test.cpp LABELS oracle)
