// checkpoint.h: a model, and a training in progress, as one safetensors file.
//
// The file. Metadata has one key, "cellwright": JSON with "format" (1), "language", "spec" (ModelSpec),
// "vocabulary" ("characters", …) and "training" (options, history, updates, simd; absent for a model that was
// never trained); and "training_state" while that is kept. Tensors: the parameters under their names (F32,
// row major), "vocabulary.bytes" (U8) and "vocabulary.offsets" (I64), for subwords "vocabulary.model" (U8),
// then the training state's under "training.…".
//
// While a training runs, its file is at every moment a complete model that can be sampled: the plain tensors
// hold the best validation's parameters (the current ones where there is no validation set), and beside them
// lies what --resume needs, which makes the file about four times as large. When it has finished the caller
// saves once more without the state, unless asked to keep it. Writing is atomic. Nothing in a file depends on
// threads or the time of day.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/vocabulary.h"
#include "interop/safetensors.h"
#include "nn/model.h"
#include "train/trainer.h"

namespace cellwright {

struct SavedModel {
  ModelSpec spec;
  Vocabulary vocabulary;
  std::string training_json;           ///< "": never trained
  std::vector<Tensor> parameters;      ///< in the order of tensors_of(spec)
  std::optional<TrainingState> state;  ///< to resume from

  /// Into a model of this spec.
  void apply(Model<float>& model) const;

  /// The history and the options it was trained with; empty and defaults where it was never trained.
  std::vector<EvaluationReport> history() const;
  TrainOptions options() const;
};

/// `trainer` null: the model as it stands, with `training_json` as it was loaded. Else its best parameters
/// and its history, and with `keep_state` what resume() needs. IoError as write_file_atomically().
void save_model(const std::string& path, const Model<float>& model, const Vocabulary& vocabulary,
                Trainer* trainer, bool keep_state, const std::string& training_json = "");

/// "training" of the file: options, history, updates, SIMD target.
std::string training_record_json(const Model<float>& model, const Trainer& trainer);

/// Reads and checks all of a file; no array larger than the file's own is made. IoError, FormatError (naming
/// the file), CellError.
SavedModel load_model(const std::string& path);

}  // namespace cellwright
