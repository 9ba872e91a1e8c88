// reber.cpp: the grammar as a table of states; a string is a walk through it.
#include <algorithm>

#include "lab/classics.h"
#include "lab/symbol_task.h"

namespace cellwright::lab {
namespace {

enum Symbol : std::int32_t { B, T, P, S, X, V, E };
const std::vector<std::string> kWords = {"B", "T", "P", "S", "X", "V", "E"};

/// The two ways out of a state: symbol and next state. State 0 is behind B; state 5 has only E, the end.
struct Arc {
  Symbol symbol;
  int next;
};
constexpr Arc kArcs[5][2] = {
    {{T, 1}, {P, 2}},  // 0
    {{S, 1}, {X, 3}},  // 1
    {{T, 2}, {V, 4}},  // 2
    {{X, 2}, {S, 5}},  // 3
    {{P, 3}, {V, 5}},  // 4
};
constexpr int kEnd = 5;

using Symbols = std::vector<std::int32_t>;

/// Reads a Reber string, B … E, with what may follow each of its symbols; behind E nothing is told. Of at
/// least so many symbols: while it is too short, the way that would end it is not taken.
void read_string(Sample& s, int least, RandomDraw& draw) {
  const std::size_t first = s.tokens.size();
  const auto put = [&](Symbol symbol, Symbols right) {
    s.tokens.push_back(symbol);
    s.right.push_back(std::move(right));
  };
  int state = 0;
  put(B, {T, P});
  while (state != kEnd) {
    const auto length = static_cast<int>(s.tokens.size() - first);
    Arc arc = kArcs[state][draw.below(2)];
    if (arc.next == kEnd && length + 2 < least)  // this symbol and E would be the last
      arc = kArcs[state][0];
    state = arc.next;
    put(arc.symbol, state == kEnd ? Symbols{E} : Symbols{kArcs[state][0].symbol, kArcs[state][1].symbol});
  }
  put(E, {});
}

/// A target is the symbol that did come; the last symbol has none.
void ask_everywhere(Sample& s) {
  for (std::size_t t = 0; t + 1 < s.tokens.size(); ++t) s.targets.push_back(s.tokens[t + 1]);
  s.targets.push_back(-1);
}

class Reber : public SymbolTask {
 public:
  explicit Reber(const TaskOptions& o)
      : SymbolTask("reber", "least symbols of a string", kWords, lengths_or(o.lengths, {5}, 5, 10000), 0) {}
  bool by_sequence() const override { return true; }
  Sample draw(const Point& point, RandomDraw& draw) const override {
    Sample s;
    read_string(s, point.length, draw);
    ask_everywhere(s);
    return s;
  }
};

class EmbeddedReber : public SymbolTask {
 public:
  explicit EmbeddedReber(const TaskOptions& o)
      : SymbolTask("embedded-reber", "least symbols of the string between", kWords,
                   lengths_or(o.lengths, {5, 20, 50, 100}, 5, 10000), 0.5) {}
  std::string chance_name() const override { return "without memory"; }
  bool by_sequence() const override { return true; }
  Sample draw(const Point& point, RandomDraw& draw) const override {
    Sample s;
    const Symbol which = draw.below(2) == 0 ? T : P;
    s.tokens = {B, which};
    s.right = {{T, P}, {B}};
    read_string(s, point.length, draw);
    s.right.back() = {which};  // behind the string's E: what has to be remembered
    s.tokens.push_back(which);
    s.right.push_back({E});
    s.tokens.push_back(E);
    s.right.push_back({});
    ask_everywhere(s);
    return s;
  }
};

}  // namespace

std::unique_ptr<TokenTask> make_reber(const TaskOptions& options) { return std::make_unique<Reber>(options); }
std::unique_ptr<TokenTask> make_embedded_reber(const TaskOptions& options) {
  return std::make_unique<EmbeddedReber>(options);
}

}  // namespace cellwright::lab
