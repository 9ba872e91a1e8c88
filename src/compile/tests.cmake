# Tests of this room, with those of the room that runs plans where they look at the same cells.
cellwright_test(compile_test SOURCES ${PROJECT_SOURCE_DIR}/src/compile/fuse_tiles_test.cpp
  ${PROJECT_SOURCE_DIR}/src/run/ahead_test.cpp ${PROJECT_SOURCE_DIR}/src/run/one_hot_test.cpp LABELS unit)
