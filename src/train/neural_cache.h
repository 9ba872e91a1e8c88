// neural_cache.h: a memory of what was read lately beside a model's own prediction (Grave, Joulin & Usunier
// 2017, "Improving neural language models with a continuous cache").
//
// p(w) = (1-λ)·p_model(w) + λ·p_cache(w), p_cache(w) ∝ Σ over the last N pairs (h_i, x_{i+1}) with x_{i+1} =
// w of exp(θ·h_t·h_i), where h is what the head reads. A token joins the cache after it was predicted. Until
// the first pair is there p is p_model. What always holds: the figures do not depend on threads, on the
// cutting into windows, or on other lanes.
#pragma once

#include <cstdint>
#include <vector>

#include "base/aligned.h"
#include "nn/model.h"

namespace cellwright {

struct CacheOptions {
  int size = 0;         ///< N: pairs that a lane remembers
  double theta = 0.3;   ///< how much the likeness of two states counts; 0: how often a token occurred
  double lambda = 0.1;  ///< the cache's share, in [0, 1)
};

void check(const CacheOptions& options);  ///< SpecError names the field, its value and its range

class NeuralCache {
 public:
  /// Empty caches of `lanes` lanes. The engine is kept by reference. SpecError as check().
  NeuralCache(const CacheOptions& options, int lanes, Engine& engine);

  /// Σ of -log p over the window's targets (those below 0 are left out), and remembers them. Costs about
  /// steps·N·width multiply-adds a lane.
  double read(const WindowRows<float>& rows, const std::int32_t* targets, int steps);

 private:
  struct Lane {
    std::vector<float> h;            // [count, width]
    std::vector<std::int32_t> next;  // [count]
  };
  void score(int first, int last);
  double nats(std::size_t row, double model) const;

  CacheOptions options_;
  Engine& engine_;
  std::vector<Lane> lanes_;
  int width_ = 0;
  Lane* lane_ = nullptr;  // the one being read
  std::size_t old_ = 0;   // its pairs from earlier windows
  AlignedArray<float> packed_, scores_;
  std::vector<double> model_nats_, nats_;
};

}  // namespace cellwright
