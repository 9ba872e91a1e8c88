// gradient_section.cpp: start at gradient_section() at the end.
#include "report/gradient_section.h"

#include <algorithm>
#include <cmath>

#include "draw/plot_area.h"
#include "explain/gradient_flow.h"

namespace cellwright {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDecades = 8;              // at most, from the largest norm down
constexpr std::size_t kMostCurves = 24;  // of the means, in one picture

struct Decades {
  int low = 0, high = 0;  // equal: there is no number to show
};

Decades decades_of(const GradientFlow& flow) {
  double least = HUGE_VAL, most = 0;
  for (const GradientCurve& c : flow.curves) {
    for (const auto* norms : {&c.total, &c.through_belt}) {
      for (double v : mean_by_lag(*norms)) {
        if (!(v > 0) || !std::isfinite(v)) continue;
        least = std::min(least, v);
        most = std::max(most, v);
      }
    }
  }
  if (!(most > 0)) return {};
  Decades d;
  d.high = static_cast<int>(std::ceil(std::log10(most) + 0.3));  // single steps lie above their mean
  d.low = std::max(static_cast<int>(std::floor(std::log10(least))), d.high - kDecades);
  return d;
}

std::vector<std::uint8_t> as_bytes(const std::vector<std::vector<double>>& norms, int lags, Decades d) {
  std::vector<std::uint8_t> out;
  for (const auto& of_step : norms) {
    for (int lag = 0; lag <= lags; ++lag) {
      const double v =
          static_cast<std::size_t>(lag) < of_step.size() ? of_step[static_cast<std::size_t>(lag)] : 0;
      const double share = v > 0 ? (std::log10(v) - d.low) / (d.high - d.low) : -1;
      out.push_back(!(share >= 0) ? 0
                                  : static_cast<std::uint8_t>(1 + std::lround(254 * std::min(share, 1.0))));
    }
  }
  return out;
}

struct Words {
  const char *language, *x, *y, *alone;
  bool right_to_left;
};
constexpr Words kWords[] = {
    {"en", "lag in steps", "norm of the gradient, mean over the text", " along the belt", false},
    {"ar", "عدد الخطوات إلى الوراء", "معيار التدرّج، متوسطًا على النص", " على الحزام وحده", true}};

draw::Plot mean_plot(const GradientFlow& flow, const Words& words, int lags, Decades d) {
  draw::Plot plot;
  plot.language = words.language;
  plot.rtl = words.right_to_left;
  plot.x.label = words.x;
  plot.x.min = 0;
  plot.x.max = std::max(lags, 1);
  plot.y.label = words.y;
  plot.y.log = true;
  plot.y.min = std::pow(10.0, d.low);
  plot.y.max = std::pow(10.0, d.high);
  const bool many =
      std::any_of(flow.curves.begin(), flow.curves.end(), [](const GradientCurve& c) { return c.layer > 0; });
  const auto add = [&](const std::string& name, const std::vector<double>& values) {
    draw::Series series;
    series.name = name;
    for (std::size_t lag = 0; lag < values.size(); ++lag) {
      const bool shown = values[lag] >= *plot.y.min && values[lag] <= *plot.y.max;
      series.x.push_back(static_cast<double>(lag));
      series.y.push_back(shown ? draw::Value(values[lag]) : draw::kMissing);
    }
    plot.series.push_back(std::move(series));
  };
  for (const GradientCurve& c : flow.curves) {
    if (plot.series.size() + 2 > kMostCurves) break;
    const std::string name = "∂L/∂" + (many ? c.name : c.state);
    add(name, mean_by_lag(c.total));
    if (c.belt) add(name + words.alone, mean_by_lag(c.through_belt));
  }
  return plot;
}

}  // namespace

nlohmann::ordered_json gradient_section(Model<float>& model, const std::vector<std::int32_t>& tokens,
                                        int lags, Packed& packed) {
  const int steps = static_cast<int>(tokens.size());
  const Wiring& wiring = model.inside().stack.wiring();
  const bool has_state = std::any_of(wiring.tracks.begin(), wiring.tracks.end(),
                                     [](const Track& t) { return !t.graph.states.empty(); });
  if (steps < 2 || !has_state) return nullptr;
  GradientOptions options;
  options.lags = std::min(lags, steps - 2);
  for (int t = 0; t + 1 < steps; ++t) options.at.push_back(t);
  const GradientFlow flow = gradient_flow(model, tokens.data(), steps, options);
  const Decades d = decades_of(flow);
  if (d.high == d.low) return nullptr;
  Json j = {{"lags", options.lags}, {"low", d.low}, {"high", d.high}, {"curves", Json::array()}};
  for (const GradientCurve& c : flow.curves) {
    Json curve = {
        {"layer", c.layer}, {"state", c.state}, {"total", packed.bytes(as_bytes(c.total, options.lags, d))}};
    if (c.belt) {
      curve["along"] = packed.bytes(as_bytes(c.through_belt, options.lags, d));
      curve["coefficient"] = c.coefficient;
    }
    j["curves"].push_back(std::move(curve));
  }
  for (const Words& words : kWords) {
    draw::Plot plot = mean_plot(flow, words, options.lags, d);
    draw::PlotArea area;
    for (const char* theme : {"light", "dark"}) {
      plot.theme = theme;
      j["pictures"][words.language][theme] = draw::plot_svg(plot, area);
    }
    j["areas"][words.language] = {
        {"left", area.left}, {"top", area.top}, {"right", area.right}, {"bottom", area.bottom}};
  }
  return j;
}

}  // namespace cellwright
