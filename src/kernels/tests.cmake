# Unit tests of this room.
foreach(name product pointwise activations recurrence)
  cellwright_test(kernels_${name}_test SOURCES ${PROJECT_SOURCE_DIR}/src/kernels/${name}_test.cpp LABELS unit)
endforeach()
