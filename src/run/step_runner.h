// step_runner.h: runs a plan for one sequence, one step at a time, on the caller's thread: the shortest way.
//
// Where to start: StepRunner::step. A Runner finds its addresses anew for every window; here they are found
// once, in bind(): a step is a list of kernel calls with all arguments ready. The states lie in two
// arrays that take turns, so none is copied. What always holds: outputs and states equal those of a
// Runner's window to the bit; step() neither allocates nor throws, and takes no lock.
#pragma once

#include <cstdint>
#include <vector>

#include "base/aligned.h"
#include "base/rng.h"
#include "compile/plan.h"
#include "kernels/kernels.h"
#include "run/parameters.h"
#include "run/runner.h"
#include "run/state.h"
#include "run/step_code.h"

namespace cellwright {

template <class T>
class StepRunner {
 public:
  /// Keeps references to both. InternalError for a training plan.
  StepRunner(const Plan& plan, const kernels::Kernels<T>& kernels, RunOptions options = {});
  StepRunner(const StepRunner&) = delete;
  StepRunner& operator=(const StepRunner&) = delete;

  const Plan& plan() const { return plan_; }
  const ParameterLayout<T>& layout() const { return layout_; }

  /// Takes over parameters (layout().size() numbers, 64-byte aligned, kept by reference) and makes the list.
  /// To be called again after every change of their values. The state stays.
  void bind(const T* parameters);

  /// Where takes_one_hot(plan, 0): from the next bind() on, input port 0 is given as the place of its 1, or again as
  /// numbers.
  void take_one_hot(bool one_hot) { one_hot_ = one_hot; }

  /// One step from the state that the last one left. inputs[p]: `size of port p` numbers, null for an absent
  /// port; read before the call returns. `place`: of port 0's 1, after take_one_hot(). After bind().
  void step(const T* const* inputs, std::int32_t place = 0) noexcept;

  /// Of the last step: [size], until the next.
  const T* output(int port) const noexcept { return outputs_[turn_][static_cast<std::size_t>(port)]; }

  /// Σ of the cell's own losses in the last step, of the first `count` (-1: all).
  double loss(int count = -1) const noexcept;

  /// Back to the cell's start. After bind().
  void restart() noexcept;

  /// The state, as one lane of a caller's. ShapeError where it is another cell's. After bind().
  void set_state(const LayerState<T>& state, int lane = 0);
  void get_state(LayerState<T>& state, int lane = 0) const;

  std::int64_t steps() const noexcept { return step_; }  ///< taken since the start

  /// As Runner's.
  void set_noise(std::uint64_t seed, std::uint64_t stream);

 private:
  /// A call of a kernel: a tile, or products of panels that share operands, or one of clocked_.
  struct Call {
    kernels::TileFunction<T> tile = nullptr;
    T* out = nullptr;
    const T *a = nullptr, *b = nullptr, *c = nullptr;
    std::size_t n = 0;
    const kernels::ProductPanel<T>* panels = nullptr;
    int panel_count = 0;
    int clocked = -1;
  };
  /// Products of which some rest at some steps.
  struct Clocked {
    struct Term {
      kernels::ProductTerm<T> bound;
      int period = 1;
    };
    struct Panel {
      kernels::ProductPanel<T> bound;
      int period = 1;
      std::vector<Term> terms;
    };
    std::vector<Panel> panels;
  };
  struct Leaf {
    NodeId node = kNoNode;
    Random random;
    T* to = nullptr;
  };
  struct Copy {
    int parameter = 0, offset = 0, size = 0;
    std::size_t at = 0;
  };
  struct Input {
    int port = 0;
    std::size_t size = 0;
    T* to = nullptr;
  };

  void place_memory();
  std::size_t reserve(std::size_t count);
  const T* vector_of(int parameter, int offset, int size);
  void add_products(const StepInstruction& code, int turn);
  void add_tiles(const StepInstruction& code, std::size_t constants, int turn);
  kernels::ProductPanel<T> panel_of(const ProductOutput& output, int panel, int turn);
  T* at(Place place, int turn);
  void run_clocked(const Clocked& clocked) noexcept;
  void check(const LayerState<T>& state, int lane) const;

  const Plan& plan_;
  const kernels::Kernels<T>& kernels_;
  const RunOptions options_;
  ParameterLayout<T> layout_;
  StepCode code_;

  AlignedArray<T> memory_;  ///< everything below by its offset, each on a cache line
  std::size_t size_ = 0;
  std::vector<std::size_t> buffers_;                 ///< per buffer of the plan
  std::vector<std::size_t> starts_;                  ///< per state: where the cell's start stands
  std::vector<std::vector<std::size_t>> constants_;  ///< per instruction and slot
  std::vector<Copy> copies_;                         ///< of vector parameters
  std::size_t registers_ = 0;

  const T* parameters_ = nullptr;
  std::vector<Call> calls_[2];  ///< by turn: which of a state's two arrays holds the new value
  std::vector<kernels::ProductPanel<T>> panels_[2];
  std::vector<kernels::ProductTerm<T>> terms_[2];
  std::vector<Clocked> clocked_;
  std::vector<kernels::ProductPanel<T>> due_panels_;
  std::vector<kernels::ProductTerm<T>> due_terms_;
  std::vector<const T*> outputs_[2], losses_[2];
  std::vector<Input> inputs_;
  std::vector<Leaf> leaves_;

  bool one_hot_ = false;
  std::int32_t place_ = 0;  ///< of the 1 in port 0; terms point to it
  int turn_ = 0;
  std::int64_t step_ = 0;
  bool fresh_ = true;
};

}  // namespace cellwright
