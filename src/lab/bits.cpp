// bits.cpp: tasks over streams of bits: delayed echo and parity.
#include "lab/classics.h"
#include "lab/symbol_task.h"

namespace cellwright::lab {
namespace {

/// The bits, then a word for each lag.
std::vector<std::string> words_for(const std::vector<int>& lags) {
  std::vector<std::string> words = {"0", "1"};
  for (const int lag : lags) words.push_back("lag" + std::to_string(lag));
  return words;
}

class DelayedEcho : public SymbolTask {
 public:
  explicit DelayedEcho(const TaskOptions& o)
      : DelayedEcho(lengths_or(o.lengths, {1, 2, 5, 10, 20}, 1, 10000)) {}
  explicit DelayedEcho(const std::vector<int>& lags)
      : SymbolTask("delayed-echo", "lag in steps", words_for(lags), lags, 0.5) {}

  /// Only lags that have a word.
  Point training_point(RandomDraw& draw) const override { return {draw.of(lengths_), 0, ""}; }

  Sample draw(const Point& point, RandomDraw& draw) const override {
    constexpr int kAsked = 20;
    Sample s;
    std::int32_t which = 0;
    while (lengths_[static_cast<std::size_t>(which)] != point.length) ++which;
    read(s, 2 + which);
    const auto lag = static_cast<std::size_t>(point.length);
    for (int t = 0; t < point.length + kAsked; ++t) {
      const std::int32_t bit = draw.below(2);
      const std::size_t at = s.tokens.size();
      read(s, bit, at > lag ? s.tokens[at - lag] : -1);
    }
    return s;
  }
};

class Parity : public SymbolTask {
 public:
  explicit Parity(const TaskOptions& o)
      : SymbolTask("parity", "bits", {"0", "1", "even", "odd"},
                   lengths_or(o.lengths, {2, 5, 10, 20}, 1, 10000), 0.5) {
    train_between(1, lengths_.back());
  }
  Sample draw(const Point& point, RandomDraw& draw) const override {
    Sample s;
    std::int32_t odd = 0;
    for (int t = 0; t < point.length; ++t) {
      const std::int32_t bit = draw.below(2);
      odd ^= bit;
      read(s, bit, t + 1 == point.length ? 2 + odd : -1);
    }
    return s;
  }
};

}  // namespace

std::unique_ptr<TokenTask> make_delayed_echo(const TaskOptions& options) {
  return std::make_unique<DelayedEcho>(options);
}
std::unique_ptr<TokenTask> make_parity(const TaskOptions& options) {
  return std::make_unique<Parity>(options);
}

}  // namespace cellwright::lab
