// place.h: parts on a lattice of points one unit apart, and the doors through which lines enter and leave
// them.
//
// Where to start: place(). Always holds: a part takes the points within (half_width, half_height) of its own
// and no two parts' points meet; a door is the first free point outside a part, and each belongs to one line
// alone; what is inside the frame is strictly inside, ports stand on it: states on its left and right sides,
// inputs below, outputs above.
#pragma once

#include <vector>

#include "draw/lanes.h"
#include "draw/scheme.h"

namespace cellwright::draw {

inline constexpr double kUnit = 10;  ///< pixels between lattice points
inline constexpr int kSideStretch = 4;  ///< straight way into a layer's side, where a parameter's name stands

struct Spot {
  int x = 0;
  int y = 0;
};
inline bool operator==(Spot a, Spot b) { return a.x == b.x && a.y == b.y; }

struct Door {
  Spot at;
  int dx = 0;  ///< from the part outwards
  int dy = 0;
};

struct Place {
  Spot at;
  int half_width = 0;
  int half_height = 0;
  std::vector<Door> in;  ///< one a feed
  Door out;
};

/// How much room lines have; place() is tried with more when they find no way.
struct Room {
  int column_gap = 5;
  int row_gap = 2;
  int layer_gap = 5;
  int bus_pitch = 3;
  int margin = 5;
};

struct Layout {
  std::vector<Place> parts;
  int left = 0, right = 0, top = 0, bottom = 0;  ///< the frame
};

inline constexpr double kLayerFont = 17;
inline constexpr double kOpFont = 17;    ///< + and ×
inline constexpr double kWordFont = 13;  ///< tanh
inline constexpr double kNameFont = 15;

/// Whether an operation's label is one sign, so that a circle holds it.
bool is_sign(const Part& part);
/// Half of what a shape measures, in pixels.
double shape_half_width(const Part& part);
double shape_half_height(const Part& part, const Place& place);

Layout place(const Scheme& scheme, const Grid& grid, const Room& room);

/// Which sides lines use. Called by place().
void assign_doors(const Scheme& scheme, const Grid& grid, Layout& layout);

}  // namespace cellwright::draw
