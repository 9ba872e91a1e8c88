# Unit tests of this room.
cellwright_test(utf8_test SOURCES ${PROJECT_SOURCE_DIR}/src/base/utf8_test.cpp LABELS unit)
