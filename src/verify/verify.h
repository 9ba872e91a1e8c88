// verify.h: checks one cell, any cell: the compiled plan against the naive evaluation, its gradients against
// central differences, its bits against other thread counts and against streaming. The command `cell check`
// and the tests ask the same questions here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compile/plan.h"
#include "language/lower.h"
#include "run/split.h"

namespace cellwright {

struct VerifyOptions {
  CellBinding binding;
  int steps = 7;
  int lanes = 3;
  std::uint64_t seed = 1;  ///< weights and initial states are N(0, deviation), inputs N(0, 1)
  double deviation = 0.5;
  Split split{0, 0};        ///< of loops over threads; a team of 0: as costs least
  bool differences = true;  ///< central differences of every entry of every tensor
};

/// One tensor's gradient against central differences (h = 1e-5, double). passed: every entry has
/// |analytic - numeric| <= 1e-6 · max(largest of the tensor, 1e-3 · largest of all tensors). An entry near a
/// kink (relu, abs, max, min, hard sigmoids) or a bend (softsign, elu) passes when a step of a tenth or a
/// hundredth agrees, one that rounding hides when a tenfold step does; one at a kink when it lies between the
/// one-sided differences.
struct GradientRow {
  std::string name;  ///< "W_f", "x" (an input), "C[t-1]" (an initial state)
  std::size_t entries = 0;
  std::size_t kinks = 0;  ///< entries judged by other steps or by one-sided differences
  double largest = 0;     ///< largest analytic entry
  double error = 0;       ///< largest |analytic - numeric|
  double allowed = 0;
  bool passed = false;
};

struct Verification {
  /// Plan against naive, double: the largest difference of an output, a state or the objective, relative to
  /// the largest number of the tensor (at least 1).
  double forward_error = 0;
  double backward_error = 0;  ///< the same for all gradients

  std::vector<GradientRow> full;       ///< through initial states and the whole window
  std::vector<GradientRow> truncated;  ///< second of two windows, the state between them held fixed

  bool threads_agree = false;     ///< float, 1 against 2 threads by lanes and 4 by lanes and units, in stretches of two steps: outputs, states, gradients to the bit
  bool streaming_agrees = false;  ///< float, the inference plan step by step against the window: to the bit
  bool windows_agree = false;     ///< double, two windows chained by gradients against the long one: to 1e-12

  bool passed = false;  ///< all of it; errors <= 1e-12
  std::string failure;  ///< what failed first, in a sentence; "" when passed
};

/// Cost: about 4·(parameters + inputs + states) forward passes when `differences` is on.
Verification verify_cell(const syntax::Cell& cell, const VerifyOptions& options);

/// The same for plans that are made already, for training and for inference, of one graph as lower() made it.
/// options.binding is not read. Tests break a plan on purpose and ask whether this notices.
Verification verify_plans(const Graph& source, const Plan& training, const Plan& inference,
                          const VerifyOptions& options);

}  // namespace cellwright
