// layer.h: one recurrent layer in one direction of time: a cell, sized and compiled for training and for
// inference, each also with padding once a batch has some, and the runners of these plans.
//
// Where to start: forward. What always holds: all plans have the same pieces, so they read one packed
// parameter array; without regularisation their values are equal to the bit.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/aligned.h"
#include "compile/plan.h"
#include "kernels/kernels.h"
#include "nn/engine.h"
#include "nn/parameter_noise.h"
#include "nn/spec.h"
#include "run/runner.h"
#include "run/step_runner.h"

namespace cellwright {

/// The sized step graph of a layer. `offered` are the sizes of what comes from below, by port; optional
/// inputs beyond them are absent. Throws CellError, and SpecError naming layer and input where a needed input
/// is not offered, or layer and option where the cell offers no site for a regulariser.
Graph lower_layer(const LayerSpec& spec, int index, const std::vector<int>& offered);

template <class T>
class Layer {
 public:
  /// Plans but that for inference are compiled when they are first prepared. SpecError as regularise(), asked
  /// at once.
  Layer(const Graph& graph, const kernels::Kernels<T>& kernels, Engine& engine,
        const Regularisation& regularisation = {});

  const Graph& graph() const { return plain_[0].plan->graph; }
  const ParameterLayout<T>& layout() const { return plain_[0].runner->layout(); }

  /// From now on training runs on a perturbed copy of the parameters, drawn anew after bind() and
  /// set_noise(); gradients are those with respect to the parameters themselves.
  void perturb(ParameterNoiseSpec spec);

  /// From now on all runs are those of inference, without dropout or noise, training ones too, and keep what
  /// is asked for (observation.h): for looking, not for training; padding is not known then. {} ends it. The
  /// other plans and parameters stay as they are. SpecError as make_plan().
  void observe(const Observation& observation);
  bool observing() const { return observation_.any(); }
  const Plan& observed_plan(bool training);                      ///< after prepare()
  const T* observed(int i) const { return last_->observed(i); }  ///< of the last forward(), as Runner's
  const T* observed_gradient(int i) const { return last_->observed_gradient(i); }
  /// A scan carries some state, or in training some state's gradient. Compiles the plan that says so.
  bool scans(bool training);

  /// Parameters have new values; copies and transposes are made when a runner is next used.
  void bind(const T* parameters);

  /// Makes room for windows. With `masked` the plan that knows padding is compiled, at the first call;
  /// without nothing of it exists.
  void prepare(bool training, int steps, int lanes, bool masked = false);

  /// After prepare(). inputs: as many as `offered`, or more; those that the cell does not have are ignored.
  /// `mask` [steps, lanes]: 0 where a lane's step is padding: its states stay, its outputs and losses are 0;
  /// what stands there in the inputs is not read. The mask must stay until backward() is done.
  /// `one_hot`, where takes_one_hot(): [steps, lanes], the first input's rows as the place of their 1, for as long.
  void forward(bool training, int steps, const std::vector<const T*>& inputs, LayerState<T>& state,
               const std::uint8_t* mask = nullptr, const std::int32_t* one_hot = nullptr);

  /// Without padding: the first input meets nothing but matrices. Compiles the plan that says so.
  bool takes_one_hot(bool training);

  /// Of the last forward(): [steps, lanes, size]; and Σ over lanes of the cell's own losses,
  /// penalties not among them.
  const T* output(int port) const { return stepped_ ? step_->output(port) : last_->output(port); }
  double loss_at(int t) const {
    const int own = static_cast<int>(source_.losses.size());
    return stepped_ ? step_->loss(own) : last_->loss_at(t, own);
  }

  struct Backward {
    const T* d_losses = nullptr;  ///< as Runner's, and all below
    int wanted = 0;               ///< d_input(p) is filled for the ports in [0, wanted)
    T* gradients = nullptr;
    const LayerState<T>* d_final = nullptr;
    LayerState<T>* d_start = nullptr;
    bool more = false;  ///< more of the same sequence will be added to `gradients` before they are read
  };
  /// Of the last forward() for training. d_outputs by port; null, or beyond the list: 0.
  void backward(const std::vector<const T*>& d_outputs, const Backward& b);
  const T* d_input(int port) const;  ///< null for an absent port or one that was not wanted

  /// Of plans without padding: what is held whatever the window, parameters not counted; and what a window
  /// asks for. given: outputs whose gradients come from above; wanted: as Backward's.
  std::size_t fixed_bytes();
  std::size_t window_bytes(bool training, int steps, int lanes, int given, int wanted);

  LayerState<T> start(int lanes) const { return make_state<T>(*plain_[0].plan, lanes); }
  int outputs() const { return static_cast<int>(graph().outputs.size()); }
  int output_size(int port) const { return graph().outputs[static_cast<std::size_t>(port)].size; }
  void set_noise(std::uint64_t seed, std::uint64_t stream);

 private:
  struct Compiled {
    std::unique_ptr<Plan> plan;
    std::unique_ptr<Runner<T>> runner;
    bool bound = false;
    bool one_hot = false;  // see takes_one_hot()
  };
  Compiled& compiled(bool training, bool masked) {
    return (observing() ? observed_ : masked ? masked_ : plain_)[training];
  }
  void compile(bool training, bool masked);
  // A window that StepRunner runs.
  bool takes_step(bool training, int steps, int lanes, bool masked) const {
    return !training && steps == 1 && lanes == 1 && !masked && !observing();
  }
  void prepare_step();
  void unbind(bool training);

  Graph source_;
  Regularisation regularisation_;
  const kernels::Kernels<T>& kernels_;
  Engine& engine_;
  Compiled plain_[2], masked_[2], observed_[2];  // inference, training
  Observation observation_;
  Runner<T>* last_ = nullptr;
  std::unique_ptr<StepRunner<T>> step_;  // made for the first step of a single lane
  bool step_bound_ = false;
  bool step_one_hot_ = false;
  bool stepped_ = false;         // the last forward() was its
  Compiled* trained_ = nullptr;  // of the last forward() for training
  const T* parameters_ = nullptr;
  std::unique_ptr<ParameterNoise<T>> noise_;  // null: training sees the parameters as they are
  const T* perturbed_ = nullptr;              // this update's copy; null: not drawn yet
  std::uint64_t noise_seed_ = 0, noise_stream_ = 0;
  std::vector<const T*> inputs_;
  std::vector<const T*> d_outputs_;
  std::vector<T*> d_input_pointers_;
  std::vector<AlignedArray<T>> d_inputs_;
  int steps_ = 0, lanes_ = 0;  // of the last training forward
};

}  // namespace cellwright
