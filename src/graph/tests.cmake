# Unit tests of this room.
cellwright_test(graph_canonicalize_test SOURCES ${PROJECT_SOURCE_DIR}/src/graph/canonicalize_test.cpp LABELS unit)
cellwright_test(graph_derive_test SOURCES ${PROJECT_SOURCE_DIR}/src/graph/derive_test.cpp LABELS unit)
