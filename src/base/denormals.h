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
  FlushDenormalsBriefly() noexcept : saved_(_mm_getcsr()) {
    if ((saved_ & kMode) != kMode) _mm_setcsr(saved_ | kMode);
  }
  ~FlushDenormalsBriefly() {
    if ((saved_ & kMode) != kMode) _mm_setcsr(saved_);
  }

 private:
  static constexpr unsigned kMode = 0x8040;  // flush to zero, denormals are zero
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
