# Tests of this room.
cellwright_test(lab_grammar_test SOURCES ${PROJECT_SOURCE_DIR}/src/lab/grammar_test.cpp LABELS unit)
cellwright_test(lab_study_test SOURCES ${PROJECT_SOURCE_DIR}/src/lab/study_test.cpp LABELS unit)
cellwright_test(lab_classics_test SOURCES ${PROJECT_SOURCE_DIR}/src/lab/classics_test.cpp LABELS unit)
cellwright_test(lab_numbers_test SOURCES ${PROJECT_SOURCE_DIR}/src/lab/real_classics_test.cpp LABELS unit)
