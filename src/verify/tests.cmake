# Tests of this room.
cellwright_test(scan_test SOURCES ${PROJECT_SOURCE_DIR}/src/verify/scan_test.cpp LABELS property)
if("nn" IN_LIST rooms)
  set(two_layers ${PROJECT_SOURCE_DIR}/src/verify/two_layers_test.cpp)
endif()
cellwright_test(verify_test SOURCES
  ${PROJECT_SOURCE_DIR}/src/verify/clocks_test.cpp
  ${PROJECT_SOURCE_DIR}/src/verify/shipped_cells_test.cpp
  ${PROJECT_SOURCE_DIR}/src/verify/observed_cells_test.cpp
  ${PROJECT_SOURCE_DIR}/src/verify/recurrent_columns_test.cpp
  ${PROJECT_SOURCE_DIR}/src/verify/regularise_test.cpp
  ${PROJECT_SOURCE_DIR}/src/verify/regularised_cells_test.cpp
  ${PROJECT_SOURCE_DIR}/src/verify/step_test.cpp
  ${PROJECT_SOURCE_DIR}/src/verify/threads_test.cpp
  ${two_layers}
  LABELS property)
