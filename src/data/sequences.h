// sequences.h: separate sequences of numbers or symbols with their targets, and the batches they are put
// into.
//
// Where to start: SequenceSet, then gather. What always holds: the order of batches is a function of the seed
// and the epoch; a batch's rows past a sequence's end are 0, in the mask too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cellwright {

struct Sequence {
  std::string name;  ///< for messages: a file, "chorale 12"
  int steps = 0;
  std::vector<float> inputs;          ///< [steps, inputs]
  std::vector<std::int32_t> symbols;  ///< [steps], in place of inputs
  std::vector<float> targets;         ///< [steps, target_width], or [target_width] where a sequence has one
  std::vector<std::int32_t> labels;   ///< of the whole, not aligned with steps; for the loss ctc
  std::vector<std::uint8_t> counted;  ///< [steps]: 0 where a step's target does not count; empty: all do
};

struct SequenceSet {
  int inputs = 0;        ///< numbers a step; 0: symbols
  int target_width = 0;  ///< numbers of a target; 0: none
  bool each = true;      ///< a target a step; else one a sequence
  std::vector<Sequence> sequences;

  bool empty() const { return sequences.empty(); }
  std::int64_t steps() const;    ///< of all
  std::int64_t targets() const;  ///< that count
  std::uint64_t hash() const;    ///< of everything but the names: to know a set again

  /// ShapeError naming a sequence whose arrays do not fit, or that is empty.
  void check() const;
};

/// Which sequences run side by side, batch by batch.
using BatchPlan = std::vector<std::vector<int>>;

/// In the order of length, so that little is padding: for evaluation.
BatchPlan batches_by_length(const SequenceSet& set, int batch);

/// For training: sequences are shuffled, every eight batches of them sorted by length and cut, and the
/// batches shuffled.
BatchPlan shuffled_batches(const SequenceSet& set, int batch, std::uint64_t seed, int epoch);

/// Steps [first, first + steps) of some sequences, padded. A row of targets is a step of a lane, or a lane.
struct SequenceBatch {
  int steps = 0, lanes = 0;
  std::vector<float> inputs;                      ///< [steps, lanes, inputs]
  std::vector<std::int32_t> symbols;              ///< [steps, lanes]
  std::vector<float> targets;                     ///< [rows, target_width]
  std::vector<std::uint8_t> mask;                 ///< [steps, lanes]
  std::vector<std::uint8_t> counted;              ///< [rows]
  std::vector<std::vector<std::int32_t>> labels;  ///< [lanes], of whole sequences
  bool padded = false;                            ///< the mask has a 0
  bool counts = false;                            ///< `counted` has a 1
};

/// At most `steps` steps, fewer where all end before; 0: all to the end. Of a set with a target a sequence,
/// the whole sequences.
void gather(const SequenceSet& set, const std::vector<int>& lanes, int first, int steps,
            SequenceBatch& batch);

}  // namespace cellwright
