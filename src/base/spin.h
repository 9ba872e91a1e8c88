// spin.h: how a thread waits for another that is about to come: it looks again and again, briefly.
#pragma once

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace cellwright {

/// Looks before falling asleep. About 20 to 100 microseconds: longer than the gap between two steps of a busy
/// team, far below a time slice.
inline constexpr int kSpins = 2000;

/// True as soon as ready() is, within `spins` looks.
template <class Ready>
bool spin_until(int spins, Ready ready) {
  for (int i = 0; i < spins; ++i) {
    if (ready()) return true;
#if defined(__SSE2__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }
  return false;
}

}  // namespace cellwright
