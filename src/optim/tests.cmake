# Unit tests of this room.
cellwright_test(optim_test SOURCES
  ${PROJECT_SOURCE_DIR}/src/optim/optimizer_test.cpp
  ${PROJECT_SOURCE_DIR}/src/optim/schedule_test.cpp
  LABELS unit)
