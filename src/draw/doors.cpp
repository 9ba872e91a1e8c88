// doors.cpp: through which side each line enters and leaves. A layer is entered from below, by peepholes from
// the left, and left at its top; a belt's operation is passed from left to right and fed from below; any
// other operation has its sides given so that lines bend least.
#include <algorithm>
#include <array>
#include <cmath>

#include "draw/place.h"

namespace cellwright::draw {
namespace {

enum Side { kLeft, kTop, kBottom, kRight };
constexpr std::array<int, 4> kDx = {-1, 0, 0, 1};
constexpr std::array<int, 4> kDy = {0, -1, 1, 0};

Door door(const Place& place, Side side, int shift = 0) {
  const int dx = kDx[side], dy = kDy[side];
  Door d;
  d.dx = dx;
  d.dy = dy;
  d.at.x = place.at.x + dx * (place.half_width + 1) + (dy != 0 ? shift : 0);
  d.at.y = place.at.y + dy * (place.half_height + 1) + (dx != 0 ? shift : 0);
  return d;
}

/// What it costs a line from the part's middle to (dx, dy) to use a side; 0 is straight.
double bend(Side side, int dx, int dy, bool in) {
  const double along = kDx[side] * dx + kDy[side] * dy;
  const double across = std::abs(kDx[side] == 0 ? dx : dy);
  double cost = along < 0     ? 4
                : along == 0  ? 2 + (in ? 0.5 : 0)
                : across == 0 ? 0
                              : 1 + 0.3 * across / (along + across);
  if (side == (in ? kRight : kLeft)) cost += 1.5;  // against the reading
  if (in && side == kTop && dy > 0) cost += 1;
  return cost;
}

class Doors {
 public:
  Doors(const Scheme& scheme, const Grid& grid, Layout& layout)
      : scheme_(scheme), grid_(grid), layout_(layout) {}

  void run() {
    for (int p = 0; p < scheme_.size(); ++p) {
      at(p).in.resize(scheme_[p].feeds.size());
      switch (scheme_[p].kind) {
        case PartKind::kInput:
          at(p).out = door(at(p), kTop);
          break;
        case PartKind::kPrevious:
          at(p).out = door(at(p), kRight);
          break;
        case PartKind::kNext:
          at(p).in[0] = door(at(p), kLeft);
          break;
        case PartKind::kOutput:
          at(p).in[0] = door(at(p), kBottom);
          break;
        case PartKind::kLayer:
          layer(p);
          break;
        case PartKind::kJoin:
          free_sides(p, {kLeft, kTop, kBottom}, true);
          at(p).out = door(at(p), kRight);
          break;
        default:
          if (grid_.belt[static_cast<std::size_t>(p)] >= 0) {
            on_belt(p);
          } else {
            free_sides(p, {kLeft, kTop, kBottom, kRight}, false);
          }
      }
    }
  }

 private:
  Place& at(int part) { return layout_.parts[static_cast<std::size_t>(part)]; }

  void layer(int p) {
    at(p).out = door(at(p), kTop);
    const auto sides = static_cast<int>(std::count_if(scheme_[p].feeds.begin(), scheme_[p].feeds.end(),
                                                      [](const Feed& f) { return f.side; }));
    int side = 0;
    for (std::size_t f = 0; f < scheme_[p].feeds.size(); ++f) {
      if (!scheme_[p].feeds[f].side) {
        at(p).in[f] = door(at(p), kBottom);
      } else {
        at(p).in[f] = door(at(p), kLeft, 2 * side - sides + 1);
        ++side;
      }
    }
  }

  void on_belt(int p) {
    const Belt& belt = scheme_.belts[static_cast<std::size_t>(grid_.belt[static_cast<std::size_t>(p)])];
    const auto place =
        static_cast<std::size_t>(std::find(belt.ops.begin(), belt.ops.end(), p) - belt.ops.begin());
    const int before = place == 0 ? belt.previous : belt.ops[place - 1];
    at(p).out = door(at(p), kRight);
    bool passed = false, below = false;
    for (std::size_t f = 0; f < scheme_[p].feeds.size(); ++f) {
      if (!passed && scheme_[p].feeds[f].from == before) {
        at(p).in[f] = door(at(p), kLeft);
        passed = true;
      } else {
        at(p).in[f] = door(at(p), below ? kTop : kBottom);
        below = true;
      }
    }
  }

  /// Tries every way to give the sides away.
  void free_sides(int p, std::vector<Side> sides, bool out_is_fixed) {
    const std::size_t feeds = scheme_[p].feeds.size();
    const std::size_t ends = feeds + (out_is_fixed ? 0 : 1);
    std::vector<Spot> reader = out_is_fixed ? std::vector<Spot>{} : readers(p);
    std::sort(sides.begin(), sides.end());
    double least = 1e9;
    std::vector<Side> best(sides);
    do {
      double cost = 0;
      for (std::size_t f = 0; f < feeds; ++f) cost += feed_cost(p, f, sides[f]);
      // What comes from above and what comes from below would look like one line that passes the join.
      const auto used = sides.begin() + static_cast<std::ptrdiff_t>(feeds);
      if (out_is_fixed && std::find(sides.begin(), used, kTop) != used &&
          std::find(sides.begin(), used, kBottom) != used)
        cost += 3;
      if (!out_is_fixed) {
        double out = 0;
        for (const Spot s : reader) out += bend(sides[feeds], s.x - at(p).at.x, s.y - at(p).at.y, false);
        cost += reader.empty() ? 0 : out / static_cast<double>(reader.size());
      }
      if (cost < least - 1e-9) {
        least = cost;
        best = sides;
      }
    } while (std::next_permutation(sides.begin(), sides.end()));
    for (std::size_t f = 0; f < feeds; ++f) at(p).in[f] = door(at(p), best[f]);
    if (ends > feeds) at(p).out = door(at(p), best[feeds]);
  }

  double feed_cost(int p, std::size_t f, Side side) {
    const int from = scheme_[p].feeds[f].from;
    const int dx = at(from).at.x - at(p).at.x;
    const int dy = at(from).at.y - at(p).at.y;
    // A tap can leave the belt anywhere behind the operation, right above this one too.
    const bool belt = grid_.belt[static_cast<std::size_t>(from)] >= 0;
    if (belt && dx < 0) return side == kTop ? 0 : side == kLeft ? 0.9 : side == kRight ? 2.5 : 4;
    // An old value runs on its belt as far as the first operation there.
    for (const Belt& b : scheme_.belts) {
      if (b.previous != from) continue;
      const bool beneath = at(p).at.x < at(b.ops[0]).at.x;
      return side == (beneath ? kTop : kLeft) ? 0 : side == (beneath ? kLeft : kTop) ? 0.7 : 3;
    }
    return bend(side, dx, dy, true);
  }

  /// Where a part's value goes: the places of what reads it.
  std::vector<Spot> readers(int p) {
    std::vector<Spot> found;
    for (int r = p + 1; r < scheme_.size(); ++r) {
      for (const Feed& f : scheme_[r].feeds) {
        if (f.from == p) found.push_back(at(r).at);
      }
    }
    return found;
  }

  const Scheme& scheme_;
  const Grid& grid_;
  Layout& layout_;
};

}  // namespace

void assign_doors(const Scheme& scheme, const Grid& grid, Layout& layout) {
  Doors(scheme, grid, layout).run();
}

}  // namespace cellwright::draw
