// units.cpp: start at examine_units() at the end.
#include "explain/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/rng.h"
#include "cellwright/error.h"
#include "explain/text_features.h"

namespace cellwright {
namespace {

constexpr int kBins = 8;
constexpr int kLeastLabels = 20;  // tokens with a feature, and without it
constexpr double kLeastShare =
    0.2;  // of a feature's entropy: below that a unit does not track it, whatever the statistics say

struct UnitBins {
  int layer = 0;
  std::string state;
  int unit = 0;
  std::vector<unsigned char> bins;
};

std::vector<std::string> state_lines(const Graph& graph) {
  std::vector<std::string> names;
  for (const State& s : graph.states) {
    if (!s.delay && std::find(names.begin(), names.end(), s.name) == names.end()) names.push_back(s.name);
  }
  return names;
}

/// The units of the states of every layer.
std::vector<UnitBins> states_of(Model<float>& model, const std::vector<std::int32_t>& tokens) {
  const Wiring& wiring = model.inside().stack.wiring();
  TraceOptions options;
  for (const Track& track : wiring.tracks) {
    for (const std::string& name : state_lines(track.graph)) {
      if (std::find(options.lines.begin(), options.lines.end(), name) == options.lines.end())
        options.lines.push_back(name);
    }
  }
  std::vector<UnitBins> units;
  if (options.lines.empty()) return units;
  const Trace<float> t = trace(model, tokens.data(), static_cast<int>(tokens.size()), 1, options);
  for (const TracedLine<float>& line : t.lines) {
    const std::vector<std::string> own =
        state_lines(wiring.tracks[static_cast<std::size_t>(line.layer)].graph);
    if (std::find(own.begin(), own.end(), line.line) == own.end()) continue;
    for (int k = 0; k < line.size; ++k)
      units.push_back(
          {line.layer, line.line, k,
           quantile_bins(line.values.data() + k, tokens.size(), static_cast<std::size_t>(line.size), kBins)});
  }
  return units;
}

/// Per unit: its information about the feature, shifted by `shift`.
std::vector<double> informations(const std::vector<UnitBins>& units, const TextFeature& f, std::size_t shift,
                                 ThreadPool& pool) {
  std::vector<double> all(units.size());
  pool.run([&](int thread) {
    for (std::size_t u = static_cast<std::size_t>(thread); u < units.size();
         u += static_cast<std::size_t>(pool.size()))
      all[u] = mutual_information(units[u].bins.data(), kBins, f.labels, f.count, shift);
  });
  return all;
}

double largest(const std::vector<double>& v) { return v.empty() ? 0 : *std::max_element(v.begin(), v.end()); }

void search(Model<float>& model, const std::vector<std::int32_t>& tokens,
            const std::vector<std::string>& pieces, const UnitOptions& o, UnitReport& report) {
  const std::vector<TextFeature> features = text_features(pieces, o.strings, kLeastLabels);
  const std::vector<UnitBins> units = states_of(model, tokens);
  if (features.empty() || units.empty()) return;
  ThreadPool& pool = model.engine().pool;

  std::vector<double> untrained(features.size(), 0.0);
  for (int i = 0; i < o.untrained; ++i) {
    Model<float> other(model.spec(), model.engine());
    other.initialise(o.seed + 1000003u * static_cast<std::uint64_t>(i + 1));
    const std::vector<UnitBins> theirs = states_of(other, tokens);
    for (std::size_t f = 0; f < features.size(); ++f)
      untrained[f] = std::max(untrained[f], largest(informations(theirs, features[f], 0, pool)));
  }

  const Random random(o.seed, hash_name("explain.shifts"));
  const std::size_t n = tokens.size(), nearest = std::max<std::size_t>(n / 20, 16);
  std::vector<std::vector<double>> own, chance;  // per feature: per unit; per shift, of the best unit
  std::vector<double> best_p;
  for (std::size_t f = 0; f < features.size(); ++f) {
    own.push_back(informations(units, features[f], 0, pool));
    chance.emplace_back();
    // Enough that a lone discovery among all features can reach its threshold.
    const int least = static_cast<int>(std::ceil(static_cast<double>(features.size()) / o.discovery_rate));
    for (int i = 0; i < std::max(o.permutations, least); ++i) {
      const std::size_t shift =
          nearest + random.below(n - 2 * nearest, static_cast<std::uint64_t>(i) + (std::uint64_t{f} << 32));
      chance[f].push_back(largest(informations(units, features[f], shift, pool)));
    }
  }
  const auto p_of = [&](std::size_t f, double information) {
    const auto above =
        std::count_if(chance[f].begin(), chance[f].end(), [&](double c) { return c >= information; });
    return (1.0 + static_cast<double>(above)) / (1.0 + static_cast<double>(chance[f].size()));
  };
  for (std::size_t f = 0; f < features.size(); ++f) best_p.push_back(p_of(f, largest(own[f])));
  const std::vector<bool> discovered = benjamini_hochberg(best_p, o.discovery_rate);
  double threshold = 0;  // the largest p that was taken for a discovery
  for (std::size_t f = 0; f < features.size(); ++f) {
    if (discovered[f]) threshold = std::max(threshold, best_p[f]);
  }

  for (std::size_t f = 0; f < features.size(); ++f) {
    const double whole = entropy(features[f].labels, features[f].count);
    SearchedFeature result{features[f].name,     largest(own[f]) / whole, best_p[f],
                           untrained[f] / whole, !discovered[f],          0};
    // Three times what the untrained have, or half way from there to all there is to know.
    const double reference = result.untrained;
    const double least = std::max(kLeastShare, std::min(3 * reference, (1 + reference) / 2));
    for (std::size_t u = 0; u < units.size() && discovered[f]; ++u) {
      const double share = own[f][u] / whole, p = p_of(f, own[f][u]);
      if (share < least || p > threshold) continue;
      ++result.found;
      report.trackers.push_back({units[u].layer, units[u].state, units[u].unit, features[f].name,
                                 own[f][u] / std::log(2.0), share, p, reference});
    }
    report.features.push_back(std::move(result));
  }
  std::stable_sort(report.trackers.begin(), report.trackers.end(),
                   [](const Tracker& a, const Tracker& b) { return a.share > b.share; });
}

double value_at(const TracedLine<float>& line, int step, int k) {
  return static_cast<double>(
      line.values[static_cast<std::size_t>(step) * static_cast<std::size_t>(line.size) +
                  static_cast<std::size_t>(k)]);
}

}  // namespace

std::vector<GateStatistics> gate_statistics(const Trace<float>& t) {
  std::vector<GateStatistics> gates;
  for (const TracedLine<float>& line : t.lines) {
    if (line.op != Op::kSigmoid && line.op != Op::kHardSigmoid && line.op != Op::kHardSigmoidKeras) continue;
    GateStatistics g{line.layer, line.line, {}, {}, {}};
    for (int k = 0; k < line.size; ++k) {
      double sum = 0, shut = 0, open = 0;
      for (int s = 0; s < t.steps; ++s) {
        sum += value_at(line, s, k);
        shut += value_at(line, s, k) < 0.1;
        open += value_at(line, s, k) > 0.9;
      }
      g.mean.push_back(sum / t.steps);
      g.shut.push_back(shut / t.steps);
      g.open.push_back(open / t.steps);
    }
    gates.push_back(std::move(g));
  }
  return gates;
}

std::vector<BeltStatistics> belt_statistics(const Trace<float>& t) {
  std::vector<BeltStatistics> belts;
  for (const TracedBelt& belt : t.belts) {
    const TracedLine<float>& c = t.lines[static_cast<std::size_t>(belt.coefficient)];
    BeltStatistics b{belt.layer, belt.state, c.line, {}, {}};
    for (int k = 0; k < c.size; ++k) {
      double sum = 0;
      for (int s = 0; s < t.steps; ++s) sum += value_at(c, s, k);
      const double mean = sum / t.steps;
      b.mean.push_back(mean);
      b.horizon.push_back(mean >= 1   ? std::numeric_limits<double>::infinity()
                          : mean <= 0 ? 0
                                      : -1 / std::log(mean));
    }
    belts.push_back(std::move(b));
  }
  return belts;
}

std::vector<bool> benjamini_hochberg(const std::vector<double>& p, double rate) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::size_t count = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (p[order[i]] <= rate * static_cast<double>(i + 1) / static_cast<double>(p.size())) count = i + 1;
  }
  std::vector<bool> rejected(p.size(), false);
  for (std::size_t i = 0; i < count; ++i) rejected[order[i]] = true;
  return rejected;
}

UnitReport examine_units(Model<float>& model, const std::vector<std::int32_t>& tokens,
                         const std::vector<std::string>& pieces, const UnitOptions& o) {
  if (tokens.size() < kLeastTokens || tokens.size() != pieces.size())
    throw SpecError(fmt::format("{} tokens are too few to tell tracking from chance; at least {}",
                                tokens.size(), kLeastTokens));
  if (o.permutations < 19 || o.untrained < 1 || !(o.discovery_rate > 0 && o.discovery_rate < 1))
    throw SpecError(
        "a search needs at least 19 permutations, 1 untrained network, and a false discovery rate between 0 "
        "and 1");
  UnitReport report;
  TraceOptions all;
  all.belts = true;
  const Trace<float> seen = trace(model, tokens.data(), static_cast<int>(tokens.size()), 1, all);
  report.gates = gate_statistics(seen);
  report.belts = belt_statistics(seen);
  search(model, tokens, pieces, o, report);
  return report;
}

}  // namespace cellwright
