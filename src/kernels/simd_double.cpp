// simd_double.cpp: compiles the loops of *-inl.h for double, once for each SIMD target.
#define CELLWRIGHT_KERNELS_T double
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd_double.cpp"
#include "kernels/each_target-inl.h"
