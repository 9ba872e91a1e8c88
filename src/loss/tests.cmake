# Tests of this room.
cellwright_test(loss_test SOURCES ${PROJECT_SOURCE_DIR}/src/loss/loss_test.cpp LABELS unit)
cellwright_test(loss_lane_losses_test SOURCES ${PROJECT_SOURCE_DIR}/src/loss/lane_losses_test.cpp LABELS unit)
