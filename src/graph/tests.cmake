# Unit tests of this room.
foreach(part evaluate canonicalize derive step_mask)
  cellwright_test(graph_${part}_test SOURCES ${PROJECT_SOURCE_DIR}/src/graph/${part}_test.cpp LABELS unit)
endforeach()
