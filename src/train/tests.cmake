# Tests of this room.
cellwright_test(train_trainer_test SOURCES ${PROJECT_SOURCE_DIR}/src/train/trainer_test.cpp LABELS unit)
cellwright_test(train_sample_test SOURCES ${PROJECT_SOURCE_DIR}/src/train/sample_test.cpp LABELS unit)
cellwright_test(train_parameter_update_test SOURCES ${PROJECT_SOURCE_DIR}/src/train/parameter_update_test.cpp LABELS unit)
cellwright_test(train_trainer_rules_test SOURCES ${PROJECT_SOURCE_DIR}/src/train/trainer_rules_test.cpp LABELS unit)
cellwright_test(train_adapt_test SOURCES ${PROJECT_SOURCE_DIR}/src/train/adapt_test.cpp LABELS unit)
cellwright_test(train_prepared_text_test SOURCES ${PROJECT_SOURCE_DIR}/src/train/prepared_text_test.cpp LABELS unit)
cellwright_test(train_memory_test SOURCES ${PROJECT_SOURCE_DIR}/src/train/memory_test.cpp LABELS unit)
