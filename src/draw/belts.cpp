// belts.cpp: which states travel on a belt: a way of unit-by-unit operations from the old value to the new
// one.
#include "draw/scheme.h"

namespace cellwright::draw {

void find_belts(Scheme& scheme) {
  const auto on_a_way = [](const Part& p) {
    return p.kind == PartKind::kOp || (p.kind == PartKind::kVector && p.op == Op::kSelect);
  };
  const auto linear = [](const Part& p) {
    return p.op == Op::kAdd || p.op == Op::kSub || p.op == Op::kMul || p.op == Op::kSelect;
  };
  std::vector<char> taken(scheme.parts.size(), 0);
  for (;;) {
    Belt best;
    bool best_linear = false;
    for (int next = 0; next < scheme.size(); ++next) {
      if (scheme[next].kind != PartKind::kNext || taken[static_cast<std::size_t>(next)]) continue;
      int previous = -1;
      for (int p = 0; p < scheme.size(); ++p) {
        if (scheme[p].kind == PartKind::kPrevious && scheme[p].index == scheme[next].index) previous = p;
      }
      if (previous < 0) continue;
      // Longest way in number of operations; parts stand in topological order.
      std::vector<int> length(scheme.parts.size(), -1), before(scheme.parts.size(), -1);
      length[static_cast<std::size_t>(previous)] = 0;
      for (int p = 0; p < scheme.size(); ++p) {
        if (!on_a_way(scheme[p]) || taken[static_cast<std::size_t>(p)]) continue;
        for (const Feed& f : scheme[p].feeds) {
          const int reached = length[static_cast<std::size_t>(f.from)];
          if (reached < 0 || reached + 1 <= length[static_cast<std::size_t>(p)]) continue;
          length[static_cast<std::size_t>(p)] = reached + 1;
          before[static_cast<std::size_t>(p)] = f.from;
        }
      }
      const int end = scheme[next].feeds[0].from;
      if (length[static_cast<std::size_t>(end)] < 1) continue;
      Belt belt{previous, next, {}};
      bool all_linear = true;
      for (int p = end; p != previous; p = before[static_cast<std::size_t>(p)]) {
        belt.ops.insert(belt.ops.begin(), p);
        all_linear = all_linear && linear(scheme[p]);
      }
      const bool better = belt.ops.size() > best.ops.size() ||
                          (belt.ops.size() == best.ops.size() && all_linear && !best_linear);
      if (best.next >= 0 && !better) continue;
      best = belt;
      best_linear = all_linear;
    }
    if (best.next < 0) return;
    for (const int op : best.ops) taken[static_cast<std::size_t>(op)] = 1;
    taken[static_cast<std::size_t>(best.next)] = 1;
    scheme.belts.push_back(best);
  }
}

}  // namespace cellwright::draw
