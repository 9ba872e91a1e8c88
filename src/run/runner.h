// runner.h: runs a plan over sequences: forward, backward through time, and one step at a time.
//
// Where to start: Runner::forward, then Runner::backward. What always holds: the numbers do not depend on the
// number of threads, on the other lanes of the batch, or on how a sequence is cut into windows. forward()
// allocates nothing after prepare(), except for a split over threads that it has not met yet; backward() only
// on its first call.
#pragma once

#include <cstdint>
#include <vector>

#include "base/aligned.h"
#include "base/thread_pool.h"
#include "compile/plan.h"
#include "kernels/kernels.h"
#include "run/gradient_groups.h"
#include "run/interpreter.h"
#include "run/loop.h"
#include "run/parameters.h"
#include "run/state.h"

namespace cellwright {

struct RunOptions {
  bool accurate = false;  ///< accurate activations (always so in double)
  Split split{0, 0};      ///< of the loops over threads; a team of 0: as costs least. Changes no bit
  int stretch_rows = 0;   ///< rows, over steps and lanes, of a stretch of a window; 0: as suits the plan. Changes no bit
};

template <class T>
class Runner {
 public:
  /// Keeps references to all three. The plan's inputs are the layer's.
  Runner(const Plan& plan, const kernels::Kernels<T>& kernels, ThreadPool& pool, RunOptions options = {});
  ~Runner();

  const Plan& plan() const { return plan_; }
  const Split& split(bool reverse) const { return loops_[reverse].split(); }  ///< of the last window
  const ParameterLayout<T>& layout() const { return layout_; }

  /// Takes over parameters (layout().size() numbers, 64-byte aligned, kept by reference). To be called again
  /// after every change of their values: transposes and copies of vectors are made anew.
  void bind(const T* parameters);

  /// Makes room for windows of up to `steps` steps and `lanes` lanes, and of all that was prepared before.
  /// ShapeError for none, or for more than 2^30 rows.
  void prepare(int steps, int lanes);

  /// What the runner holds whatever the window, parameters not counted; and what prepare(steps, lanes) and a
  /// backward() ask for that is given the gradients of the first `given` outputs and writes those of the
  /// first `wanted` inputs.
  std::size_t fixed_bytes() const;
  std::size_t window_bytes(int steps, int lanes, int given, int wanted) const;

  /// One window. inputs[p]: [steps, lanes, size of port p], 64-byte aligned, null for an absent port; must
  /// stay until backward() is done. The state is read, and replaced by the one after the window. A fresh lane
  /// starts from the cell's start, learned or not. steps and state.lanes within what was prepared (ShapeError
  /// otherwise).
  void forward(int steps, const T* const* inputs, LayerState<T>& state);

  /// [steps, lanes, size] of the last forward(); valid until the next.
  const T* output(int port) const;

  /// [steps, lanes, size] of plan().observed[i] in the last forward(), and of plan().gradients[i] in the last
  /// backward(), null where none is made; valid until the next forward().
  const T* observed(int i) const { return observed_at(plan_.observed[static_cast<std::size_t>(i)]); }
  const T* observed_gradient(int i) const {
    return observed_at(plan_.gradients[static_cast<std::size_t>(i)]);
  }

  /// Σ over steps and lanes of the cell's own losses, in the last forward().
  double loss() const;

  /// Σ over lanes of the losses at step t of the window, of the first `count` (-1: all).
  double loss_at(int t, int count = -1) const;

  struct Backward {
    /// Per output port [steps, lanes, size], or null: 0; the list itself may be null.
    const T* const* d_outputs = nullptr;
    /// [steps]: weight of a step's own losses in the objective; null: 0.
    const T* d_losses = nullptr;
    /// Gradient of the state after the window; null: 0 (truncated here).
    const LayerState<T>* d_final = nullptr;
    /// layout().size() numbers; added to. Null: not wanted.
    T* gradients = nullptr;
    /// Per input port [steps, lanes, size] to be written, or null where not wanted; the list itself may be
    /// null.
    T* const* d_inputs = nullptr;
    /// Gradient of the state before the window, or null where not wanted.
    LayerState<T>* d_start = nullptr;
  };

  /// Back-propagation through the window of the last forward(), once: gradients take over arrays of the window's
  /// values. A training plan is required (InternalError otherwise, and the second time). Learned starts receive the gradient of the lanes that were fresh.
  void backward(const Backward& b);

  /// For plans with kStepMask leaves: [steps, lanes] of the next window, 0 where a lane's step is padding;
  /// null: nothing is. Kept by reference until the next call.
  void set_step_mask(const std::uint8_t* mask) { mask_ = mask; }

  /// Where takes_one_hot(plan, 0): [steps, lanes] of the next windows, the place of the 1 in each row of input port 0,
  /// whose rows need not exist then; null: they do. Kept by reference until backward() is done.
  void set_one_hot(const std::int32_t* places) { one_hot_ = places; }

  /// Noise of normal() and of dropout masks is a function of this, the node's name, the state's step, the
  /// lane and the unit.
  void set_noise(std::uint64_t seed, std::uint64_t stream) {
    noise_seed_ = seed;
    noise_stream_ = stream;
  }

 private:
  enum { kForwardBefore, kForwardLoop, kForwardAfter, kBackwardBefore, kBackwardLoop, kBackwardAfter };

  void find_entangled();
  void start_window(int steps, const T* const* inputs, const LayerState<T>& state);
  template <class F>
  void run_team(int team, const F& f);
  int stretch_steps() const;
  void run_all_steps(std::vector<BoundInstruction<T>>& program, int first, int last);
  void add_gradients(T* gradients, int first, int last);
  void add_weight_gradients(const GradientGroup& group, PanelRange mine, T* gradients, int first, int last,
                            int thread);
  void add_row_sum(const VectorGradientTask& task, T* gradients, int first, int last, int thread);
  void add_start_gradients(T* gradients);
  void fill_leaves();
  T* at(int buffer, int slot);
  const T* observed_at(const Observed& o) const {
    if (o.place.buffer < 0) return nullptr;
    return bindings_.buffers[static_cast<std::size_t>(o.place.buffer)].at(o.place.shift, 0);
  }

  const Plan& plan_;
  const kernels::Kernels<T>& kernels_;
  ThreadPool& pool_;
  const RunOptions options_;
  ParameterLayout<T> layout_;
  Bindings<T> bindings_;
  std::vector<BoundInstruction<T>> programs_[6];
  Loop<T> loops_[2];  ///< forward, backward
  std::vector<AlignedArray<T>> storage_;  ///< per buffer; empty where the caller gives the array
  std::vector<bool> entangled_;  ///< per buffer: an input's gradient that is made together with, or read by,
                                 ///< something wanted
  std::vector<AlignedArray<T>> zeros_;    ///< per output port, for absent gradients
  GradientGroups gradient_groups_;
  std::vector<std::vector<PanelRange>> panels_, shared_panels_;  ///< [threads][groups], the shared groups' too
  std::vector<AlignedArray<T>> scratch_;  ///< per thread, for weight gradients
  std::vector<std::vector<kernels::GradientTerm<T>>> terms_;  ///< per thread, the same
  std::vector<std::uint8_t> fresh_;       ///< lanes that were fresh when the window began
  int steps_ = 0, lanes_ = 0, max_steps_ = 0, max_lanes_ = 0;
  std::int64_t first_step_ = 0;
  bool went_back_ = false;  ///< the window's values are gone
  const std::uint8_t* mask_ = nullptr;
  const std::int32_t* one_hot_ = nullptr;
  std::uint64_t noise_seed_ = 0, noise_stream_ = 0;
};

}  // namespace cellwright
