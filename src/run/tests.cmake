# Tests of this room.
cellwright_test(run_split_test SOURCES ${PROJECT_SOURCE_DIR}/src/run/split_test.cpp LABELS unit)
