# Tests of this room.
cellwright_test(explain_ledger_test SOURCES ${PROJECT_SOURCE_DIR}/src/explain/ledger_test.cpp LABELS unit)
