#include "draw/lanes.h"

#include <algorithm>

namespace cellwright::draw {

std::vector<int> reads(const Scheme& scheme, const Grid& grid, int part) {
  std::vector<int> found, open = {part};
  std::vector<char> seen(scheme.parts.size(), 0);
  while (!open.empty()) {
    const int p = open.back();
    open.pop_back();
    for (const Feed& f : scheme[p].feeds) {
      if (seen[static_cast<std::size_t>(f.from)]) continue;
      seen[static_cast<std::size_t>(f.from)] = 1;
      if (grid.lane[static_cast<std::size_t>(f.from)] >= 0) {
        found.push_back(f.from);
      } else if (scheme[f.from].kind == PartKind::kJoin) {
        open.push_back(f.from);
      }
    }
  }
  return found;
}

Grid assign_lanes(const Scheme& scheme) {
  const std::size_t count = scheme.parts.size();
  Grid grid;
  grid.lane.assign(count, -1);
  grid.column.assign(count, -1);
  grid.belt.assign(count, -1);
  grid.belts = static_cast<int>(scheme.belts.size());
  for (std::size_t b = 0; b < scheme.belts.size(); ++b) {
    for (const int op : scheme.belts[b].ops) grid.belt[static_cast<std::size_t>(op)] = static_cast<int>(b);
  }

  // An operation hangs from a belt that it reads, by way of operations, or else rises from the layers.
  std::vector<int> hang(count, 0), rise(count, 0);
  std::vector<char> from_ports(count, 0);
  const auto is_op = [&](std::size_t i) {
    const PartKind k = scheme.parts[i].kind;
    return k == PartKind::kOp || k == PartKind::kVector || k == PartKind::kConstant;
  };
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_op(i) || grid.belt[i] >= 0) continue;
    rise[i] = 1;
    from_ports[i] =
        std::all_of(scheme.parts[i].feeds.begin(), scheme.parts[i].feeds.end(), [&](const Feed& f) {
          const PartKind k = scheme[f.from].kind;
          return k == PartKind::kInput || k == PartKind::kPrevious;
        });
    for (const Feed& f : scheme.parts[i].feeds) {
      const auto from = static_cast<std::size_t>(f.from);
      if (grid.belt[from] >= 0) {
        hang[i] = std::max(hang[i], 1);
      } else if (is_op(from)) {
        if (hang[from] > 0) hang[i] = std::max(hang[i], hang[from] + 1);
        // What reads ports alone finds a place beside its reader.
        if (!from_ports[from]) rise[i] = std::max(rise[i], rise[from] + 1);
      }
    }
    grid.op_lanes = std::max(grid.op_lanes, hang[i] > 0 ? hang[i] : rise[i]);
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (scheme.parts[i].kind == PartKind::kLayer) {
      grid.lane[i] = grid.layers();
    } else if (grid.belt[i] >= 0) {
      grid.lane[i] = grid.belt[i];
    } else if (is_op(i)) {
      grid.lane[i] = hang[i] > 0 ? grid.belts + hang[i] - 1 : grid.layers() - rise[i];
    }
  }
  return grid;
}

}  // namespace cellwright::draw
