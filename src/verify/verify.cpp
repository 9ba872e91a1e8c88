// verify.cpp: start at verify_plans(); each check fails with a sentence of its own.
#include "verify/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/rng.h"
#include "base/thread_pool.h"
#include "compile/plan.h"
#include "graph/evaluate.h"
#include "kernels/kernels.h"
#include "run/runner.h"
#include "verify/differences.h"
#include "verify/trial.h"

namespace cellwright {
namespace {

/// Largest |a - b| / max(1, largest |b|).
double relative(const std::vector<double>& a, const std::vector<double>& b) {
  double worst = 0, largest = 1;
  for (double v : b) largest = std::max(largest, std::abs(v));
  for (std::size_t i = 0; i < b.size(); ++i) {
    const double difference = std::abs(a[i] - b[i]);
    worst = std::max(worst, std::isnan(difference) ? HUGE_VAL : difference);
  }
  return worst / largest;
}

double compare(const TrialResult<double>& a, const TrialResult<double>& b, bool gradients) {
  double worst = 0;
  const auto all = [&](const std::vector<std::vector<double>>& x, const std::vector<std::vector<double>>& y) {
    for (std::size_t i = 0; i < y.size(); ++i) worst = std::max(worst, relative(x[i], y[i]));
  };
  if (gradients) {
    all(a.d_parameters, b.d_parameters);
    all(a.d_inputs, b.d_inputs);
    all(a.d_start, b.d_start);
  } else {
    all(a.outputs, b.outputs);
    all(a.final_states, b.final_states);
    worst = std::max(worst, relative({a.objective}, {b.objective}));
  }
  return worst;
}

std::vector<GradientRow> check_differences(Trial<double>& trial, const TrialResult<double>& result,
                                           const Graph& graph) {
  const double largest = std::max(
      {largest_entry(result.d_parameters), largest_entry(result.d_inputs), largest_entry(result.d_start)});
  const auto objective = [&] { return trial.objective(); };
  std::vector<GradientRow> rows;
  for (std::size_t p = 0; p < graph.parameters.size(); ++p) {
    rows.push_back(check_tensor(graph.parameters[p].name, trial.parameters[p], result.d_parameters[p],
                                existing_entries(graph.parameters[p]), largest, objective));
  }
  for (std::size_t p = 0; p < graph.inputs.size(); ++p) {
    if (graph.inputs[p].size == 0) continue;  // an optional one that is absent
    rows.push_back(
        check_tensor(graph.inputs[p].name, trial.inputs[p], result.d_inputs[p], {}, largest, objective));
  }
  for (std::size_t s = 0; s < graph.states.size(); ++s) {
    rows.push_back(check_tensor(graph.states[s].name + "[t-1]", trial.start[s], result.d_start[s], {},
                                largest, objective));
  }
  return rows;
}

/// Truncated: the second of two windows, parameters and inputs only; the state between them is a number.
std::vector<GradientRow> check_truncated(Trial<double>& trial, const Graph& graph) {
  Trial<double> second = trial;
  second.start = trial.run(false).final_states;
  // Moved a little: what max and min leave, or an input that the second window repeats, can be equal to the
  // last bit, and there no derivative exists.
  const Random random(trial.seed, hash_name("between windows"));
  std::uint64_t i = 0;
  for (auto& state : second.start) {
    for (double& value : state) value += 0.02 * random.normal(i++);
  }
  second.first_step += second.steps;
  const TrialResult<double> result = second.run(true);
  return check_differences(second, result, graph);
}

template <class T>
bool same_bits(const std::vector<std::vector<T>>& a, const std::vector<std::vector<T>>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].size() != b[i].size() ||
        (!a[i].empty() && std::memcmp(a[i].data(), b[i].data(), a[i].size() * sizeof(T)) != 0))
      return false;
  }
  return true;
}

}  // namespace

Verification verify_cell(const syntax::Cell& cell, const VerifyOptions& options) {
  const Graph source = lower(cell, options.binding);
  return verify_plans(source, make_plan(source, true), make_plan(source, false), options);
}

Verification verify_plans(const Graph& source, const Plan& training, const Plan& inference,
                          const VerifyOptions& options) {
  Verification v;
  const auto fail = [&](const std::string& why) {
    if (v.failure.empty()) v.failure = why;
  };

  // Double: against the naive evaluation of the graph as it was written.
  Trial<double> trial(training, options, 1);
  const TrialResult<double> ours = trial.run(true);
  const TrialResult<double> naive = naive_trial(source, trial);
  v.forward_error = compare(ours, naive, false);
  v.backward_error = compare(ours, naive, true);
  if (!(v.forward_error <= 1e-12))
    fail(fmt::format("the plan's values differ from the naive evaluation's by {:.2g}", v.forward_error));
  if (!(v.backward_error <= 1e-12))
    fail(fmt::format("the plan's gradients differ from the naive evaluation's by {:.2g}", v.backward_error));

  if (options.differences) {
    v.full = check_differences(trial, ours, source);
    v.truncated = check_truncated(trial, source);
    for (const auto* rows : {&v.full, &v.truncated}) {
      for (const GradientRow& row : *rows) {
        if (!row.passed)
          fail(fmt::format("the gradient of {} is off by {:.3g} where {:.3g} is allowed", row.name, row.error,
                           row.allowed));
      }
    }
  }
  v.windows_agree = compare(trial.run_in_two_windows(), ours, true) <= 1e-12;
  if (!v.windows_agree) fail("two windows chained through the state's gradient differ from one long window");

  // Float: the same numbers whatever the threads, and step by step.
  Trial<float> one(training, options, 1), stream(inference, options, 1);
  const TrialResult<float> straight = one.run(true);
  v.threads_agree = true;
  for (const Split split : {Split{2, 1}, Split{1, 2}, Split{2, 2}}) {
    VerifyOptions forced = options;
    forced.split = split;
    const TrialResult<float> parallel = Trial<float>(training, forced, split.team()).run(true);
    v.threads_agree = v.threads_agree && same_bits(straight.outputs, parallel.outputs) &&
                      same_bits(straight.final_states, parallel.final_states) &&
                      same_bits(straight.d_parameters, parallel.d_parameters) &&
                      same_bits(straight.d_inputs, parallel.d_inputs) &&
                      same_bits(straight.d_start, parallel.d_start);
  }
  if (!v.threads_agree) fail("one thread and several, or a window in stretches, give different bits");
  const TrialResult<float> streamed = stream.run_step_by_step();
  VerifyOptions alone = options;
  alone.lanes = 1;
  const TrialResult<float> window = Trial<float>(training, alone, 1).run(false),
                           steps = Trial<float>(inference, alone, 1).run_step_by_step();
  v.streaming_agrees = same_bits(straight.outputs, streamed.outputs) &&
                       same_bits(straight.final_states, streamed.final_states) &&
                       same_bits(window.outputs, steps.outputs) &&
                       same_bits(window.final_states, steps.final_states);
  if (!v.streaming_agrees) fail("running step by step gives different bits");

  v.passed = v.failure.empty();
  return v;
}

}  // namespace cellwright
