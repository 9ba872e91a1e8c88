// gradient_flow.h: how far back through time a loss is felt: the norm of its gradient with respect to each
// state, by lag.
//
// Where to start: gradient_flow(). ∂L_t/∂C_s is the whole derivative: with everything that C_s goes into, in
// its own step too. The part of it that travels the belt alone is (Π_{s<u≤t} f_u) ⊙ ∂L_t/∂C_t; the rest went
// through gates and products. Gradients are those of the plan's own backward pass, gates those that the run
// had. What always holds: dropout and noise are off; parameters and their gradients are not touched.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nn/model.h"

namespace cellwright {

struct GradientOptions {
  std::vector<int>
      at;  ///< steps t whose loss (of predicting token t+1) is taken; empty: `count` of them, spread evenly
  int count = 16;
  int lags = 100;  ///< at most so far back
};

/// Of one state. Outer index: the chosen step; inner: the lag t - s, from 0, as far as the text goes back.
struct GradientCurve {
  int layer = 0;
  std::string name;         ///< "layers.0.C"
  std::string state;        ///< "C"
  bool belt = false;        ///< it is one: the two parts below are there
  std::string coefficient;  ///< of the belt: "f", "1 - z"
  std::vector<std::vector<double>> total, through_belt, through_gates;
};

struct GradientFlow {
  std::vector<int> at;
  std::vector<GradientCurve> curves;
};

/// By lag, the mean over the chosen steps that reach so far back.
std::vector<double> mean_by_lag(const std::vector<std::vector<double>>& norms);

/// The model reads `count` tokens from its start. SpecError: fewer than two tokens, a step outside, lags or
/// count below 1.
template <class T>
GradientFlow gradient_flow(Model<T>& model, const std::int32_t* tokens, int count,
                           const GradientOptions& options = {});

}  // namespace cellwright
