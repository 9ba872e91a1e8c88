// doctor.cpp: one examination after the other. Start at examine() at the end; logs are read in
// doctor_log.cpp.
#include "explain/doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cellwright/error.h"

namespace cellwright {
namespace {

constexpr double kSaturated = 0.05;  // a gate below this, or above 1 minus it, hardly learns: σ' < 0.05
constexpr double kMostly = 0.8;      // share of steps and units above which a gate is called so
constexpr double kStill = 1e-4;      // a unit that moves less over the whole text is dead

bool is_gate(Op op) { return op == Op::kSigmoid || op == Op::kHardSigmoid || op == Op::kHardSigmoidKeras; }

void find_damaged_parameters(const Model<float>& model, Examination& e) {
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    const std::vector<float> values = model.get(i);
    const auto bad = std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
    if (bad == values.end()) continue;
    const TensorInfo& info = model.tensors()[i];
    const auto count = std::count_if(bad, values.end(), [](float v) { return !std::isfinite(v); });
    Diagnosis d{
        Diagnosis::Kind::kNotFinite,
        fmt::format("the parameter {} holds {} number{} that {} not finite, the first at {}; take an earlier "
                    "checkpoint",
                    info.name, count, count == 1 ? "" : "s", count == 1 ? "is" : "are", bad - values.begin()),
        info.name};
    e.found.push_back(std::move(d));
  }
}

void find_saturated(const Trace<float>& trace, Examination& e) {
  for (const TracedLine<float>& line : trace.lines) {
    if (!is_gate(line.op) || line.values.empty()) continue;
    std::size_t shut = 0, open = 0;
    for (float v : line.values) {
      shut += v < kSaturated;
      open += v > 1 - kSaturated;
    }
    const double n = static_cast<double>(line.values.size());
    if (static_cast<double>(shut + open) < kMostly * n) continue;
    Diagnosis d{Diagnosis::Kind::kSaturated,
                fmt::format("the gate {} is saturated: {:.0f} % of its values lie below {}, {:.0f} % above "
                            "{}; its weights are too large or "
                            "its bias too far from 0 (a lower --lr, or --clip)",
                            line.name, 100.0 * static_cast<double>(shut) / n, kSaturated,
                            100.0 * static_cast<double>(open) / n, 1 - kSaturated),
                line.name};
    d.layer = line.layer;
    e.found.push_back(std::move(d));
  }
}

void find_dead(const Trace<float>& trace, const Wiring& wiring, Examination& e) {
  for (const Track& track : wiring.tracks) {
    for (const Port& port : track.graph.outputs) {
      const TracedLine<float>* line = trace.find(track.layer, port.name);
      if (line == nullptr || trace.steps < 2) continue;
      std::vector<int> dead;
      for (int k = 0; k < line->size; ++k) {
        float low = line->values[static_cast<std::size_t>(k)], high = low;
        for (std::size_t i = static_cast<std::size_t>(k); i < line->values.size();
             i += static_cast<std::size_t>(line->size)) {
          low = std::min(low, line->values[i]);
          high = std::max(high, line->values[i]);
        }
        if (high - low < kStill) dead.push_back(k);
      }
      if (dead.empty()) continue;
      std::string names;
      for (std::size_t i = 0; i < dead.size() && i < 8; ++i)
        names += fmt::format("{}{}", i > 0 ? ", " : "", dead[i]);
      Diagnosis d{
          Diagnosis::Kind::kDead,
          fmt::format("{} of {} units of {} are dead: they stay within {} over the whole text ({}{})",
                      dead.size(), line->size, line->name, kStill, names, dead.size() > 8 ? ", …" : ""),
          line->name};
      d.layer = track.layer;
      d.unit = dead[0];
      e.found.push_back(std::move(d));
    }
  }
}

void measure_norms(Model<float>& model, const std::int32_t* tokens, int steps, int lanes, int window,
                   Examination& e) {
  std::vector<double> norms;
  ModelState<float> state = model.make_state(lanes);
  for (int first = 0; first + 1 < steps; first += window) {
    const int count = std::min(window, steps - 1 - first);
    const std::int32_t* at = tokens + static_cast<std::size_t>(first) * static_cast<std::size_t>(lanes);
    model.train_window({count, lanes, at, at + lanes, 0}, state);
    double sum = 0;
    for (std::size_t i = 0; i < model.size(); ++i)
      sum += static_cast<double>(model.gradients()[i]) * static_cast<double>(model.gradients()[i]);
    norms.push_back(std::sqrt(sum));
  }
  judge_norms(std::move(norms), e);
}

}  // namespace

const char* kind_name(Diagnosis::Kind kind) {
  switch (kind) {
    case Diagnosis::Kind::kNotFinite:
      return "not finite";
    case Diagnosis::Kind::kExploding:
      return "exploding";
    case Diagnosis::Kind::kVanishing:
      return "vanishing";
    case Diagnosis::Kind::kSaturated:
      return "saturated";
    case Diagnosis::Kind::kDead:
      return "dead units";
    case Diagnosis::Kind::kDiverged:
      return "diverged";
    default:
      return "spikes";
  }
}

bool find_not_finite(const Trace<float>& trace, Diagnosis* found) {
  std::vector<const TracedLine<float>*> lines;
  for (const TracedLine<float>& line : trace.lines) lines.push_back(&line);
  std::stable_sort(lines.begin(), lines.end(), [](const auto* a, const auto* b) {
    return a->layer != b->layer ? a->layer < b->layer : a->order < b->order;
  });
  const auto lanes = static_cast<std::size_t>(trace.lanes);
  for (int t = 0; t < trace.steps; ++t) {
    for (const TracedLine<float>* line : lines) {
      const auto size = static_cast<std::size_t>(line->size);
      const float* rows = line->values.data() + static_cast<std::size_t>(t) * lanes * size;
      const float* bad = std::find_if(rows, rows + lanes * size, [](float v) { return !std::isfinite(v); });
      if (bad == rows + lanes * size) continue;
      const std::size_t at = static_cast<std::size_t>(bad - rows);
      found->kind = Diagnosis::Kind::kNotFinite;
      found->where = line->name;
      found->step = t;
      found->layer = line->layer;
      found->lane = static_cast<int>(at / size);
      found->unit = static_cast<int>(at % size);
      found->text = fmt::format(
          "the first number that is not finite: {} in line {} of layer {}, unit {}, at step {} of sequence "
          "{}",
          std::isnan(*bad) ? "NaN" : "infinity", line->line, line->layer, found->unit, t, found->lane);
      return true;
    }
  }
  return false;
}

bool judge_by_lag(const std::string& name, const std::vector<double>& norms, Diagnosis* found) {
  if (norms.size() < 3) return false;
  const double first = norms[1];
  if (!(first > 0)) return false;
  const std::size_t last = norms.size() - 1;
  const double factor = std::pow(norms[last] / first, 1.0 / static_cast<double>(last - 1));
  if (std::isfinite(norms[last]) && norms[last] >= 10 * first) {
    *found = {Diagnosis::Kind::kExploding,
              fmt::format("the gradient with respect to {} explodes: {:.3g} one step back, {:.3g} after {} "
                          "steps, {:.3g} times as much a "
                          "step; clip it (--clip) or start with smaller recurrent weights",
                          name, first, norms[last], last, factor),
              name};
    return true;
  }
  std::size_t reach = 1;
  while (reach < last && norms[reach] >= 0.01 * first) ++reach;
  if (norms[reach] >= 0.01 * first || reach > 10) return false;
  const double fall = std::pow(norms[reach] / first, 1.0 / static_cast<double>(reach - 1));
  *found = {Diagnosis::Kind::kVanishing,
            fmt::format("the gradient with respect to {} vanishes: below 1 % after {} steps, {:.3g} times as "
                        "much a step; use a gated cell "
                        "(--cell lstm), a forget gate's bias above 0, or larger recurrent weights",
                        name, reach, fall),
            name};
  return true;
}

void judge_norms(std::vector<double> norms, Examination& e) {
  norms.erase(std::remove_if(norms.begin(), norms.end(), [](double n) { return !std::isfinite(n); }),
              norms.end());
  e.norms = static_cast<int>(norms.size());
  if (norms.empty()) return;
  std::sort(norms.begin(), norms.end());
  e.median_norm = norms[norms.size() / 2];
  e.largest_norm = norms.back();
  const double high = norms[std::min(norms.size() - 1, norms.size() * 9 / 10)];
  if (!(high > 0)) return;
  const double unit = std::pow(10.0, std::floor(std::log10(high)) - 1);  // two digits
  e.clip = std::ceil(high / unit - 1e-9) * unit;
}

Examination examine(Model<float>& model, const std::int32_t* tokens, int steps, int lanes,
                    const ExamineOptions& o) {
  if (steps < 2 || lanes < 1)
    throw SpecError(fmt::format("{} step{} of {} lanes: the doctor needs at least 2 of 1", steps,
                                steps == 1 ? "" : "s", lanes));
  Examination e;
  find_damaged_parameters(model, e);
  const bool damaged = !e.found.empty();
  const Trace<float> lines = trace(model, tokens, steps, lanes);
  Diagnosis first;
  const bool broken = find_not_finite(lines, &first);
  if (broken) e.found.insert(e.found.begin(), first);
  find_saturated(lines, e);
  if (broken || damaged) return e;  // gradients would say nothing
  const Wiring& wiring = model.inside().stack.wiring();
  find_dead(lines, wiring, e);
  const bool has_state = std::any_of(wiring.tracks.begin(), wiring.tracks.end(),
                                     [](const Track& t) { return !t.graph.states.empty(); });
  if (has_state) {
    std::vector<std::int32_t> lane;
    for (int t = 0; t < steps; ++t)
      lane.push_back(tokens[static_cast<std::size_t>(t) * static_cast<std::size_t>(lanes)]);
    GradientOptions g;
    g.lags = o.lags;
    g.count = o.places;
    const GradientFlow flow = gradient_flow(model, lane.data(), steps, g);
    for (std::size_t layer = 0; layer < wiring.spec.layers.size(); ++layer) {
      // A layer vanishes when all its states do; it explodes when one does.
      std::vector<Diagnosis> vanished;
      std::size_t states = 0;
      for (const GradientCurve& c : flow.curves) {
        if (c.layer != static_cast<int>(layer)) continue;
        ++states;
        Diagnosis d;
        if (!judge_by_lag(c.name, mean_by_lag(c.total), &d)) continue;
        d.layer = c.layer;
        if (d.kind == Diagnosis::Kind::kExploding) {
          e.found.push_back(std::move(d));
        } else {
          vanished.push_back(std::move(d));
        }
      }
      if (vanished.size() == states) e.found.insert(e.found.end(), vanished.begin(), vanished.end());
    }
  }
  measure_norms(model, tokens, steps, lanes, o.window, e);
  return e;
}

}  // namespace cellwright
