// layer.h: one recurrent layer: a cell, sized and compiled twice (for training and for inference), and its
// runners.
//
// Where to start: forward. What always holds: both plans have the same pieces, so they read one packed
// parameter array; without regularisation their values are equal to the bit.
#pragma once

#include <memory>
#include <vector>

#include "base/aligned.h"
#include "compile/plan.h"
#include "kernels/kernels.h"
#include "nn/engine.h"
#include "nn/parameter_noise.h"
#include "nn/spec.h"
#include "run/runner.h"

namespace cellwright {

/// The sized step graph of a layer. `offered` are the sizes of what comes from below, by port; optional
/// inputs beyond them are absent. Throws CellError, and SpecError naming layer and input where a needed input
/// is not offered, or layer and option where the cell offers no site for a regulariser.
Graph lower_layer(const LayerSpec& spec, int index, const std::vector<int>& offered);

template <class T>
class Layer {
 public:
  /// The plan for training is compiled when it is first prepared. SpecError as regularise().
  Layer(const Graph& graph, const kernels::Kernels<T>& kernels, Engine& engine,
        const Regularisation& regularisation = {});

  const Graph& graph() const { return inference_plan_.graph; }
  const ParameterLayout<T>& layout() const { return inference_->layout(); }

  /// From now on training runs on a perturbed copy of the parameters, drawn anew after bind() and
  /// set_noise(); gradients are those with respect to the parameters themselves.
  void perturb(ParameterNoiseSpec spec);

  /// Parameters have new values; copies and transposes are made when the runner is next used.
  void bind(const T* parameters);
  void prepare(bool training, int steps, int lanes);
  Runner<T>& runner(bool training);  ///< after prepare()

  /// inputs: as many as `offered`, or more; those that the cell does not have are ignored.
  void forward(bool training, int steps, const std::vector<const T*>& inputs, LayerState<T>& state);

  /// Fills d_input(p) for the ports in [0, wanted).
  void backward(const std::vector<const T*>& d_outputs, const T* d_losses, int wanted, T* gradients);
  const T* d_input(int port) const;  ///< null for an absent port or one that was not wanted

  LayerState<T> start(int lanes) const { return make_state<T>(inference_plan_, lanes); }
  int outputs() const { return static_cast<int>(graph().outputs.size()); }
  int output_size(int port) const { return graph().outputs[static_cast<std::size_t>(port)].size; }
  void set_noise(std::uint64_t seed, std::uint64_t stream);

 private:
  void compile_training();

  Graph source_;
  Regularisation regularisation_;
  const kernels::Kernels<T>& kernels_;
  Engine& engine_;
  Plan inference_plan_;
  std::unique_ptr<Plan> training_plan_;
  std::unique_ptr<Runner<T>> training_, inference_;
  std::unique_ptr<ParameterNoise<T>> noise_;  // null: training sees the parameters as they are
  std::uint64_t noise_seed_ = 0, noise_stream_ = 0;
  bool bound_[2] = {};  // inference, training
  const T* parameters_ = nullptr;
  std::vector<const T*> inputs_;
  std::vector<const T*> d_outputs_;
  std::vector<T*> d_input_pointers_;
  std::vector<AlignedArray<T>> d_inputs_;
  int steps_ = 0, lanes_ = 0;  // of the last training forward
};

}  // namespace cellwright
