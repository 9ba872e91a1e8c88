// columns.cpp: the columns of lanes.h. Parts stand in topological order and every constraint goes from an
// earlier part to a later one, so one pass gives the least solution. What reads ports alone comes last, to
// the left of its reader.
#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

#include "draw/lanes.h"

namespace cellwright::draw {
namespace {

class Columns {
 public:
  Columns(const Scheme& scheme, Grid& grid)
      : scheme_(scheme), grid_(grid), sources_(scheme.parts.size()), readers_(scheme.parts.size()) {}

  void run() {
    for (int p = 0; p < scheme_.size(); ++p) {
      if (lane(p) < 0) continue;
      sources_[static_cast<std::size_t>(p)] = reads(scheme_, grid_, p);
      for (const int from : sources_[static_cast<std::size_t>(p)])
        readers_[static_cast<std::size_t>(from)].push_back(p);
    }
    std::vector<int> last_on_belt(scheme_.belts.size(), -1);
    int last_layer = -1;
    for (int p = 0; p < scheme_.size(); ++p) {
      if (lane(p) < 0 || moveable(p)) continue;
      int c = is_layer(p) ? last_layer + 1 : 0;
      if (belt(p) >= 0) c = std::max(c, last_on_belt[static_cast<std::size_t>(belt(p))] + 1);
      for (const int from : sources_[static_cast<std::size_t>(p)]) c = std::max(c, least(from, p));
      while (taken_.count({lane(p), c})) ++c;
      put(p, c);
      if (is_layer(p)) last_layer = c;
      if (belt(p) >= 0) last_on_belt[static_cast<std::size_t>(belt(p))] = c;
    }
    for (int p = scheme_.size(); p-- > 0;) {
      if (lane(p) >= 0 && moveable(p)) put_near(p);
    }
    int first = 0;
    for (const auto& [l, c] : taken_) first = std::min(first, c);
    for (int p = 0; p < scheme_.size(); ++p) {
      if (lane(p) < 0) continue;
      grid_.column[static_cast<std::size_t>(p)] -= first;
      grid_.columns = std::max(grid_.columns, column(p) + 1);
    }
  }

 private:
  int lane(int p) const { return grid_.lane[static_cast<std::size_t>(p)]; }
  int belt(int p) const { return grid_.belt[static_cast<std::size_t>(p)]; }
  int column(int p) const { return grid_.column[static_cast<std::size_t>(p)]; }
  bool is_layer(int p) const { return lane(p) == grid_.layers(); }

  /// Reads ports alone, so nothing holds it back on the left.
  bool moveable(int p) const {
    const auto i = static_cast<std::size_t>(p);
    return !is_layer(p) && belt(p) < 0 && sources_[i].empty() && !readers_[i].empty() &&
           std::none_of(readers_[i].begin(), readers_[i].end(), [&](int r) { return is_layer(r); });
  }

  /// Where `p` may stand at the earliest for reading `from`.
  int least(int from, int p) const {
    if (moveable(from)) return 0;
    // A tap leaves a belt behind the operation whose value it takes.
    const bool apart = is_layer(p) || lane(p) == lane(from) || (belt(from) >= 0 && belt(p) < 0);
    return column(from) + (apart ? 1 : 0);
  }

  void put(int p, int c) {
    taken_.insert({lane(p), c});
    grid_.column[static_cast<std::size_t>(p)] = c;
  }

  void put_near(int p) {
    int reader = readers_[static_cast<std::size_t>(p)][0];
    for (const int r : readers_[static_cast<std::size_t>(p)]) {
      if (column(r) < column(reader)) reader = r;
    }
    int best_lane = lane(p), best_column = 0;
    double least_far = 1e9;
    for (int l = grid_.belts; l < grid_.layers(); ++l) {
      for (int back = 1; back < 200; ++back) {
        const int c = column(reader) - back;
        if (taken_.count({l, c})) continue;
        const double far =
            std::abs(l - std::max(lane(reader), grid_.belts)) + 1.3 * (back - 1) + (c < 0 ? 1.5 : 0);
        if (far < least_far) {
          least_far = far;
          best_lane = l;
          best_column = c;
        }
        break;
      }
    }
    grid_.lane[static_cast<std::size_t>(p)] = best_lane;
    put(p, best_column);
  }

  const Scheme& scheme_;
  Grid& grid_;
  std::vector<std::vector<int>> sources_, readers_;
  std::set<std::pair<int, int>> taken_;
};

}  // namespace

void assign_columns(const Scheme& scheme, Grid& grid) { Columns(scheme, grid).run(); }

}  // namespace cellwright::draw
