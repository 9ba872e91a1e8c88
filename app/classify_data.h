// classify_data.h: sequences with a class each, from whatever file or folder holds them, and how they were
// read, so that `predict` reads the same way. Start at ClassReader.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/labelled.h"
#include "data/labelled_files.h"

namespace cellwright::app {

struct ClassReading {
  SoundReading sound;
  std::string images = "rows";    ///< of idx files: rows, pixels, permuted
  std::uint64_t image_seed = 1;   ///< of the permutation
  std::string class_of, test_of;  ///< regular expressions over files' names
  int points = 0;                 ///< coordinates of a point: steps are centred; 0: they are not
  bool differences = false;
};

/// SpecError for what is out of range.
void check(const ClassReading& reading);
nlohmann::json to_json(const ClassReading& reading);
ClassReading class_reading_from_json(const nlohmann::json& json);  ///< throws JSON's exceptions, SpecError

struct ClassParts {
  LabelledData train;
  std::optional<LabelledData> test;  ///< that the files themselves set apart
};

/// A .ts file, JSON lines, a folder with MNIST's idx files, a folder a class, a folder of files whose names
/// tell. What a first sound settles (its rate) goes into `reading`; points are centred, differences not yet
/// appended. IoError, FormatError, SpecError.
ClassParts read_classes(const std::string& path, ClassReading& reading);

/// For predict: one file; its labels, if it has any, are not asked.
LabelledData read_unlabelled(const std::string& path, ClassReading& reading);

}  // namespace cellwright::app
