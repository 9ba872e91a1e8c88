// gradient_picture.cpp: see gradient_picture.h.
#include "gradient_picture.h"

#include <algorithm>

#include "draw/plot.h"

namespace cellwright::app {

std::string gradient_picture(const std::vector<MeasuredGradients>& results) {
  draw::Plot plot;
  plot.title = "How far back a loss is felt";
  plot.x.label = "lag in steps";
  plot.y.label = "norm of the gradient";
  plot.y.log = true;
  const auto add = [&](const std::string& name, const std::vector<double>& values) {
    draw::Series series;
    series.name = name;
    for (std::size_t lag = 0; lag < values.size(); ++lag) {
      series.x.push_back(static_cast<double>(lag));
      series.y.push_back(values[lag] > 1e-30 ? draw::Value(values[lag]) : draw::kMissing);
    }
    plot.series.push_back(std::move(series));
  };
  for (const MeasuredGradients& result : results) {
    const auto& curves = result.flow.curves;
    if (results.size() == 1) {
      for (const GradientCurve& c : curves) {
        add(c.name, mean_by_lag(c.total));
        if (c.belt) add(c.name + " by " + c.coefficient, mean_by_lag(c.through_belt));
      }
      continue;
    }
    const auto belt =
        std::find_if(curves.begin(), curves.end(), [](const GradientCurve& c) { return c.belt; });
    const GradientCurve& c = belt == curves.end() ? curves.front() : *belt;
    add(result.name + ": " + c.state, mean_by_lag(c.total));
  }
  return draw::plot_svg(plot);
}

}  // namespace cellwright::app
