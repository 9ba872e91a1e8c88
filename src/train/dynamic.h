// dynamic.h: a model that goes on learning from the text it is measured on (Krause, Kahembwe, Murray & Renals
// 2018, "Dynamic evaluation of neural sequence models").
//
// After each segment, once it was predicted, θ ← θ - η·g/(r + ε) + λ'·(θ₀ - θ): g is the gradient of the
// segment's mean loss, back to the segment's beginning; θ₀ are the trained parameters. The SGD form has r + ε
// = 1 and λ' = λ. The RMS form has r = √(mean of g² over windows of the training text) and λ' =
// min(λ·r/mean(r), 1), number by number. What always holds: threads change no bit, and the model has its
// trained parameters again when the DynamicStep is gone.
#pragma once

#include <atomic>

#include "base/aligned.h"
#include "data/streams.h"
#include "nn/model.h"

namespace cellwright {

struct DynamicOptions {
  int steps = 5;          ///< tokens of a segment; the streams' steps()
  double rate = 0;        ///< η
  double decay = 0;       ///< λ, in [0, 1]
  double epsilon = 1e-3;  ///< ε of the RMS form
};

void check(const DynamicOptions& options);  ///< SpecError names the field, its value and its range

/// The same model without what only training has (dropout, penalties, noise), to make a Model whose gradients
/// are those of the figures it is measured by. SpecError for zoneout, whose expectation no training form of a
/// layer has yet.
ModelSpec for_dynamic(const ModelSpec& spec);

/// r: one number a parameter, in the layout of the model's flat array.
struct GradientStatistics {
  AlignedArray<float> rms;
  double mean = 0;  ///< of r over the trained numbers
};

/// Over the first `most` windows of streams cut by the training rule (Streams' constructor), whose batch is
/// that of the mean in each g: the paper's code has 100. Changes gradients(), no parameter. `stop` ends it
/// early; the numbers are of no use then.
GradientStatistics gradient_statistics(Model<float>& model, const Streams& streams, int most = 5000,
                                       const std::atomic<bool>* stop = nullptr);

class DynamicStep {
 public:
  /// Remembers θ₀. `statistics` null: the SGD form; it must outlive this. SpecError as check().
  DynamicStep(Model<float>& model, const DynamicOptions& options, const GradientStatistics* statistics);
  ~DynamicStep();  ///< puts θ₀ back
  DynamicStep(const DynamicStep&) = delete;
  DynamicStep& operator=(const DynamicStep&) = delete;

  /// One step by the model's gradients().
  void step();

 private:
  Model<float>& model_;
  DynamicOptions options_;
  AlignedArray<float> trained_;
  AlignedArray<float> rate_, decay_;  // number by number; empty for the SGD form
};

}  // namespace cellwright
