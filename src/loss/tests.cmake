# Tests of this room.
cellwright_test(loss_test SOURCES ${PROJECT_SOURCE_DIR}/src/loss/loss_test.cpp LABELS unit)
