# Unit tests of this room.
cellwright_test(language_lower_test SOURCES ${PROJECT_SOURCE_DIR}/src/language/lower_test.cpp LABELS unit)
cellwright_test(language_print_test SOURCES ${PROJECT_SOURCE_DIR}/src/language/print_test.cpp LABELS unit)
cellwright_test(language_error_test SOURCES ${PROJECT_SOURCE_DIR}/src/language/error_test.cpp LABELS unit)
cellwright_test(language_hostile_test SOURCES ${PROJECT_SOURCE_DIR}/src/language/hostile_test.cpp LABELS unit)
cellwright_test(language_counts_test SOURCES ${PROJECT_SOURCE_DIR}/src/language/shipped_counts_test.cpp LABELS unit)
