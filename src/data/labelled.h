// labelled.h: sequences of which each belongs to a class: what the readers give (labelled_files.h, idx.h),
// parts of it, and the same scaled and numbered, to train on.
//
// Where to start: LabelledData, to_sequences. What always holds: classes are in a fixed order: as the file
// names them, else sorted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/scaling.h"
#include "data/sequences.h"

namespace cellwright {

struct LabelledSequence {
  std::string name, label;  ///< name: for messages, "a.ts: case 3"
  int steps = 0;
  std::vector<float> values;  ///< [steps, width]; NaN where one is missing
};

struct LabelledData {
  int width = 0;  ///< numbers a step
  std::vector<LabelledSequence> items;
  std::vector<std::string> classes;  ///< that the file names, in its order; empty: those that occur
  std::vector<std::string> remarks;  ///< what the user should know: "12 files were resampled …"
};

/// In order: those the data name, or those that occur, sorted (numbers by size).
std::vector<std::string> classes_of(const LabelledData& data);

/// SpecError: fewer than two classes, or one with a single member; FormatError: an empty sequence, or a width
/// that differs.
void check(const LabelledData& data);

/// Which items make part `part` of `parts`, every class shared out evenly, drawn by the seed. Sorted.
std::vector<std::size_t> even_part(const LabelledData& data, int part, int parts, std::uint64_t seed);

/// Takes a fraction of each class out, at least one member of each and never all.
LabelledData take_fraction(LabelledData& data, double fraction, std::uint64_t seed);

Scaling scaling_of(const LabelledData& data);

/// Scaled, a missing number as 0, which is its mean; targets are class numbers. SpecError for a label that is
/// no class, or another width than the scaling's.
SequenceSet to_sequences(const LabelledData& data, const std::vector<std::string>& classes,
                         const Scaling& scaling);

/// Each step as points of `size` coordinates, moved so that their mean is 0.
void centre_points(LabelledData& data, int size);

/// Every step's differences from the step before it appended to it: twice as wide.
void append_differences(LabelledData& data);

}  // namespace cellwright
