// gradient_flow.cpp: for each chosen step a window that ends there, forward and back. Start at
// gradient_flow() at the end.
#include "explain/gradient_flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/denormals.h"
#include "cellwright/error.h"
#include "explain/watch.h"

namespace cellwright {
namespace {

std::vector<int> chosen_steps(const GradientOptions& o, int count) {
  if (count < 2)
    throw SpecError(fmt::format("{} token{}: a gradient needs one to read and one to predict", count,
                                count == 1 ? "" : "s"));
  if (o.lags < 0) throw SpecError(fmt::format("the largest lag is {}; it must be 0 or more", o.lags));
  const int last = count - 2;
  std::vector<int> at = o.at;
  for (int t : at) {
    if (t < 0 || t > last)
      throw SpecError(
          fmt::format("there is no loss at step {}: the text predicts something at steps 0 … {}", t, last));
  }
  if (at.empty()) {
    if (o.count < 1)
      throw SpecError(fmt::format("the losses of {} steps were asked for; at least 1", o.count));
    const int first = std::min(o.lags, last), many = std::min(o.count, last - first + 1);
    for (int i = 0; i < many; ++i)
      at.push_back(many == 1
                       ? last
                       : first + static_cast<int>(static_cast<std::int64_t>(last - first) * i / (many - 1)));
  }
  std::sort(at.begin(), at.end());
  at.erase(std::unique(at.begin(), at.end()), at.end());
  return at;
}

double norm(const std::vector<double>& v) {
  double sum = 0;
  for (double x : v) sum += x * x;
  return std::sqrt(sum);
}

/// Where a curve's numbers are: indices into what the track's plan keeps.
struct Source {
  int track = 0, next = 0, coefficient = -1, size = 0;
};

/// From the last step back. gradient, coefficient: [steps, size]; the latter null where there is no belt.
template <class T>
void follow(const T* gradient, const T* coefficient, int steps, int size, GradientCurve& curve) {
  const auto units = static_cast<std::size_t>(size);
  std::vector<double> belt(units), total(units), rest(units);
  std::vector<double> totals, belts, gates;
  for (int s = steps - 1; s >= 0; --s) {
    const T* d = gradient + static_cast<std::size_t>(s) * units;
    for (std::size_t k = 0; k < units; ++k) {
      total[k] = static_cast<double>(d[k]);
      if (coefficient == nullptr) continue;
      belt[k] = s == steps - 1
                    ? total[k]
                    : belt[k] * static_cast<double>(coefficient[static_cast<std::size_t>(s + 1) * units + k]);
      rest[k] = total[k] - belt[k];
    }
    totals.push_back(norm(total));
    if (coefficient == nullptr) continue;
    belts.push_back(norm(belt));
    gates.push_back(norm(rest));
  }
  curve.total.push_back(std::move(totals));
  if (coefficient == nullptr) return;
  curve.through_belt.push_back(std::move(belts));
  curve.through_gates.push_back(std::move(gates));
}

template <class T>
std::vector<Source> find_curves(Watch<T>& watch, GradientFlow& flow) {
  std::vector<Source> sources;
  for (int i = 0; i < watch.stack().tracks(); ++i) {
    const Track& track = watch.stack().wiring().tracks[static_cast<std::size_t>(i)];
    watch.stack().track(i).prepare(true, 1, 1);
    const Plan& plan = watch.plan(i, true);
    for (std::size_t s = 0; s < plan.graph.states.size(); ++s) {
      const State& state = plan.graph.states[s];
      if (state.delay) continue;
      Source source{i, -1, -1, state.size};
      for (std::size_t k = 0; k < plan.observed.size(); ++k) {
        if (plan.observed[k].node == state.next) source.next = static_cast<int>(k);
      }
      if (source.next < 0) continue;
      GradientCurve curve;
      curve.layer = track.layer;
      curve.state = state.name;
      curve.name = track.name + "." + state.name;
      for (const Belt& b : plan.belts) {
        if (b.state != static_cast<int>(s)) continue;
        curve.belt = true;
        curve.coefficient = plan.observed[static_cast<std::size_t>(b.coefficient)].name;
        source.coefficient = b.coefficient;
      }
      flow.curves.push_back(std::move(curve));
      sources.push_back(source);
    }
  }
  return sources;
}

}  // namespace

std::vector<double> mean_by_lag(const std::vector<std::vector<double>>& norms) {
  std::vector<double> sum;
  std::vector<int> count;
  for (const auto& of_step : norms) {
    if (sum.size() < of_step.size()) {
      sum.resize(of_step.size());
      count.resize(of_step.size());
    }
    for (std::size_t lag = 0; lag < of_step.size(); ++lag) {
      sum[lag] += of_step[lag];
      ++count[lag];
    }
  }
  for (std::size_t lag = 0; lag < sum.size(); ++lag) sum[lag] /= count[lag];
  return sum;
}

template <class T>
GradientFlow gradient_flow(Model<T>& model, const std::int32_t* tokens, int count,
                           const GradientOptions& options) {
  GradientFlow flow;
  flow.at = chosen_steps(options, count);
  Observation wanted;
  wanted.states = wanted.belts = wanted.gradients = true;
  Watch<T> watch(model, std::vector<Observation>(model.inside().stack.wiring().tracks.size(), wanted));
  const std::vector<Source> sources = find_curves(watch, flow);
  if (flow.curves.empty())
    throw SpecError("no layer of the model has a state, so no gradient goes back through time");

  const FlushDenormals flush;
  AlignedArray<T> of_output(watch.head().size()), d_h;  // of_output: gradients of the output layer, not wanted
  ModelState<T> state = model.make_state(1);
  int read = 0;  // steps that `state` has behind it
  for (int t : flow.at) {
    const int first = std::max(0, t - options.lags), steps = t - first + 1;
    if (first > read) watch.forward(false, tokens + read, first - read, state);
    read = first;
    ModelState<T> window_state = state;
    watch.forward(true, tokens + first, steps, window_state);
    std::vector<std::int32_t> targets(static_cast<std::size_t>(steps), -1);
    targets.back() = tokens[t + 1];
    const std::size_t top = static_cast<std::size_t>(steps) * static_cast<std::size_t>(watch.head().inputs());
    if (d_h.size() < top) d_h = AlignedArray<T>(top);
    typename OutputLayer<T>::Gradients of_head;
    of_head.parameters = of_output.data();
    of_head.d_h = d_h.data();
    watch.head().loss({watch.stack().output(0), targets.data(), steps, 1, steps - 1}, &of_head);
    typename Stack<T>::Backward b;
    b.d_outputs.assign(1, d_h.data());
    watch.stack().backward(b);
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const Source& from = sources[i];
      const Layer<T>& layer = watch.stack().track(from.track);
      follow(layer.observed_gradient(from.next),
             from.coefficient < 0 ? nullptr : layer.observed(from.coefficient), steps, from.size,
             flow.curves[i]);
    }
  }
  return flow;
}

template GradientFlow gradient_flow(Model<float>&, const std::int32_t*, int, const GradientOptions&);
template GradientFlow gradient_flow(Model<double>&, const std::int32_t*, int, const GradientOptions&);

}  // namespace cellwright
