#include "compare_table.h"

#include <fmt/format.h>

#include <cmath>

#include "numbers.h"
#include "table.h"

namespace cellwright::app {
namespace {

std::string with_interval(const study::Estimate& e, bool sign = false) {
  if (e.count == 0) return "–";
  const std::string mean = sign ? fmt::format("{:+.4f}", e.mean) : fmt::format("{:.4f}", e.mean);
  return std::isfinite(e.half_width) ? fmt::format("{} ± {:.4f}", mean, e.half_width) : mean;
}

std::vector<std::string> row_of(const study::Summary& s) {
  const bool tested = s.against.difference.count > 0;
  std::string verdict = verdict_word(s.verdict);
  if (s.verdict == study::Verdict::kDiverged) verdict += fmt::format(" ({} of {})", s.diverged, s.finals);
  return {s.candidate->name,
          fmt::format("{}", s.candidate->layer.units),
          grouped(s.parameters),
          s.learning_rate > 0 ? fmt::format("{:.2g}", s.learning_rate) : "–",
          with_interval(s.test),
          tested ? with_interval(s.against.difference, true) : "–",
          tested ? (s.adjusted_p < 1e-4 ? "< 0.0001" : fmt::format("{:.4f}", s.adjusted_p)) : "–",
          verdict,
          fmt::format("{:.3g} s", s.seconds)};
}

std::string markdown_row(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

}  // namespace

std::string compare_table(const study::StudyTask& task, const study::CompareOptions& options,
                          const std::vector<study::Summary>& summaries, bool markdown) {
  const std::string reference = summaries.at(0).candidate->name;
  const std::vector<std::string> head = {
      "cell", "units", "parameters", "rate", task.metric(), "against " + reference, "p", "verdict", "time"};
  std::string text;
  if (markdown) {
    text = markdown_row(head) + "|---|---|---|---|---|---|---|---|---|\n";
    for (const study::Summary& s : summaries) text += markdown_row(row_of(s));
  } else {
    Table table("lrrrrrrlr");
    table.row(head);
    for (const study::Summary& s : summaries) table.row(row_of(s));
    text = table.text();
  }
  return text + fmt::format(
                    "\ntest part, mean over {} seeds ± half of the {:g} % confidence interval; p of the "
                    "paired t-test against "
                    "{}, corrected by Holm\nfor {} comparison{}; less is better\n",
                    options.seeds, 100 * options.confidence, reference, summaries.size() - 1,
                    summaries.size() == 2 ? "" : "s");
}

}  // namespace cellwright::app
