#include "confusion_picture.h"

#include "draw/plot.h"

namespace cellwright::app {

std::string confusion_svg(const Confusion& confusion, const std::string& title) {
  draw::Plot plot;
  plot.kind = draw::PlotKind::kHeat;
  plot.title = title;
  plot.x.label = "taken for";
  plot.y.label = "class";
  plot.heat.rows = plot.heat.columns = confusion.classes();
  plot.heat.scale.label = "part of the class";
  plot.heat.scale.min = 0;
  plot.heat.scale.max = 1;
  const int n = static_cast<int>(confusion.classes().size());
  for (int t = 0; t < n; ++t) {
    std::vector<draw::Value> row;
    for (int g = 0; g < n; ++g) {
      const auto members = confusion.members(t);
      row.push_back(
          members > 0 ? draw::Value(static_cast<double>(confusion.count(t, g)) / static_cast<double>(members))
                      : draw::Value(draw::kMissing));
    }
    plot.heat.values.push_back(std::move(row));
  }
  return draw::plot_svg(plot);
}

}  // namespace cellwright::app
