# Tests of this room.
cellwright_test(study_test SOURCES ${PROJECT_SOURCE_DIR}/src/study/statistics_test.cpp ${PROJECT_SOURCE_DIR}/src/study/match_test.cpp
  ${PROJECT_SOURCE_DIR}/src/study/compare_test.cpp ${PROJECT_SOURCE_DIR}/src/study/sequence_task_test.cpp
  ${PROJECT_SOURCE_DIR}/src/study/text_task_test.cpp LABELS unit)
