// simd_float.cpp: compiles the loops of *-inl.h for float, once for each SIMD target.
#define CELLWRIGHT_KERNELS_T float
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd_float.cpp"
#include "kernels/each_target-inl.h"
