// denormals.cpp: the control bits of x86 (MXCSR) and AArch64 (FPCR); elsewhere nothing is to be done.
#include "base/denormals.h"

#if defined(__SSE2__) || defined(_M_X64)
#include <xmmintrin.h>
#endif

namespace cellwright {

#if defined(__SSE2__) || defined(_M_X64)

namespace {
constexpr unsigned kFlushToZero = 0x8000;
constexpr unsigned kDenormalsAreZero = 0x0040;
}  // namespace

FlushDenormals::FlushDenormals() noexcept : saved_(_mm_getcsr()) {
  _mm_setcsr(static_cast<unsigned>(saved_) | kFlushToZero | kDenormalsAreZero);
}

// Only the two mode bits go back: exception flags raised meanwhile are sticky and belong to the caller.
FlushDenormals::~FlushDenormals() {
  constexpr unsigned mode = kFlushToZero | kDenormalsAreZero;
  _mm_setcsr((_mm_getcsr() & ~mode) | (static_cast<unsigned>(saved_) & mode));
}

#elif defined(__aarch64__)

namespace {
constexpr unsigned long kFlushToZero = 1ul << 24;  // FPCR.FZ flushes inputs and results alike

unsigned long read_fpcr() noexcept {
  unsigned long value;
  asm volatile("mrs %0, fpcr" : "=r"(value));
  return value;
}
void write_fpcr(unsigned long value) noexcept { asm volatile("msr fpcr, %0" : : "r"(value)); }
}  // namespace

FlushDenormals::FlushDenormals() noexcept : saved_(read_fpcr()) { write_fpcr(saved_ | kFlushToZero); }
FlushDenormals::~FlushDenormals() { write_fpcr((read_fpcr() & ~kFlushToZero) | (saved_ & kFlushToZero)); }

#else

FlushDenormals::FlushDenormals() noexcept : saved_(0) {}
FlushDenormals::~FlushDenormals() = default;

#endif

}  // namespace cellwright
