// counting.cpp: aⁿbⁿ and the addition of numbers.
#include <algorithm>

#include "lab/classics.h"
#include "lab/symbol_task.h"

namespace cellwright::lab {
namespace {

/// S begins and E ends a string.
class Counting : public SymbolTask {
 public:
  explicit Counting(const TaskOptions& o)
      : SymbolTask("anbn", "n", {"S", "a", "b", "E"}, lengths_or(o.lengths, {5, 10, 20, 50}, 1, 100000), 0) {
    train_between(1, 10);
  }
  bool by_sequence() const override { return true; }
  Sample draw(const Point& point, RandomDraw&) const override {
    Sample s;
    const int n = point.length;
    const auto put = [&](std::int32_t token, std::int32_t next, std::vector<std::int32_t> right) {
      read(s, token, next);
      s.right.push_back(std::move(right));
    };
    put(kStart, kA, {kA});
    for (int i = 1; i <= n; ++i) put(kA, i < n ? kA : kB, {kA, kB});
    for (int i = 1; i <= n; ++i) put(kB, i < n ? kB : kStop, {i < n ? kB : kStop});
    return s;
  }

 private:
  enum : std::int32_t { kStart, kA, kB, kStop };
};

class Addition : public SymbolTask {
 public:
  explicit Addition(const TaskOptions& o)
      : SymbolTask("addition", "digits", {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "+", "=", "."},
                   lengths_or(o.lengths, {1, 2, 3}, 1, 1000), 0) {
    train_between(1, lengths_.back());
  }
  bool by_sequence() const override { return true; }
  Sample draw(const Point& point, RandomDraw& draw) const override {
    enum : std::int32_t { kPlus = 10, kEquals = 11, kEnd = 12 };
    const auto digits = static_cast<std::size_t>(point.length);
    // Most significant digit first, which is 0 only of a number of one digit.
    const auto number = [&] {
      std::vector<std::int32_t> n;
      for (std::size_t i = 0; i < digits; ++i)
        n.push_back(i == 0 && digits > 1 ? draw.between(1, 9) : draw.below(10));
      return n;
    };
    const std::vector<std::int32_t> a = number(), b = number();
    std::vector<std::int32_t> sum;  // least significant digit first
    std::int32_t carry = 0;
    for (std::size_t i = digits; i-- > 0;) {
      carry += a[i] + b[i];
      sum.push_back(carry % 10);
      carry /= 10;
    }
    if (carry > 0) sum.push_back(carry);
    std::reverse(sum.begin(), sum.end());
    Sample s;
    for (const std::int32_t d : a) read(s, d);
    read(s, kPlus);
    for (const std::int32_t d : b) read(s, d);
    read(s, kEquals, sum[0]);
    for (std::size_t i = 0; i < sum.size(); ++i) read(s, sum[i], i + 1 < sum.size() ? sum[i + 1] : kEnd);
    return s;
  }
};

}  // namespace

std::unique_ptr<TokenTask> make_counting(const TaskOptions& options) {
  return std::make_unique<Counting>(options);
}
std::unique_ptr<TokenTask> make_addition(const TaskOptions& options) {
  return std::make_unique<Addition>(options);
}

}  // namespace cellwright::lab
