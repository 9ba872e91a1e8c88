// catalogue.h: the tasks of the lab by name. A new task is a file and a row in catalogue.cpp.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lab/task.h"
#include "lab/training_options.h"

namespace cellwright::lab {

/// What a task is usually trained with.
struct Defaults {
  std::vector<std::string> cells = {"rnn", "lstm"};
  std::vector<int> units = {32};     ///< for all, or one a cell
  std::vector<std::string> options;  ///< of the cells that have them: "periods=1,2,4"
  TrainingOptions training;
};

struct Entry {
  std::string name;
  std::string summary;                 ///< a line of help
  std::vector<std::string> languages;  ///< of its texts, first the default; empty: it has none
  bool symbols = true;                 ///< it reads symbols, which may have an embedding; else numbers
  Defaults defaults;
  std::unique_ptr<Task> (*make)(const TaskOptions& options);
};

const std::vector<Entry>& catalogue();

}  // namespace cellwright::lab
