// interpreter.h: executes one instruction of a plan for a run of rows.
//
// Where to start: BoundInstruction::run. An instruction is bound once to arrays and kernels; per call only
// row addresses are computed. What always holds: run() neither allocates nor throws, and rows do not see each
// other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/aligned.h"
#include "compile/plan.h"
#include "kernels/kernels.h"
#include "run/ahead.h"
#include "run/parameters.h"
#include "run/unit_shares.h"

namespace cellwright {

/// A buffer of the plan while it runs: slot s of `slots` holds [lanes, size] at data + s·lanes·size.
template <class T>
struct BoundBuffer {
  T* data = nullptr;
  std::size_t slot = 0;  ///< numbers a slot: lanes·size
  int size = 0;
  int ring = 0;  ///< 0: slot t is step t; else t mod ring
  const std::int32_t* hot = nullptr;  ///< in place of data: rows [steps, lanes] that are 1 at this place (one_hot.h)

  T* at(int step, std::size_t row) const {
    const int s = ring == 0 ? step : step % ring;
    return data + static_cast<std::size_t>(s) * slot + row * static_cast<std::size_t>(size);
  }
};

/// What the instructions of a plan share: arrays, packed parameters and their copies.
template <class T>
struct Bindings {
  std::vector<BoundBuffer<T>> buffers;
  std::int64_t first_step = 0;  ///< of the window, counted since the state's start: what clocks go by
  std::size_t lanes = 1;
  int steps = 0;  ///< of the window
  const T* parameters = nullptr;            ///< packed, layout's offsets
  std::vector<AlignedArray<T>> transposed;  ///< per piece; empty where no backward product reads it
  struct Copy {
    int parameter = 0, offset = 0, size = 0, repeats = 1;
    AlignedArray<T> values;  ///< entries [offset, offset+size) of the vector, `repeats` times
  };
  std::vector<Copy> copies;
};

/// Index of the copy of entries [offset, offset+size) of a vector parameter, `repeats` times; made on first
/// demand.
template <class T>
int add_copy(Bindings<T>& bindings, int parameter, int offset, int size, int repeats);

template <class T>
class BoundScan;

template <class T>
class BoundInstruction {
 public:
  /// `threads` register files and panel lists are made. All references are kept.
  BoundInstruction(const Instruction& code, const kernels::Kernels<T>& kernels, bool accurate,
                   const ParameterLayout<T>& layout, Bindings<T>& bindings, int threads);

  ~BoundInstruction();
  BoundInstruction(BoundInstruction&&) noexcept;

  /// What it is instead, for all rows at once, or null. run() is not to be called then.
  BoundScan<T>* scan() const { return scan_.get(); }

  /// See Instruction::joins.
  bool joins() const { return code_.joins; }

  /// What its products fetch beside them.
  void fetch(std::vector<AheadRows> ahead);

  /// To be called when parameters were bound to another array.
  void bind_parameters();

  /// From now on run() does one part of these shares; without a call there is one part, all of it. The shares
  /// are kept by reference.
  void divide(const InstructionShares& shares, int parts);

  /// Rows [row, row+rows) of step `step`; or, for programs over all steps, step 0 and rows counted over all
  /// steps and lanes. Of them part `part`.
  void run(int step, std::size_t row, std::size_t rows, int thread, int part = 0) noexcept;

  /// False when nobody wants what the instruction writes (gradients of inputs that the caller did not ask
  /// for).
  bool wanted() const;

 private:
  struct PanelSource {
    int output = 0, panel = 0;  ///< index into code_.products; panel within it
  };
  /// Of panel_sources_ and term_sources_, whose parts lie one behind the other.
  struct PanelPart {
    std::size_t first_panel = 0, last_panel = 0, first_term = 0;
  };
  struct TermSource {
    int output = 0, term = 0, panel = 0;
  };
  struct ThreadData {
    AlignedArray<T> registers;
    std::vector<kernels::ProductPanel<T>> panels;
    std::vector<kernels::ProductTerm<T>> terms;
    std::vector<kernels::ProductPanel<T>> due_panels;  ///< of one step, where some are idle
    std::vector<kernels::ProductTerm<T>> due_terms;
    std::vector<kernels::Ahead> ahead;
    std::vector<T*> bases;
    std::vector<std::size_t> strides;  ///< by_row: numbers a row
  };
  struct Code {
    kernels::TileFunction<T> apply = nullptr;
    int out = 0, a = -1, b = -1, c = -1;
    std::size_t n = 0;
  };

  void point(kernels::ProductTerm<T>& term, const ProductTerm& source, int step, std::size_t row) noexcept;
  void bind_products();
  void bind_tiles(bool accurate);
  void list_panels(const InstructionShares* shares, int parts);
  void run_products(int step, std::size_t row, std::size_t rows, const PanelPart& part,
                    ThreadData& mine) noexcept;
  void run_clocked_products(int step, std::size_t row, std::size_t rows, const PanelPart& part,
                            ThreadData& mine) noexcept;
  void run_due_products(int step, std::size_t row, std::size_t rows, std::int64_t now, bool all,
                        const PanelPart& part, ThreadData& mine) noexcept;
  void run_tiles(int step, std::size_t row, std::size_t rows, std::size_t first, std::size_t last,
                 ThreadData& mine) noexcept;
  void apply_all(const ThreadData& mine, const std::size_t* advance, std::size_t n) noexcept;

  const Instruction& code_;
  const ParameterLayout<T>& layout_;
  const kernels::Kernels<T>& kernels_;
  Bindings<T>& bindings_;
  std::unique_ptr<BoundScan<T>> scan_;
  std::vector<ThreadData> threads_;
  std::vector<PanelPart> parts_;
  const InstructionShares* shares_ = nullptr;  ///< null: all is one part
  std::vector<PanelSource> panel_sources_;
  std::vector<TermSource> term_sources_;
  std::vector<AheadRows> ahead_;
  std::vector<int> bias_copies_;  ///< per product output: index into bindings_.copies, or -1
  std::vector<bool> clocked_;     ///< per product output: it, or one of its terms, has a period
  bool any_clocked_ = false, all_clocked_ = true;
  std::vector<Code> tiles_;
  std::vector<int> parameter_copies_;  ///< per slot: index into bindings_.copies, or -1
  std::vector<AlignedArray<T>> constants_;
  std::size_t tile_ = 0;  ///< numbers a tile works on; by_row: 0
  std::size_t register_size_ = 0;
};

}  // namespace cellwright
