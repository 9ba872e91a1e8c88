// class_files.h: which sequences with classes a command works on, and the parts they come in: what `train
// classify` and `compare classify` share. How a single file is read: classify_data.h.
//
// Where to start: ClassFiles, then read_class_data().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "classify_data.h"
#include "data/sequences.h"
#include "part_files.h"

namespace CLI {
class App;
}

namespace cellwright::app {

struct ClassFiles : PartFiles {
  ClassReading how;
};

/// The file or folder itself, and the options of the group "Data".
void add_class_options(CLI::App* app, ClassFiles& files);

/// What is read, and what it is measured on.
struct ClassData {
  LabelledData train, valid;
  std::optional<LabelledData> test;
  std::vector<std::string> classes;
};

/// `validate`: where no validation part is named, a tenth of each class becomes it. `test_fraction` likewise,
/// where no test is named or set apart by the files themselves. IoError, FormatError, SpecError.
ClassData read_class_data(ClassFiles& files, std::uint64_t seed, bool validate);

/// "240 sequences of 7 … 26 steps to train on, …"
std::string describe(const ClassData& data);

/// In deviations of the training part; an empty set for a part that is not there.
struct ClassSets {
  Scaling scaling;
  SequenceSet train, valid, test;
};
/// `differences`: each step's from the one before are appended first, to `data` itself.
ClassSets scaled_sets(ClassData& data, bool differences);

}  // namespace cellwright::app
