// step.h: cells run one step at a time, for one sequence: audio, control, sensors, games.
//
// Start at Step. Everything that may fail or allocate does so while a Step is made, or its parameters are
// set; step() is noexcept, takes no lock, allocates nothing and runs on the caller's thread. Its numbers are
// those of the same layers over a whole sequence, to the bit.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cellwright/cell.h"

namespace cellwright {

struct StepLayer {
  Cell cell = Cell::named("lstm");
  CellSizes sizes =
      {};  ///< `inputs` is read in the first layer alone: the others read the outputs below, by position
};

struct StepOptions {
  std::uint64_t seed = 1;  ///< of the parameters' start, and of the noise of a cell that says normal()
  std::string simd = "";   ///< "": the best target of this processor; else its name, for its bits
  bool accurate = false;   ///< σ and tanh to 2.5 units in the last place, in place of 1e-6
};

/// The memory of a Step at one moment: keep it, and give it back to that Step or another of the same layers.
struct StepState {
  std::vector<float> values;
  std::int64_t steps = 0;  ///< taken since the start
  bool fresh = true;       ///< none yet: it stands at the cell's start, which may be learned
};

class Step {
 public:
  /// One layer, or several from below. Parameters start as the cells' `init` lines say. SpecError where a
  /// size is missing or a target is unknown.
  explicit Step(const Cell& cell, const CellSizes& sizes = {}, const StepOptions& options = {});
  explicit Step(const std::vector<StepLayer>& layers, const StepOptions& options = {});

  /// A model file as TextModel::save() writes it: step_token() too; or a model of sequences of numbers that
  /// speaks at each step ('cellwright train audio', 'train music'): step() then gives what its head gives.
  /// IoError, FormatError; SpecError for layers that read backwards in time, residual or skip connections,
  /// and an adaptive softmax.
  static Step load(const std::string& path, const StepOptions& options = {});

  ~Step();
  Step(Step&&) noexcept;
  Step& operator=(Step&&) noexcept;

  int inputs() const noexcept;  ///< numbers a step reads: the first layer's inputs, one behind the other
  int outputs()
      const noexcept;  ///< numbers a step writes: the top layer's first output, or a sequence model's head
  int tokens() const noexcept;  ///< of a loaded model: logits a step_token() writes; else 0

  struct Parameter {
    std::string name;                 ///< "layers.0.W_f", in the cell's names
    std::vector<std::int64_t> shape;  ///< [rows, columns], or [entries] of a vector
    std::vector<float> values;        ///< row major
  };
  std::vector<Parameter> parameters() const;

  /// "W_f" is enough where there is one layer. The state stays; forks keep what they had. SpecError for a
  /// name that no layer has, ShapeError for a wrong count.
  void set(const std::string& parameter, const std::vector<float>& values);

  /// One step. input: inputs() numbers; output: outputs() numbers; no alignment is asked for. The
  /// floating-point mode is the caller's again afterwards; one that flushes denormals already saves about 10
  /// ns.
  void step(const float* input, float* output) noexcept;

  /// `count` steps: [count, inputs()] to [count, outputs()], as an audio block.
  void run(int count, const float* input, float* output) noexcept;

  /// Of a loaded model: reads one token, writes tokens() logits of the next. False, and nothing done, for a
  /// token that the model does not have.
  bool step_token(std::int32_t token, float* logits) noexcept;

  StepState state() const;

  /// Into a state that was made before: allocates nothing if that came from a Step of the same layers.
  void save(StepState& state) const;

  /// ShapeError for a state of other layers. Allocates nothing.
  void restore(const StepState& state);

  /// Back to the cells' start.
  void restart() noexcept;

  /// Another sequence that begins here: its state is a copy, its parameters are shared.
  Step fork() const;

 private:
  struct Parts;
  explicit Step(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace cellwright
