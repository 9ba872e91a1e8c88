// legend.h: the row below a diagram that says what its shapes mean; only those that occur in it.
#pragma once

#include <string>
#include <vector>

#include "draw/diagram.h"
#include "draw/svg.h"

namespace cellwright::draw {

struct Legend {
  struct Entry {
    std::string what;  ///< "layer", "op", "vector", "port", "line", "join", "fork", "crossing", "peephole"
    std::string text;
    double x = 0;
    double y = 0;
  };
  std::vector<Entry> entries;
  double width = 0;  ///< of its entries; may be more than the picture's
  double height = 0;
};

/// In as many columns as `width` pixels hold, at least one; nothing for a width of 0.
Legend make_legend(const Diagram& diagram, double width);
/// `width`: of the whole picture, `top`: where the legend begins.
void write_legend(Svg& svg, const Legend& legend, double width, double top, bool right_to_left);

/// The ports of a copy that is `offset` steps away: x_t becomes x_t+1, C_t−1 becomes C_t.
void relabel(Diagram& diagram, int offset);

}  // namespace cellwright::draw
