# Tests of this room.
cellwright_test(nn_head_test SOURCES ${PROJECT_SOURCE_DIR}/src/nn/head_test.cpp LABELS unit)
cellwright_test(nn_output_layer_test SOURCES ${PROJECT_SOURCE_DIR}/src/nn/output_layer_test.cpp LABELS unit)
cellwright_test(nn_model_test SOURCES ${PROJECT_SOURCE_DIR}/src/nn/model_test.cpp LABELS unit)
cellwright_test(nn_ports_test SOURCES ${PROJECT_SOURCE_DIR}/src/nn/ports_test.cpp LABELS unit)
cellwright_test(nn_step_allocation_test SOURCES ${PROJECT_SOURCE_DIR}/src/nn/step_allocation_test.cpp LABELS unit)
cellwright_test(nn_regulariser_test LABELS unit SOURCES ${PROJECT_SOURCE_DIR}/src/nn/label_smoothing_test.cpp
  ${PROJECT_SOURCE_DIR}/src/nn/parameter_noise_test.cpp ${PROJECT_SOURCE_DIR}/src/nn/token_input_test.cpp)
cellwright_test(nn_stack_test LABELS unit SOURCES ${PROJECT_SOURCE_DIR}/src/nn/stack_test.cpp
  ${PROJECT_SOURCE_DIR}/src/nn/stretch_test.cpp)
cellwright_test(nn_scan_test SOURCES ${PROJECT_SOURCE_DIR}/src/nn/scan_test.cpp LABELS unit)
cellwright_test(nn_sequence_model_test SOURCES ${PROJECT_SOURCE_DIR}/src/nn/sequence_model_test.cpp LABELS unit)
