// trial.h: one random experiment with a plan: parameters, inputs, states and an objective, as plain vectors
// that may be changed.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "compile/plan.h"
#include "run/runner.h"
#include "verify/verify.h"

namespace cellwright {

template <class T>
struct TrialResult {
  double objective = 0;                      ///< Σ weights·outputs + Σ weights·final states + losses
  std::vector<std::vector<T>> outputs;       ///< per port [steps, lanes, size]
  std::vector<std::vector<T>> final_states;  ///< per state [lanes, size]
  std::vector<std::vector<T>> d_parameters;  ///< stored shape
  std::vector<std::vector<T>> d_inputs;
  std::vector<std::vector<T>> d_start;
};

/// Copies share nothing. The numbers depend on options.seed alone, so that a float and a double trial are the
/// same experiment.
template <class T>
class Trial {
 public:
  Trial(const Plan& plan, const VerifyOptions& options, int threads);
  Trial(const Trial& other);

  TrialResult<T> run(bool gradients);
  double objective();  ///< forward only
  TrialResult<T> run_in_two_windows();
  TrialResult<T> run_step_by_step();  ///< one lane of a plan for inference: by StepRunner, else by Runner

  const Runner<T>& runner() const { return *runner_; }  ///< of the last run

  int steps, lanes;
  std::int64_t first_step = 0;
  std::vector<std::vector<T>> parameters;      ///< stored shape
  std::vector<std::vector<T>> inputs;          ///< per port [steps, lanes, size]
  std::vector<std::vector<T>> start;           ///< per state [lanes, size]
  std::vector<std::vector<T>> output_weights;  ///< of the objective
  std::vector<std::vector<T>> final_weights;
  std::uint64_t seed;

 private:
  LayerState<T> make_start() const;
  void bind();
  double weigh(const LayerState<T>& final) const;

  const Plan& plan_;
  VerifyOptions options_;
  int threads_;
  std::unique_ptr<ThreadPool> pool_;
  std::unique_ptr<Runner<T>> runner_;
  AlignedArray<T> packed_;
};

/// Noise stream of every trial.
inline constexpr std::uint64_t kTrialNoise = 77;

/// The same experiment by naive_forward and naive_backward on the graph as written.
TrialResult<double> naive_trial(const Graph& source, const Trial<double>& trial);

/// Per stored entry: whether the structure has it. Empty: all.
std::vector<bool> existing_entries(const Parameter& parameter);

}  // namespace cellwright
