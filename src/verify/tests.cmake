# Unit tests of this room.
cellwright_test(verify_test SOURCES ${PROJECT_SOURCE_DIR}/src/verify/shipped_cells_test.cpp LABELS property)
