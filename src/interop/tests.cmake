# Unit tests of this room.
cellwright_test(safetensors_test SOURCES ${PROJECT_SOURCE_DIR}/src/interop/safetensors_test.cpp LABELS unit)
