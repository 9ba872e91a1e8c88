# Tests of this room.
cellwright_test(explain_ledger_test SOURCES ${PROJECT_SOURCE_DIR}/src/explain/ledger_test.cpp LABELS unit)
cellwright_test(explain_doctor_test SOURCES ${PROJECT_SOURCE_DIR}/src/explain/doctor_test.cpp LABELS unit)
cellwright_test(explain_gradient_flow_test SOURCES ${PROJECT_SOURCE_DIR}/src/explain/gradient_flow_test.cpp LABELS unit)
cellwright_test(explain_units_test SOURCES ${PROJECT_SOURCE_DIR}/src/explain/units_test.cpp LABELS unit)
