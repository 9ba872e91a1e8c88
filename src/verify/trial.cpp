// trial.cpp: the experiment through the plan (run) and through the graph as written (naive_trial).
#include "verify/trial.h"

#include <algorithm>
#include <cmath>

#include "base/rng.h"
#include "graph/canonicalize.h"
#include "graph/evaluate.h"
#include "run/step_runner.h"

namespace cellwright {
namespace {

template <class T>
std::vector<T> normals(std::uint64_t seed, const std::string& name, std::size_t count, double deviation) {
  const Random random(seed, hash_name(name));
  std::vector<T> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<T>(deviation * random.normal(i));
  return values;
}

std::size_t product(int a, int b, int c) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
}

template <class T>
AlignedArray<T> aligned(const std::vector<T>& values) {
  AlignedArray<T> array(values.size());
  std::copy(values.begin(), values.end(), array.data());
  return array;
}

}  // namespace

std::vector<bool> existing_entries(const Parameter& p) {
  if (p.structure != Structure::kBlockUpper) return {};
  std::vector<bool> exists(static_cast<std::size_t>(p.rows) * static_cast<std::size_t>(p.columns));
  for (int r = 0; r < p.rows; ++r) {
    for (int c = 0; c < p.columns; ++c) {
      exists[static_cast<std::size_t>(r) * static_cast<std::size_t>(p.columns) +
             static_cast<std::size_t>(c)] = c / (p.columns / p.blocks) >= r / (p.rows / p.blocks);
    }
  }
  return exists;
}

template <class T>
Trial<T>::Trial(const Plan& plan, const VerifyOptions& options, int threads)
    : steps(options.steps),
      lanes(options.lanes),
      seed(options.seed),
      plan_(plan),
      options_(options),
      threads_(threads) {
  pool_ = std::make_unique<ThreadPool>(threads);
  // With several threads the window is cut into stretches of two steps as well: neither may change a bit.
  RunOptions run;
  run.stretch_rows = threads > 1 ? 2 * lanes : 0;
  if (threads > 1) run.split = options.split;
  runner_ = std::make_unique<Runner<T>>(plan, kernels::kernels<T>(), *pool_, run);
  runner_->prepare(steps, lanes);
  runner_->set_noise(seed, kTrialNoise);
  packed_ = AlignedArray<T>(runner_->layout().size());
  const Graph& g = plan.graph;
  for (std::size_t p = 0; p < g.parameters.size(); ++p) {
    parameters.push_back(normals<T>(seed, "parameter." + g.parameters[p].name,
                                    runner_->layout().stored_size(static_cast<int>(p)), options.deviation));
    const std::vector<bool> exists = existing_entries(g.parameters[p]);
    for (std::size_t i = 0; i < exists.size(); ++i) {
      if (!exists[i]) parameters.back()[i] = 0;
    }
  }
  for (const Port& p : g.inputs)
    inputs.push_back(normals<T>(seed, "input." + p.name, product(steps, lanes, p.size), 1));
  for (const Port& p : g.outputs)
    output_weights.push_back(normals<T>(seed, "output." + p.name, product(steps, lanes, p.size), 1));
  for (const State& s : g.states) {
    start.push_back(normals<T>(seed, "start." + s.name, product(1, lanes, s.size), options.deviation));
    final_weights.push_back(normals<T>(seed, "final." + s.name, product(1, lanes, s.size), 1));
  }
}

template <class T>
Trial<T>::Trial(const Trial& other) : Trial(other.plan_, other.options_, other.threads_) {
  first_step = other.first_step;
  parameters = other.parameters;
  inputs = other.inputs;
  start = other.start;
  output_weights = other.output_weights;
  final_weights = other.final_weights;
}

template <class T>
LayerState<T> Trial<T>::make_start() const {
  LayerState<T> state = make_state<T>(plan_, lanes);
  for (std::size_t s = 0; s < start.size(); ++s)
    std::copy(start[s].begin(), start[s].end(), state.values[s].data());
  std::fill(state.fresh.begin(), state.fresh.end(), std::uint8_t{0});  // a given state, not the cell's start
  state.step = first_step;
  return state;
}

template <class T>
void Trial<T>::bind() {
  for (std::size_t p = 0; p < parameters.size(); ++p)
    runner_->layout().pack(static_cast<int>(p), parameters[p].data(), packed_.data());
  runner_->bind(packed_.data());
}

template <class T>
double Trial<T>::weigh(const LayerState<T>& final) const {
  double sum = runner_->loss();
  for (std::size_t p = 0; p < output_weights.size(); ++p) {
    const T* y = runner_->output(static_cast<int>(p));
    for (std::size_t i = 0; i < output_weights[p].size(); ++i)
      sum += static_cast<double>(y[i]) * static_cast<double>(output_weights[p][i]);
  }
  for (std::size_t s = 0; s < final_weights.size(); ++s) {
    for (std::size_t i = 0; i < final_weights[s].size(); ++i)
      sum += static_cast<double>(final.values[s][i]) * static_cast<double>(final_weights[s][i]);
  }
  return sum;
}

template <class T>
double Trial<T>::objective() {
  return run(false).objective;
}

template <class T>
TrialResult<T> Trial<T>::run(bool gradients) {
  bind();
  TrialResult<T> result;
  LayerState<T> state = make_start();
  std::vector<AlignedArray<T>> x, d_x, d_y;
  std::vector<const T*> x_at, d_y_at;
  std::vector<T*> d_x_at;
  for (const auto& i : inputs) {
    x.push_back(aligned(i));
    d_x.emplace_back(i.size());
  }
  for (const auto& w : output_weights) d_y.push_back(aligned(w));
  for (auto& a : x) x_at.push_back(a.data());
  for (auto& a : d_x) d_x_at.push_back(a.data());
  for (auto& a : d_y) d_y_at.push_back(a.data());
  runner_->forward(steps, x_at.data(), state);
  result.objective = weigh(state);
  for (std::size_t p = 0; p < output_weights.size(); ++p) {
    const T* y = runner_->output(static_cast<int>(p));
    result.outputs.emplace_back(y, y + output_weights[p].size());
  }
  for (const auto& v : state.values) result.final_states.emplace_back(v.begin(), v.end());
  if (!gradients) return result;

  LayerState<T> d_final = make_start(), d_start = make_start();
  for (std::size_t s = 0; s < final_weights.size(); ++s)
    std::copy(final_weights[s].begin(), final_weights[s].end(), d_final.values[s].data());
  AlignedArray<T> packed(packed_.size());
  const std::vector<T> ones(static_cast<std::size_t>(steps), T{1});
  runner_->backward({d_y_at.data(), ones.data(), &d_final, packed.data(), d_x_at.data(), &d_start});
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    result.d_parameters.emplace_back(parameters[p].size());
    runner_->layout().unpack(static_cast<int>(p), packed.data(), result.d_parameters.back().data());
  }
  for (const auto& d : d_x) result.d_inputs.emplace_back(d.begin(), d.end());
  for (const auto& d : d_start.values) result.d_start.emplace_back(d.begin(), d.end());
  return result;
}

/// The first window's forward, the second's forward and backward, then the first's again and its backward:
/// the gradient of the state between them is handed over. Inputs are split; the objective is that of the long
/// window.
template <class T>
TrialResult<T> Trial<T>::run_in_two_windows() {
  const int cut = steps / 2;
  Trial<T> early = *this, late = *this;
  early.steps = cut;
  late.steps = steps - cut;
  for (std::size_t p = 0; p < inputs.size(); ++p) {
    const auto middle =
        inputs[p].begin() + static_cast<std::ptrdiff_t>(inputs[p].size() / static_cast<std::size_t>(steps) *
                                                        static_cast<std::size_t>(cut));
    early.inputs[p].assign(inputs[p].begin(), middle);
    late.inputs[p].assign(middle, inputs[p].end());
  }
  for (std::size_t p = 0; p < output_weights.size(); ++p) {
    const auto middle =
        output_weights[p].begin() +
        static_cast<std::ptrdiff_t>(output_weights[p].size() / static_cast<std::size_t>(steps) *
                                    static_cast<std::size_t>(cut));
    early.output_weights[p].assign(output_weights[p].begin(), middle);
    late.output_weights[p].assign(middle, output_weights[p].end());
  }
  late.first_step = first_step + cut;
  const TrialResult<T> first_forward = early.run(false);
  late.start = first_forward.final_states;
  TrialResult<T> second = late.run(true);
  early.final_weights = second.d_start;
  TrialResult<T> all = early.run(true);
  for (std::size_t p = 0; p < all.d_parameters.size(); ++p) {
    for (std::size_t i = 0; i < all.d_parameters[p].size(); ++i)
      all.d_parameters[p][i] += second.d_parameters[p][i];
  }
  for (std::size_t p = 0; p < all.d_inputs.size(); ++p)
    all.d_inputs[p].insert(all.d_inputs[p].end(), second.d_inputs[p].begin(), second.d_inputs[p].end());
  return all;
}

template <class T>
TrialResult<T> Trial<T>::run_step_by_step() {
  bind();
  TrialResult<T> result;
  result.outputs.resize(output_weights.size());
  LayerState<T> state = make_start();
  std::unique_ptr<StepRunner<T>> single;
  if (lanes == 1 && !plan_.training) {
    single = std::make_unique<StepRunner<T>>(plan_, kernels::kernels<T>());
    single->set_noise(seed, kTrialNoise);
    single->bind(packed_.data());
    single->set_state(state);
  }
  for (int t = 0; t < steps; ++t) {
    std::vector<AlignedArray<T>> x;
    std::vector<const T*> x_at;
    for (const auto& i : inputs) {
      const std::size_t slot = i.size() / static_cast<std::size_t>(steps);
      const auto first = i.begin() + static_cast<std::ptrdiff_t>(slot * static_cast<std::size_t>(t));
      x.push_back(aligned(std::vector<T>(first, first + static_cast<std::ptrdiff_t>(slot))));
    }
    for (auto& a : x) x_at.push_back(a.data());
    if (single) {
      single->step(x_at.data());
    } else {
      runner_->forward(1, x_at.data(), state);
    }
    for (std::size_t p = 0; p < result.outputs.size(); ++p) {
      const T* y = single ? single->output(static_cast<int>(p)) : runner_->output(static_cast<int>(p));
      result.outputs[p].insert(result.outputs[p].end(), y,
                               y + output_weights[p].size() / static_cast<std::size_t>(steps));
    }
  }
  if (single) single->get_state(state);
  for (const auto& v : state.values) result.final_states.emplace_back(v.begin(), v.end());
  return result;
}

TrialResult<double> naive_trial(const Graph& source, const Trial<double>& trial) {
  Graph graph = canonicalize(source);
  const Backward backward = derive(graph);
  const auto steps = static_cast<std::size_t>(trial.steps), lanes = static_cast<std::size_t>(trial.lanes);
  const auto sequence = [&](const std::vector<double>& flat) {
    Sequence s(flat.empty() ? 0 : steps, std::vector<Vector>(lanes));
    const std::size_t size = flat.size() / steps / lanes;
    for (std::size_t t = 0; t < s.size(); ++t) {
      for (std::size_t b = 0; b < lanes; ++b) {
        const auto first = flat.begin() + static_cast<std::ptrdiff_t>((t * lanes + b) * size);
        s[t][b].assign(first, first + static_cast<std::ptrdiff_t>(size));
      }
    }
    return s;
  };
  const auto by_lane = [&](const std::vector<double>& flat) {
    std::vector<Vector> v(lanes);
    const std::size_t size = flat.size() / lanes;
    for (std::size_t b = 0; b < lanes; ++b)
      v[b].assign(flat.begin() + static_cast<std::ptrdiff_t>(b * size),
                  flat.begin() + static_cast<std::ptrdiff_t>((b + 1) * size));
    return v;
  };
  const auto flatten_lanes = [](const std::vector<Vector>& v) {
    std::vector<double> flat;
    for (const Vector& lane : v) flat.insert(flat.end(), lane.begin(), lane.end());
    return flat;
  };
  const auto flatten = [&](const Sequence& s) {
    std::vector<double> flat;
    for (const auto& step : s) {
      const std::vector<double> rows = flatten_lanes(step);
      flat.insert(flat.end(), rows.begin(), rows.end());
    }
    return flat;
  };
  const auto noise = [&](const Node& node, std::int64_t step, int lane, int unit) {
    const Random random(trial.seed, kTrialNoise ^ hash_name(node.name));
    if (node.op == Op::kStepMask) return 1.0;
    if (node.op == Op::kDropMask) {
      const std::int64_t drawn_at = node.index == 1 ? 0 : step;
      const auto k = static_cast<std::uint64_t>(unit);
      const auto words = random.words(static_cast<std::uint64_t>(drawn_at),
                                      (static_cast<std::uint64_t>(lane) << 32) | (k & ~7ull));
      const std::uint32_t half = words[(k & 7) / 2] >> (16 * (k & 1)) & 0xFFFF;
      return half < std::llround(node.values[0] * 0x1p16) ? node.values[1] : 0.0;
    }
    return random.normal(static_cast<std::uint64_t>(step),
                         (static_cast<std::uint64_t>(lane) << 32) | static_cast<std::uint64_t>(unit));
  };
  std::vector<Sequence> inputs, d_outputs;
  std::vector<std::vector<Vector>> start, d_final;
  for (const auto& x : trial.inputs) inputs.push_back(sequence(x));
  for (const auto& w : trial.output_weights) d_outputs.push_back(sequence(w));
  for (const auto& s : trial.start) start.push_back(by_lane(s));
  for (const auto& s : trial.final_weights) d_final.push_back(by_lane(s));

  const NaiveForward written = naive_forward(source, trial.parameters, inputs, trial.steps, trial.lanes,
                                             start, trial.first_step, noise);
  TrialResult<double> result;
  for (std::size_t p = 0; p < written.outputs.size(); ++p) {
    result.outputs.push_back(flatten(written.outputs[p]));
    for (std::size_t i = 0; i < result.outputs[p].size(); ++i)
      result.objective += result.outputs[p][i] * trial.output_weights[p][i];
  }
  for (std::size_t s = 0; s < written.final_states.size(); ++s) {
    result.final_states.push_back(flatten_lanes(written.final_states[s]));
    for (std::size_t i = 0; i < result.final_states[s].size(); ++i)
      result.objective += result.final_states[s][i] * trial.final_weights[s][i];
  }
  for (const auto& loss : written.losses) {
    for (const auto& step : loss) {
      for (double l : step) result.objective += l;
    }
  }
  const NaiveForward forward = naive_forward(graph, trial.parameters, inputs, trial.steps, trial.lanes, start,
                                             trial.first_step, noise);
  const NaiveGradients gradients = naive_backward(graph, backward, trial.parameters, inputs, forward, start,
                                                  d_outputs, 1.0, d_final, trial.first_step);
  result.d_parameters = gradients.parameters;
  for (std::size_t p = 0; p < gradients.inputs.size(); ++p)
    result.d_inputs.push_back(flatten(gradients.inputs[p]));
  for (const auto& s : gradients.start) result.d_start.push_back(flatten_lanes(s));
  return result;
}

template class Trial<float>;
template class Trial<double>;

}  // namespace cellwright
