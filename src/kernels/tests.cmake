# Unit tests of this room.
cellwright_test(kernels_product_test SOURCES ${PROJECT_SOURCE_DIR}/src/kernels/product_test.cpp LABELS unit)
