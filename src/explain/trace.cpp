// trace.cpp: window by window through the model; what the layers kept is copied out. Start at trace().
#include "explain/trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "cellwright/error.h"
#include "explain/watch.h"

namespace cellwright {
namespace {

bool has_line(const Graph& graph, const std::string& line) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(),
                     [&](const Node& n) { return n.name == line && n.op != Op::kPrevious; }) ||
         std::any_of(graph.inputs.begin(), graph.inputs.end(),
                     [&](const Port& p) { return p.name == line && p.size > 0; });
}

std::vector<Observation> observations(const Wiring& wiring, const TraceOptions& options) {
  const int layers = static_cast<int>(wiring.spec.layers.size());
  for (int l : options.layers) {
    if (l < 0 || l >= layers)
      throw SpecError(fmt::format("there is no layer {}; the model has layers 0 … {}", l, layers - 1));
  }
  std::vector<Observation> all(wiring.tracks.size());
  int first = -1;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::vector<int>& chosen = options.layers;
    if (!chosen.empty() && std::find(chosen.begin(), chosen.end(), wiring.tracks[i].layer) == chosen.end())
      continue;
    if (first < 0) first = static_cast<int>(i);
    all[i].belts = options.belts;
    all[i].all_lines = options.lines.empty() && !options.only_belts;
  }
  for (const std::string& line : options.lines) {
    bool found = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::vector<int>& chosen = options.layers;
      if (!chosen.empty() && std::find(chosen.begin(), chosen.end(), wiring.tracks[i].layer) == chosen.end())
        continue;
      if (!has_line(wiring.tracks[i].graph, line)) continue;
      all[i].lines.push_back(line);
      found = true;
    }
    if (!found) all[static_cast<std::size_t>(first)].lines.push_back(line);  // which says what there is
  }
  return all;
}

}  // namespace

template <class T>
const TracedLine<T>* Trace<T>::find(int layer, const std::string& line) const {
  for (const TracedLine<T>& l : lines) {
    if (l.layer == layer && l.line == line) return &l;
  }
  return nullptr;
}

template <class T>
Trace<T> trace(Model<T>& model, const std::int32_t* tokens, int steps, int lanes,
               const TraceOptions& options) {
  const Wiring& wiring = model.inside().stack.wiring();
  const std::vector<Observation> wanted = observations(wiring, options);
  Watch<T> watch(model, wanted);
  Trace<T> result;
  result.steps = steps;
  result.lanes = lanes;
  std::vector<std::pair<int, int>> sources;  // per line: track, index of what it keeps
  const std::size_t rows = static_cast<std::size_t>(steps) * static_cast<std::size_t>(lanes);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!wanted[i].any()) continue;
    const Track& track = wiring.tracks[i];
    const Plan& plan = watch.plan(static_cast<int>(i), false);
    const int base = static_cast<int>(result.lines.size());
    for (std::size_t k = 0; k < plan.observed.size(); ++k) {
      const Observed& o = plan.observed[k];
      result.lines.push_back({track.layer, track.name + "." + o.name, o.name, o.op, o.size, o.node, {}});
      result.lines.back().values.resize(rows * static_cast<std::size_t>(o.size));
      sources.emplace_back(static_cast<int>(i), static_cast<int>(k));
    }
    for (const Belt& b : plan.belts) {
      TracedBelt belt{track.layer,          plan.graph.states[static_cast<std::size_t>(b.state)].name,
                      base + b.old,         base + b.next,
                      base + b.coefficient, {}};
      for (int term : b.terms) belt.terms.push_back(base + term);
      result.belts.push_back(std::move(belt));
    }
  }
  ModelState<T> state = model.make_state(lanes);
  const int window = std::max(options.window, 1);
  for (int first = 0; first < steps; first += window) {
    const int count = std::min(window, steps - first);
    const std::size_t at = static_cast<std::size_t>(first) * static_cast<std::size_t>(lanes);
    watch.forward(false, tokens + at, count, state);
    for (std::size_t l = 0; l < result.lines.size(); ++l) {
      const auto size = static_cast<std::size_t>(result.lines[l].size);
      std::copy_n(watch.stack().track(sources[l].first).observed(sources[l].second),
                  static_cast<std::size_t>(count) * static_cast<std::size_t>(lanes) * size,
                  result.lines[l].values.data() + at * size);
    }
  }
  return result;
}

template struct Trace<float>;
template struct Trace<double>;
template Trace<float> trace(Model<float>&, const std::int32_t*, int, int, const TraceOptions&);
template Trace<double> trace(Model<double>&, const std::int32_t*, int, int, const TraceOptions&);

}  // namespace cellwright
