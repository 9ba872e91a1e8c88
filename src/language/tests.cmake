# Unit tests of this room.
cellwright_test(language_lower_test SOURCES ${PROJECT_SOURCE_DIR}/src/language/lower_test.cpp LABELS unit)
