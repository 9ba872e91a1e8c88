// reference_fused.h: the ops that do several in one pass, for reference.cpp: a line an op, each part rounded by itself.
// tanh() and sigmoid() stand there.
#define CELLWRIGHT_FUSED(name, value, ...) \
  template <class T>                       \
  T name(__VA_ARGS__) {                    \
    return value;                          \
  }
CELLWRIGHT_FUSED(complement, T(1) - a, T a)
CELLWRIGHT_FUSED(sigmoid_slope, a * (T(1) - a), T a)
CELLWRIGHT_FUSED(tanh_slope, T(1) - a * a, T a)
CELLWRIGHT_FUSED(mul_add, a * b + c, T a, T b, T c)
CELLWRIGHT_FUSED(mul_sub, a * b - c, T a, T b, T c)
CELLWRIGHT_FUSED(sub_mul, c - a * b, T a, T b, T c)
CELLWRIGHT_FUSED(mul_mul, a * b * c, T a, T b, T c)
CELLWRIGHT_FUSED(add_mul, (a + b) * c, T a, T b, T c)
CELLWRIGHT_FUSED(add_add, a + b + c, T a, T b, T c)
CELLWRIGHT_FUSED(complement_mul, (T(1) - a) * b, T a, T b)
CELLWRIGHT_FUSED(complement_mul_add, (T(1) - a) * b + c, T a, T b, T c)
CELLWRIGHT_FUSED(sigmoid_back, b * (a * (T(1) - a)), T a, T b)
CELLWRIGHT_FUSED(tanh_back, b * (T(1) - a * a), T a, T b)
CELLWRIGHT_FUSED(mul_sigmoid_back, a * b * (c * (T(1) - c)), T a, T b, T c)
CELLWRIGHT_FUSED(mul_tanh_back, a * b * (T(1) - c * c), T a, T b, T c)
CELLWRIGHT_FUSED(mul_sigmoid, sigmoid<T>(a) * b, T a, T b)
CELLWRIGHT_FUSED(mul_tanh, tanh<T>(a) * b, T a, T b)
CELLWRIGHT_FUSED(add_sigmoid, sigmoid<T>(a + b), T a, T b)
CELLWRIGHT_FUSED(add_tanh, tanh<T>(a + b), T a, T b)
#undef CELLWRIGHT_FUSED
