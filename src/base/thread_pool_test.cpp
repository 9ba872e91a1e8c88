// thread_pool_test.cpp: every index runs once, waits wake up, errors come home; quotas are read from made-up
// trees.
#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/barrier.h"
#include "base/processors.h"
#include "base/spin.h"
#include "cellwright/error.h"
#include "support/data_path.h"

namespace cellwright {
namespace {

TEST(ThreadPool, RunsEveryIndexOnceARoundAndZeroOnTheCaller) {
  for (const int threads : {1, 2, 3, 7}) {
    ThreadPool pool(threads);
    ASSERT_EQ(pool.size(), threads);
    std::vector<int> calls(threads);
    std::thread::id zero;
    for (int round = 0; round < 2000; ++round) {
      pool.run([&](int i) {
        ++calls[i];  // no atomic: rounds must be ordered by run() itself
        if (i == 0) zero = std::this_thread::get_id();
      });
    }
    EXPECT_EQ(calls, std::vector<int>(threads, 2000));
    EXPECT_EQ(zero, std::this_thread::get_id());
  }
}

// No atomic stands beside the barrier: the values of a round must be seen by all behind it.
TEST(Barrier, OrdersWhatAllWroteBeforeIt) {
  for (const int threads : {1, 2, 3, 7}) {
    for (const int spins : {0, kSpins}) {
      ThreadPool pool(threads);
      Barrier barrier;
      barrier.set(threads, spins);
      std::vector<int> values(static_cast<std::size_t>(threads), 0), wrong(values.size(), 0);
      const int rounds = spins > 0 && threads > 2 ? 100 : 1000;
      pool.run([&](int i) {
        for (int round = 1; round <= rounds; ++round) {
          values[static_cast<std::size_t>(i)] = round;
          barrier.wait();
          for (const int value : values) wrong[static_cast<std::size_t>(i)] += value != round;
          barrier.wait();
        }
      });
      EXPECT_EQ(wrong, std::vector<int>(values.size(), 0)) << threads << " threads, " << spins << " spins";
    }
  }
}

TEST(Barrier, WakesWhoSlept) {
  ThreadPool pool(2);
  Barrier barrier;
  barrier.set(2, 1);
  std::atomic<int> passed{0};
  pool.run([&](int i) {
    for (int round = 0; round < 3; ++round) {
      if (i == 1) std::this_thread::sleep_for(std::chrono::milliseconds(10));
      barrier.wait();
      ++passed;
    }
  });
  EXPECT_EQ(passed, 6);
}

TEST(ThreadPool, WakesAfterASleepAndWaitsForASlowThread) {
  ThreadPool pool(2);
  for (int round = 0; round < 3; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // longer than any spin
    std::atomic<int> finished{0};
    pool.run([&](int i) {
      if (i == 1) std::this_thread::sleep_for(std::chrono::milliseconds(20));
      ++finished;
    });
    EXPECT_EQ(finished, 2);
  }
}

TEST(ThreadPool, RethrowsTheFirstErrorByIndexAndStaysUsable) {
  ThreadPool pool(4);
  std::atomic<int> ran{0};
  try {
    pool.run([&](int i) {
      ++ran;
      if (i >= 2) throw std::runtime_error(std::to_string(i));
    });
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& e) {
    EXPECT_STREQ(e.what(), "2");
  }
  EXPECT_EQ(ran, 4) << "run must wait for all before it throws";
  pool.run([&](int) { ++ran; });
  EXPECT_EQ(ran, 8);
}

TEST(ThreadPool, RefusesNoThreadsAndNestedRuns) {
  EXPECT_THROW(ThreadPool(0), SpecError);
  EXPECT_THROW(ThreadPool(-3), SpecError);
  ThreadPool pool(2);
  EXPECT_THROW(pool.run([&](int i) {
    if (i == 0) pool.run([](int) {});
  }),
               InternalError);
  EXPECT_NO_THROW(pool.run([](int) {}));
}

TEST(ThreadPool, FindsAtLeastOneProcessor) { EXPECT_GE(ThreadPool::available_processors(), 1); }

TEST(Part, CoversTheRangeOnceInWholeGrains) {
  for (int count = 0; count < 40; ++count) {
    for (int parts = 1; parts < 6; ++parts) {
      for (const int grain : {1, 4, 16}) {
        int next = 0;
        for (int i = 0; i < parts; ++i) {
          const Part p = part(count, parts, i, grain);
          ASSERT_EQ(p.first, next);
          ASSERT_LE(p.first, p.last);
          ASSERT_TRUE(p.last == count || p.last % grain == 0);
          next = p.last;
        }
        ASSERT_EQ(next, count);
      }
    }
  }
}

class CgroupTree : public testing::Test {
 protected:
  void put(const std::string& path, const std::string& content) {
    const std::filesystem::path file = folder_ / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << content;
  }
  double quota(const std::string& membership) { return cgroup_quota(membership, folder_.path()); }
  test::TemporaryFolder folder_;
};

TEST_F(CgroupTree, Version2TakesTheTightestAncestor) {
  put("a/b/cpu.max", "400000 100000\n");
  put("a/cpu.max", "150000 100000\n");
  put("cpu.max", "max 100000\n");
  EXPECT_EQ(quota("0::/a/b\n"), 1.5);
  EXPECT_EQ(quota("0::/other\n"), 0);
}

TEST_F(CgroupTree, Version2InAContainerWhosePathIsNotMountedUsesTheRoot) {
  put("cpu.max", "200000 100000\n");
  EXPECT_EQ(quota("0::/docker/123\n"), 2);
  EXPECT_EQ(quota("0::/\n"), 2);
  EXPECT_EQ(quota("0::/../..\n"), 2);
}

TEST_F(CgroupTree, Version1ReadsTheCpuController) {
  put("cpu,cpuacct/g/cpu.cfs_quota_us", "50000\n");
  put("cpu,cpuacct/g/cpu.cfs_period_us", "100000\n");
  put("cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  put("cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota("9:name=systemd:/\n4:cpu,cpuacct:/g\n3:cpuset:/x\n"), 0.5);
  EXPECT_EQ(quota("4:cpu,cpuacct:/\n"), 0) << "-1 means no limit";
}

TEST_F(CgroupTree, NonsenseCountsAsNoQuota) {
  put("cpu.max", "lots of it");
  for (const char* text : {"", "\n", ":", "::", "0::", "0::/a", "1:cpu", "0:cpu:relative"})
    EXPECT_EQ(quota(text), 0) << text;
}

}  // namespace
}  // namespace cellwright
