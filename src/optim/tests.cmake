# Unit tests of this room.
cellwright_test(optim_test SOURCES
  ${PROJECT_SOURCE_DIR}/src/optim/average_test.cpp
  ${PROJECT_SOURCE_DIR}/src/optim/gradient_noise_test.cpp
  ${PROJECT_SOURCE_DIR}/src/optim/groups_test.cpp
  ${PROJECT_SOURCE_DIR}/src/optim/max_norm_test.cpp
  ${PROJECT_SOURCE_DIR}/src/optim/optimizer_test.cpp
  ${PROJECT_SOURCE_DIR}/src/optim/schedule_test.cpp
  LABELS unit)
