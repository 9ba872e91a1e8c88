// Every job is done once, on no more threads than were asked for; a stop and an exception end the rest.
#include "base/side_by_side.h"

#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "cellwright/error.h"

namespace cellwright {
namespace {

TEST(SideBySide, DoesEveryJobOnceOnNoMoreThreadsThanAskedFor) {
  for (const int threads : {1, 3}) {
    std::mutex mutex;
    std::vector<int> done(50, 0);
    std::set<std::thread::id> seen;
    side_by_side(threads, done.size(), nullptr, [&](std::size_t i) {
      const std::lock_guard<std::mutex> lock(mutex);
      ++done[i];
      seen.insert(std::this_thread::get_id());
    });
    EXPECT_EQ(done, std::vector<int>(50, 1)) << threads;
    EXPECT_LE(seen.size(), static_cast<std::size_t>(threads));
  }
  side_by_side(2, 0, nullptr, [](std::size_t) { FAIL() << "there is no job"; });
  EXPECT_THROW(side_by_side(0, 1, nullptr, [](std::size_t) {}), SpecError);
}

TEST(SideBySide, BeginsNoFurtherJobOnceItIsToldToStop) {
  std::atomic<bool> stop{false};
  std::atomic<int> done{0};
  side_by_side(1, 100, &stop, [&](std::size_t i) {
    ++done;
    if (i == 4) stop = true;
  });
  EXPECT_EQ(done, 5);
  side_by_side(2, 100, &stop, [&](std::size_t) { ++done; });
  EXPECT_EQ(done, 5);
}

TEST(SideBySide, WhatAJobThrowsComesOutAndEndsTheRest) {
  std::atomic<int> done{0};
  const auto run = [&] {
    side_by_side(1, 100, nullptr, [&](std::size_t i) {
      ++done;
      if (i == 2) throw std::runtime_error("job 2");
    });
  };
  EXPECT_THROW(run(), std::runtime_error);
  EXPECT_EQ(done, 3);
}

}  // namespace
}  // namespace cellwright
