// plot_area.h: where a plot's rectangle lies in its picture, so that a page can lay something over it.
#pragma once

#include <string>

#include "draw/plot.h"

namespace cellwright::draw {

/// Between the axes, in pixels of the picture; of a mirrored plot as it is seen.
struct PlotArea {
  double left = 0, top = 0, right = 0, bottom = 0;
};

/// As plot_svg() of plot.h.
std::string plot_svg(const Plot& plot, PlotArea& area);

}  // namespace cellwright::draw
