// streams_test.cpp: windows written out by hand for each rule, coverage for many sizes, and the errors' text.
#include "data/streams.h"

#include <gtest/gtest.h>

#include <map>
#include <numeric>

#include "cellwright/error.h"

namespace cellwright {
namespace {

using Ids = std::vector<std::int32_t>;

Ids counting(int n, int first = 0) {
  Ids ids(n);
  std::iota(ids.begin(), ids.end(), first);
  return ids;
}

struct Window {
  Ids inputs;
  Ids targets;
};

Window window(const Streams& s, int index) {
  Window w = {Ids(s.steps_of(index) * s.batch(), -7), Ids(s.steps_of(index) * s.batch(), -7)};
  s.window(index, w.inputs.data(), w.targets.data());
  return w;
}

TEST(Streams, TrainingCutsEqualStreamsAndDropsLessThanOnePredictionAStream) {
  const Streams s(counting(12), 2, 2);  // 11 predictions: 5 a stream, one dropped
  ASSERT_EQ(s.windows(), 3);
  EXPECT_EQ(s.predictions(), 10);
  EXPECT_EQ(window(s, 0).inputs, (Ids{0, 5, 1, 6}));
  EXPECT_EQ(window(s, 0).targets, (Ids{1, 6, 2, 7}));
  EXPECT_EQ(window(s, 1).inputs, (Ids{2, 7, 3, 8}));
  EXPECT_EQ(s.steps_of(2), 1);
  EXPECT_EQ(window(s, 2).inputs, (Ids{4, 9}));
  EXPECT_EQ(window(s, 2).targets, (Ids{5, 10}));
}

TEST(Streams, CoveringMarksWhatIsNotThere) {
  const Streams s = Streams::covering(counting(6, 10), 2, 2);  // 5 predictions: streams of 3 and 2
  ASSERT_EQ(s.windows(), 2);
  EXPECT_EQ(window(s, 0).inputs, (Ids{10, 13, 11, 14}));
  EXPECT_EQ(window(s, 0).targets, (Ids{11, 14, 12, 15}));
  EXPECT_EQ(window(s, 1).inputs, (Ids{12, 0}));
  EXPECT_EQ(window(s, 1).targets, (Ids{13, Streams::kNoTarget}));
  EXPECT_EQ(s.predictions({1, 2}), 1);
}

TEST(Streams, CoveringPredictsEveryTokenButTheFirstExactlyOnce) {
  for (int n = 2; n < 40; ++n) {
    for (int batch = 1; batch < std::min(n, 9); ++batch) {
      for (const int steps : {1, 2, 3, 7, 50}) {
        const Streams s = Streams::covering(counting(n, 100), batch, steps);
        std::map<int, int> seen;
        std::int64_t counted = 0;
        for (int i = 0; i < s.windows(); ++i) {
          const Window w = window(s, i);
          for (std::size_t k = 0; k < w.targets.size(); ++k) {
            if (w.targets[k] == Streams::kNoTarget) continue;
            ASSERT_EQ(w.targets[k], w.inputs[k] + 1);
            ++seen[w.targets[k]];
          }
          counted += s.predictions({i, i + 1});
        }
        ASSERT_EQ(static_cast<int>(seen.size()), n - 1) << n << " " << batch << " " << steps;
        for (const auto& [token, times] : seen) ASSERT_EQ(times, 1) << token;
        ASSERT_EQ(s.predictions(), n - 1);
        ASSERT_EQ(counted, n - 1);
      }
    }
  }
}

TEST(Streams, AStreamGoesOnWhereItsLastWindowEnded) {
  const Streams s(counting(101), 4, 7);
  for (int i = 0; i + 1 < s.windows(); ++i) {
    const Ids last = window(s, i).targets, first = window(s, i + 1).inputs;
    for (int b = 0; b < 4; ++b) ASSERT_EQ(first[b], last[6 * 4 + b]);
  }
}

// The rule of char-rnn's loader, written out anew: cut, shift with a wrap, view as B rows, split the columns.
TEST(Streams, CharRnnFollowsItsRule) {
  for (const int n : {12, 13, 17, 18, 100}) {
    const int B = 2, T = 3;
    const Ids tokens = counting(n);
    const int kept = n / (B * T) * (B * T), columns = kept / B;
    Ids x(tokens.begin(), tokens.begin() + kept), y(x.begin() + 1, x.end());
    y.push_back(x[0]);
    const Streams s = Streams::char_rnn(tokens, B, T);
    ASSERT_EQ(s.windows(), columns / T);
    EXPECT_EQ(s.predictions(), kept);
    for (int i = 0; i < s.windows(); ++i) {
      const Window w = window(s, i);
      ASSERT_EQ(s.steps_of(i), T);
      for (int t = 0; t < T; ++t) {
        for (int b = 0; b < B; ++b) {
          ASSERT_EQ(w.inputs[t * B + b], x[b * columns + i * T + t]);
          ASSERT_EQ(w.targets[t * B + b], y[b * columns + i * T + t]);
        }
      }
    }
  }
}

std::string message_of(int n, int batch, int steps) {
  try {
    Streams(counting(n), batch, steps);
  } catch (const SpecError& e) {
    return e.what();
  }
  return "nothing was thrown";
}

TEST(Streams, ATextTooShortIsRefusedWithTheNumberNeeded) {
  EXPECT_EQ(message_of(37, 50, 50),
            "text has 37 tokens; 50 streams of 50 steps need at least 2,501: lower --batch or --steps");
  EXPECT_EQ(message_of(1, 1, 1),
            "text has 1 token; 1 stream of 1 step needs at least 2: lower --batch or --steps");
  EXPECT_EQ(message_of(2500, 50, 50).substr(0, 21), "text has 2,500 tokens");
  EXPECT_EQ(message_of(2501, 50, 50), "nothing was thrown");
  EXPECT_EQ(message_of(0, 2147483647, 2147483647).substr(0, 17), "text has 0 tokens");
  EXPECT_THROW(Streams(counting(9), 0, 1), SpecError);
  EXPECT_THROW(Streams(counting(9), 1, -1), SpecError);
  EXPECT_THROW(Streams::covering(counting(3), 3, 1), SpecError);
  EXPECT_THROW(Streams::covering({}, 1, 1), SpecError);
  EXPECT_THROW(Streams::char_rnn(counting(5), 2, 3), SpecError);
  EXPECT_NO_THROW(Streams::char_rnn(counting(6), 2, 3));
}

TEST(Streams, AWindowThatIsNotThereIsABug) {
  const Streams s(counting(12), 2, 2);
  Ids room(64);
  EXPECT_THROW(s.window(3, room.data(), room.data()), InternalError);
  EXPECT_THROW(s.window(-1, room.data(), room.data()), InternalError);
}

}  // namespace
}  // namespace cellwright
