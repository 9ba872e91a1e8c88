// subject_gate.cpp: see subject_gate.h.
#include "lab/subject_gate.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "explain/trace.h"

namespace cellwright::lab {
namespace {

constexpr int kShuffles = 200;

/// Means per unit over the lanes of one half (lane % 2 == half) at the marks, and at all other steps.
struct Means {
  std::vector<double> at_marks, elsewhere;
};

Means means(const Gate& g, const std::vector<std::vector<int>>& marks, int half) {
  const auto units = static_cast<std::size_t>(g.units), lanes = static_cast<std::size_t>(g.lanes);
  Means m{std::vector<double>(units), std::vector<double>(units)};
  double marked = 0, others = 0;
  for (std::size_t b = static_cast<std::size_t>(half); b < lanes; b += 2) {
    for (int t = 0; t < g.lengths[b]; ++t) {
      const bool is_mark = std::find(marks[b].begin(), marks[b].end(), t) != marks[b].end();
      (is_mark ? marked : others) += 1;
      std::vector<double>& sum = is_mark ? m.at_marks : m.elsewhere;
      const float* row = g.values + (static_cast<std::size_t>(t) * lanes + b) * units;
      for (std::size_t k = 0; k < units; ++k) sum[k] += static_cast<double>(row[k]);
    }
  }
  for (std::size_t k = 0; k < units; ++k) {
    m.at_marks[k] /= std::max(marked, 1.0);
    m.elsewhere[k] /= std::max(others, 1.0);
  }
  return m;
}

/// As many marks in each lane, at different steps of it.
std::vector<std::vector<int>> shuffled(const Gate& g, const std::vector<std::vector<int>>& marks,
                                       RandomDraw& draw) {
  std::vector<std::vector<int>> all(marks.size());
  for (std::size_t b = 0; b < marks.size(); ++b) {
    while (all[b].size() < std::min(marks[b].size(), static_cast<std::size_t>(g.lengths[b]))) {
      const int t = draw.below(g.lengths[b]);
      if (std::find(all[b].begin(), all[b].end(), t) == all[b].end()) all[b].push_back(t);
    }
  }
  return all;
}

}  // namespace

GateFall largest_fall(const Gate& gate, const std::vector<std::vector<int>>& marks) {
  const Means chosen = means(gate, marks, 0), measured = means(gate, marks, 1);
  GateFall fall;
  double least = 0;
  for (int k = 0; k < gate.units; ++k) {
    const auto i = static_cast<std::size_t>(k);
    const double change = chosen.at_marks[i] - chosen.elsewhere[i];
    if (k > 0 && change >= least) continue;
    least = change;
    fall = {k, measured.at_marks[i], measured.elsewhere[i]};
  }
  return fall;
}

nlohmann::ordered_json subject_gates(Model<float>& model, const std::vector<Sample>& samples,
                                     std::uint64_t seed) {
  const Batch batch = make_batch(samples);
  TraceOptions options;
  options.belts = options.only_belts = true;
  const Trace<float> trace = cellwright::trace(model, batch.inputs.data(), batch.steps, batch.lanes, options);
  std::vector<std::vector<int>> marks;
  Gate gate;
  gate.lanes = batch.lanes;
  for (const Sample& s : samples) {
    marks.push_back(s.marks);
    gate.lengths.push_back(static_cast<int>(s.tokens.size()));
  }
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const TracedBelt& belt : trace.belts) {
    const TracedLine<float>& line = trace.lines[static_cast<std::size_t>(belt.coefficient)];
    gate.values = line.values.data();
    gate.units = line.size;
    const GateFall fall = largest_fall(gate, marks);
    const Random random(seed, hash_name("lab.subject-gate.shuffle"));
    double sum = 0, lowest = 0;
    int as_much = 0;
    for (int i = 0; i < kShuffles; ++i) {
      RandomDraw draw(random, static_cast<std::uint64_t>(i));
      const double change = largest_fall(gate, shuffled(gate, marks, draw)).change();
      sum += change;
      lowest = i == 0 ? change : std::min(lowest, change);
      as_much += change <= fall.change() ? 1 : 0;
    }
    all.push_back({{"layer", belt.layer},
                   {"state", belt.state},
                   {"gate", line.line},
                   {"unit", fall.unit},
                   {"at_new", fall.at_marks},
                   {"elsewhere", fall.elsewhere},
                   {"change", fall.change()},
                   {"control", {{"mean", sum / kShuffles}, {"lowest", lowest}, {"shuffles", kShuffles}}},
                   {"p", (1.0 + as_much) / (1.0 + kShuffles)}});
  }
  if (all.empty()) return nullptr;
  return all;
}

}  // namespace cellwright::lab
