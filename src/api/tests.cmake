# Tests of this room.
cellwright_test(api_test SOURCES ${PROJECT_SOURCE_DIR}/src/api/api_test.cpp LABELS unit)
cellwright_test(api_step_test SOURCES ${PROJECT_SOURCE_DIR}/src/api/step_test.cpp LABELS unit)
