// denormals.h: flush-to-zero and denormals-are-zero for the life of an object, on this thread; the caller's mode comes back.
#pragma once

#if defined(__SSE2__) || defined(_M_X64)
#include <xmmintrin.h>
#endif

namespace cellwright {

class FlushDenormals {
 public:
  FlushDenormals() noexcept;
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  unsigned long saved_;
};

/// The same for a stretch of less than a microsecond, where waiting for the exception flags of all that was computed would
/// cost a sixth: the caller's control word comes back as it was, and flags raised meanwhile are lost. Costs next to nothing
/// where the caller flushes already.
class FlushDenormalsBriefly {
 public:
#if defined(__SSE2__) || defined(_M_X64)
  FlushDenormalsBriefly() noexcept : saved_(kMode) {
    if (flushing()) return;
    saved_ = _mm_getcsr();
    _mm_setcsr(saved_ | kMode);
  }
  ~FlushDenormalsBriefly() {
    if (saved_ != kMode) _mm_setcsr(saved_);
  }

 private:
  static constexpr unsigned kMode = 0x8040;  // flush to zero, denormals are zero
  // Whether the caller does, told by what comes out: to read the control word is to wait for all that was computed.
  static bool flushing() noexcept {
    static const volatile float denormal = 0x1p-140f, smallest = 0x1p-126f;
    return denormal == 0.0f && smallest * 0.5f == 0.0f;
  }
  unsigned saved_;
#else
  FlushDenormalsBriefly() noexcept = default;

 private:
  FlushDenormals flush_;
#endif
 public:
  FlushDenormalsBriefly(const FlushDenormalsBriefly&) = delete;
  FlushDenormalsBriefly& operator=(const FlushDenormalsBriefly&) = delete;
};

}  // namespace cellwright
