// temporal_order.cpp: see classics.h.
#include "lab/classics.h"
#include "lab/symbol_task.h"

namespace cellwright::lab {
namespace {

/// B begins, E ends and asks; a … d distract; the answers are words of their own.
const std::vector<std::string> kWords = {"B", "E", "a", "b", "c", "d", "X", "Y", "XX", "XY", "YX", "YY"};
enum : std::int32_t { kBegin = 0, kEnd = 1, kDistractor = 2, kX = 6, kAnswer = 8 };

class TemporalOrder : public SymbolTask {
 public:
  explicit TemporalOrder(const TaskOptions& o)
      : SymbolTask("temporal-order", "steps", kWords, lengths_or(o.lengths, {20, 50, 100}, 20, 100000),
                   0.25) {}
  Sample draw(const Point& point, RandomDraw& draw) const override {
    const int steps = point.length, first = draw.between(steps / 10, steps / 5 - 1),
              second = draw.between(steps / 2, steps * 3 / 5 - 1);
    Sample s;
    std::int32_t seen = 0;
    for (int t = 0; t < steps; ++t) {
      if (t == first || t == second) {
        const std::int32_t which = draw.below(2);
        seen = 2 * seen + which;
        read(s, kX + which);
      } else if (t + 1 == steps) {
        read(s, kEnd, kAnswer + seen);
      } else {
        read(s, t == 0 ? kBegin : kDistractor + draw.below(4));
      }
    }
    return s;
  }
};

}  // namespace

std::unique_ptr<TokenTask> make_temporal_order(const TaskOptions& options) {
  return std::make_unique<TemporalOrder>(options);
}

}  // namespace cellwright::lab
