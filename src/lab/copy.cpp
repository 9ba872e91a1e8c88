// copy.cpp: copy memory, and memorising without a gap.
#include "lab/classics.h"
#include "lab/symbol_task.h"

namespace cellwright::lab {
namespace {

/// Symbols 0 … n-1, then the blank and the sign.
std::vector<std::string> symbols(int n) {
  std::vector<std::string> words;
  for (int i = 0; i < n; ++i)
    words.push_back(n <= 26 ? std::string(1, static_cast<char>('a' + i)) : "s" + std::to_string(i));
  words.push_back("-");
  words.push_back("?");
  return words;
}

/// Reads `count` symbols of `n`, `gap` blanks, the sign, and asks for the symbols from the sign on.
Sample recall(int n, int count, int gap, RandomDraw& draw) {
  const std::int32_t blank = n, sign = n + 1;
  Sample s;
  std::vector<std::int32_t> symbols;
  for (int i = 0; i < count; ++i) {
    symbols.push_back(draw.below(n));
    read(s, symbols.back());
  }
  for (int i = 0; i < gap; ++i) read(s, blank);
  for (int i = 0; i < count; ++i) read(s, i == 0 ? sign : blank, symbols[static_cast<std::size_t>(i)]);
  return s;
}

class Copy : public SymbolTask {
 public:
  explicit Copy(const TaskOptions& o)
      : SymbolTask("copy", "blanks between the symbols and the sign", symbols(kSymbols),
                   lengths_or(o.lengths, {10, 50, 100, 200}, 1, 100000), 1.0 / kSymbols) {
    train_between(1, lengths_.back());
  }
  Sample draw(const Point& point, RandomDraw& draw) const override {
    return recall(kSymbols, 10, point.length, draw);
  }

 private:
  static constexpr int kSymbols = 8;
};

class Memorise : public SymbolTask {
 public:
  explicit Memorise(const TaskOptions& o)
      : SymbolTask("memorise", "symbols to memorise", symbols(kSymbols),
                   lengths_or(o.lengths, {2, 5, 10, 20}, 1, 10000), 1.0 / kSymbols) {
    train_between(1, lengths_.back());
  }
  Sample draw(const Point& point, RandomDraw& draw) const override {
    return recall(kSymbols, point.length, 0, draw);
  }

 private:
  static constexpr int kSymbols = 64;
};

}  // namespace

std::unique_ptr<TokenTask> make_copy(const TaskOptions& options) { return std::make_unique<Copy>(options); }
std::unique_ptr<TokenTask> make_memorise(const TaskOptions& options) {
  return std::make_unique<Memorise>(options);
}

}  // namespace cellwright::lab
