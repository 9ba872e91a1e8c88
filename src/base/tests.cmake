# Unit tests of this room.
cellwright_test(base_test SOURCES
  ${PROJECT_SOURCE_DIR}/src/base/denormals_test.cpp
  ${PROJECT_SOURCE_DIR}/src/base/file_test.cpp
  ${PROJECT_SOURCE_DIR}/src/base/json_depth_test.cpp
  ${PROJECT_SOURCE_DIR}/src/base/json_whole_test.cpp
  ${PROJECT_SOURCE_DIR}/src/base/mapped_file_test.cpp
  ${PROJECT_SOURCE_DIR}/src/base/rng_test.cpp
  ${PROJECT_SOURCE_DIR}/src/base/side_by_side_test.cpp
  ${PROJECT_SOURCE_DIR}/src/base/thread_pool_test.cpp
  ${PROJECT_SOURCE_DIR}/src/base/utf8_test.cpp
  LABELS unit)
