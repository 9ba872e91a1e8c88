// routes.h: lines between doors, along the lattice.
//
// Where to start: route(). A net is one part's value: a tree from its door to the doors of all that read it.
// Each is the cheapest way found (length, bends, crossings, closeness to others), belts first and straight;
// then each is taken out and laid anew while that helps. Always holds: a line passes no part but those at its
// ends; two nets share points only where they cross at a right angle; a net meets itself only where it forks.
#pragma once

#include <cstdint>
#include <vector>

#include "draw/place.h"

namespace cellwright::draw {

/// From the part's door, or from where it leaves the net, to the reader's door.
struct Branch {
  int to = -1;
  std::size_t feed = 0;
  std::vector<Spot> points;  ///< corners only, first and last included
};

struct Net {
  int from = -1;
  std::vector<Branch> branches;
};

struct Routes {
  bool complete = false;  ///< false: some line found no way; try with more room
  std::vector<Net> nets;
  double cost = 0;
  int crossings = 0;
  std::int64_t work = 0;  ///< points looked at (Lattice::work)
};

Routes route(const Scheme& scheme, const Layout& layout);

}  // namespace cellwright::draw
