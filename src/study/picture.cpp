#include "study/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cellwright/error.h"

namespace cellwright::study {
namespace {

/// What lies above would flatten all others: ten times the middle one of the means.
double most_shown(const std::vector<Summary>& summaries) {
  std::vector<double> means;
  for (const Summary& s : summaries) {
    if (s.test.count > 0) means.push_back(s.test.mean);
  }
  if (means.empty()) return 0;
  std::sort(means.begin(), means.end());
  const double middle = means[(means.size() - 1) / 2];
  return middle > 0 ? 10 * middle : means.back();
}

}  // namespace

draw::Plot results_plot(const StudyTask& task, const CompareOptions& options,
                        const std::vector<Summary>& summaries, const std::string& title) {
  draw::Plot plot;
  plot.kind = draw::PlotKind::kBar;
  plot.title = title.empty() ? "Does the variant matter?" : title;
  plot.y.label = task.metric() + ", test";
  draw::Series series;
  series.name = fmt::format("mean of {} seeds, {:g} % confidence", options.seeds, 100 * options.confidence);
  const double limit = most_shown(summaries);
  std::string beyond;
  double least = 0, most = 0;
  for (const Summary& s : summaries) {
    if (s.trials >= options.trials && s.learning_rate == 0)
      beyond += fmt::format("; {} diverges at every rate", s.candidate->name);
    if (s.test.count == 0 && s.diverged == 0) continue;
    if (s.diverged > 0) {
      beyond += fmt::format("; {} diverges ({} of {})", s.candidate->name, s.diverged, s.finals);
      continue;
    }
    if (s.test.mean > limit) {
      beyond += fmt::format("; {} at {:.3g} is not shown", s.candidate->name, s.test.mean);
      continue;
    }
    const bool interval = std::isfinite(s.test.half_width);
    const double low = s.test.mean - (interval ? s.test.half_width : 0);
    const double high = s.test.mean + (interval ? s.test.half_width : 0);
    least = plot.categories.empty() ? low : std::min(least, low);
    most = plot.categories.empty() ? high : std::max(most, high);
    plot.categories.push_back(s.candidate->name);
    series.y.push_back(s.test.mean);
    series.low.push_back(low);
    series.high.push_back(high);
  }
  if (plot.categories.empty())
    throw SpecError("no candidate has a figure yet, or all diverge: there is nothing to draw");
  plot.series.push_back(std::move(series));
  if (summaries[0].test.count > 0 && summaries[0].diverged == 0)
    plot.marks.push_back({false, summaries[0].test.mean, summaries[0].candidate->name});
  // Differences of a few hundredths would vanish on an axis from 0.
  const double margin = 0.25 * std::max(most - least, 1e-3 * std::abs(most));
  if (least - margin > 0.5 * most) {
    plot.y.min = least - margin;
    plot.y.label += "; the axis does not begin at 0";
  }
  plot.y.label += beyond;
  return plot;
}

draw::Plot rates_plot(const StudyTask& task, const std::vector<Candidate>& candidates,
                      const std::vector<StudyRun>& runs) {
  draw::Plot plot;
  plot.title = "What each learning rate reaches";
  plot.x.label = "learning rate";
  plot.x.log = true;
  plot.y.label = task.valid_metric() + ", validation";
  for (const Candidate& c : candidates) {
    std::vector<std::pair<double, double>> points;
    for (const StudyRun& run : runs) {
      if (run.candidate == c.name && !run.final && std::isfinite(run.result.valid))
        points.emplace_back(run.learning_rate, run.result.valid);
    }
    if (points.empty()) continue;
    std::sort(points.begin(), points.end());
    draw::Series series;
    series.name = c.name;
    for (const auto& [x, y] : points) {
      series.x.push_back(x);
      series.y.push_back(y);
    }
    plot.series.push_back(std::move(series));
  }
  if (plot.series.empty()) throw SpecError("no trial has a figure yet: there is nothing to draw");
  return plot;
}

}  // namespace cellwright::study
