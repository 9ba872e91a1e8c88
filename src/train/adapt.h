// adapt.h: the loss of a model on a text with help from what was read so far: dynamic evaluation, a neural
// cache, or both.
//
// What always holds: a token is predicted before anything is learned from it; without help the figure is that
// of evaluate() on the same windows, to the bit, and so it is with dynamic's rate and decay 0.
#pragma once

#include <atomic>

#include "train/dynamic.h"
#include "train/evaluate.h"
#include "train/neural_cache.h"

namespace cellwright {

struct AdaptOptions {
  const DynamicOptions* dynamic = nullptr;         ///< null: the parameters stay
  const GradientStatistics* statistics = nullptr;  ///< null: the SGD form
  const CacheOptions* cache = nullptr;             ///< null: none
};

struct AdaptedEvaluation {
  Evaluation model;       ///< by the model, moving where `dynamic` is given
  double cache_nats = 0;  ///< the same with the cache's share; 0 without a cache

  double cache_per_token() const {
    return model.tokens > 0 ? cache_nats / static_cast<double>(model.tokens) : 0;
  }
};

/// Windows of `range` in order from a fresh state, as evaluate(). With `dynamic` a window is a segment, so
/// the streams must be cut into windows of its steps (SpecError), and the model should be of for_dynamic()'s
/// specification; afterwards its parameters are what they were. TrainingError where the loss is no longer
/// finite.
AdaptedEvaluation evaluate_adapting(Model<float>& model, const Streams& streams, WindowRange range,
                                    const AdaptOptions& options, const std::atomic<bool>* stop = nullptr);

}  // namespace cellwright
