// tag_task.h: what a tagger knows of its data: how they were read, its words and labels.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "data/tagged.h"
#include "loss/ctc.h"
#include "train/sequence_file.h"

namespace cellwright::app {

struct TagReading {
  int word = 1, tag = -1;  ///< columns
  bool ctc = false;
};

struct TagTask {
  TagReading how;
  Names words, labels;
  int width = 0;    ///< numbers a step; 0: words
  Scaling scaling;  ///< of numbers, by the training data; empty: as they are
};

void check(const TagReading& reading);  ///< SpecError
nlohmann::json to_json(const TagTask& task);

/// FormatError where the file's task is not that, or does not fit its model.
TagTask tag_task_of(const SavedSequenceModel& saved, const std::string& path);

/// By the file's ending: JSON lines, else columns; also gzip. IoError, FormatError.
TaggedData read_tagged(const std::string& path, const TagReading& reading, bool tags);

/// predict: each file's steps with their labels, as columns or, with CTC, a line of labels a sequence.
int predict_tags(const SavedSequenceModel& saved, const std::string& model_path,
                 const std::vector<std::string>& files, const EngineOptions& engine);

}  // namespace cellwright::app
