// saliency.h: how much each token that was read speaks for, or against, a prediction.
//
// Where to start: saliency(). F is the log probability of one token after all that was read, as a function of
// the vectors x_s that the tokens became (rows of the embedding, or one-hot). Gradient × input is x_s ·
// ∂F/∂x_s. Integrated gradients (Sundararajan et al. 2017) follow x from the baseline 0: x_s · ∫ ∂F(αx)/∂x_s
// dα, whose sum over all tokens is F(x) - F(0), which is checked.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/model.h"

namespace cellwright {

struct SaliencyOptions {
  std::int32_t target = -1;  ///< whose probability; -1: the likeliest
  int points = 32;           ///< of the integral, at first; doubled until it is complete
  int most_points = 1024;
  double tolerance = 1e-3;  ///< allowed gap, relative to |F(x) - F(0)| (at least 1 nat)
};

struct Saliency {
  std::int32_t target = -1;
  double log_probability = 0;          ///< F(x)
  double baseline = 0;                 ///< F(0)
  std::vector<double> gradient_input;  ///< per token
  std::vector<double> integrated;      ///< per token
  int points = 0;
  double gap = 0;         ///< Σ integrated - (F(x) - F(0))
  bool complete = false;  ///< the gap lies within the tolerance
};

/// Of what follows `count` tokens, read from the model's start. SpecError: no token, a target outside the
/// classes, points below 1.
template <class T>
Saliency saliency(Model<T>& model, const std::int32_t* tokens, int count,
                  const SaliencyOptions& options = {});

}  // namespace cellwright
