// roofline.h: the most multiply-adds that this processor does, to hold measured speeds against.
#pragma once

namespace cellwright {

class ThreadPool;

/// One thread: twelve independent chains of fused multiply-adds that stay in registers, at the widest vectors
/// there are, `rounds` times over. Returns the floating-point operations done, two a multiply-add.
double fma_burst(long rounds);

/// GFLOP/s of so many threads at once: the best of `tries` bursts of about 4 ms.
double fma_peak(ThreadPool& pool, int tries = 5);

}  // namespace cellwright
