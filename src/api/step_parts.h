// step_parts.h: what the public Step holds.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/aligned.h"
#include "cellwright/step.h"
#include "run/step_runner.h"

namespace cellwright {

/// Plans and parameters; forks share them. Never changed once shared.
struct StepModel {
  std::vector<AlignedArray<float>> layers;  ///< packed, by layer
  int tokens = 0;                           ///< of a language model, or 0
  int head_rows = 0;                        ///< of the head: tokens, or what a sequence model gives; 0: none
  bool numbers = false;                     ///< a sequence model over numbers: its head is its output
  int embedding = 0;                        ///< numbers a token; 0: one-hot
  AlignedArray<float> table;                ///< [tokens, embedding]
  AlignedArray<float> head, bias;           ///< packed [head_rows, outputs]; [head_rows]
};

struct Step::Parts {
  StepOptions options;
  const kernels::Kernels<float>* kernels = nullptr;
  std::shared_ptr<const std::vector<Plan>> plans;
  std::shared_ptr<StepModel> model;

  std::vector<std::unique_ptr<StepRunner<float>>> runners;
  std::vector<LayerState<float>> states;          ///< on the way in and out
  std::vector<std::vector<const float*>> inputs;  ///< per layer and port
  std::vector<float> one_hot;
  std::vector<kernels::ProductPanel<float>> head_panels;
  std::vector<kernels::ProductTerm<float>> head_terms;
  std::vector<float> top;  ///< the head's operand

  /// Graphs of the layers, bottom first; parameters are 0. Then bind().
  Parts(const std::vector<Graph>& graphs, const StepOptions& options);
  /// Another of the same model, at its start.
  Parts(const Parts& other);
  Parts& operator=(const Parts&) = delete;

  void make_runners();
  void bind();
  int outputs() const { return plans->back().graph.outputs[0].size; }
  const float* run(const float* input) noexcept;         ///< the top layer's first output
  void apply_head(const float* h, float* out) noexcept;  ///< head_rows numbers
};

}  // namespace cellwright
