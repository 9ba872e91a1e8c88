// sequence_training.h: what trainings on sequences have in common on the command line: where the model goes,
// resuming, progress, the log, the last lines. A task (train_music.cpp, …) brings its data, what the model
// reads and says, and how it is measured at the end.
//
// Where to start: SequenceStart, then train_sequences().
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/sequences.h"
#include "nn/sequence_model.h"
#include "progress.h"
#include "train/sequence_file.h"
#include "train/sequence_trainer.h"
#include "train_request.h"

namespace cellwright::app {

/// Settled before data are read.
struct SequenceStart {
  std::string out;
  std::optional<SavedSequenceModel> saved;  ///< a training to be resumed
  TrainOptions options;
  EngineOptions engine;
};

/// `kind` is the task's; `defaults` what a new training starts from. Throws as check_out(),
/// load_sequence_model().
SequenceStart start_sequences(const RunRequest& request, const std::string& kind,
                              const std::vector<std::string>& inputs, const std::vector<std::string>& endings,
                              const TrainOptions& defaults);

struct SequenceJob {
  nlohmann::json task;  ///< with its kind; kept in the model file
  SequenceSpec spec;    ///< of a new model
  SequenceSet train, valid, test;
  std::string data;               ///< "229 pieces to train on, …", for the line that begins with "data"
  std::string loss_unit;          ///< "nats a frame"
  std::vector<std::string> next;  ///< commands to go on with: "sample {} --out song.mid", {} being the model
  ProgressWords words;
  /// After a training that was not stopped, with the best parameters: what can only be known now, put into the
  /// task under "measured" before the file is written; a resumed training may differ there. May be empty.
  std::function<void(SequenceModel<float>&, nlohmann::json&)> complete;
  /// Prints what the task is measured by; the model holds the best parameters. What is returned joins the
  /// log's last entry.
  std::function<nlohmann::ordered_json(SequenceModel<float>&)> measure;
};

/// To the end. Returns the exit status.
int train_sequences(const RunRequest& request, SequenceStart& start, const SequenceJob& job);

/// Prints a loss with its unit: "validation  8.4321 nats a frame".
void print_measure(const std::string& what, double value, const std::string& unit);

/// Every n-th of a set drawn by the seed, until a part of `fraction` is taken out (at least one, if the
/// fraction is above 0 and there are two). SpecError for a fraction outside [0, 1).
template <class V>
std::vector<V> take_part(std::vector<V>& all, double fraction, std::uint64_t seed, const char* option);

std::vector<std::size_t> drawn_part(std::size_t count, double fraction, std::uint64_t seed,
                                    const char* option);

template <class V>
std::vector<V> take_part(std::vector<V>& all, double fraction, std::uint64_t seed, const char* option) {
  std::vector<std::uint8_t> taken(all.size(), 0);
  for (const std::size_t i : drawn_part(all.size(), fraction, seed, option)) taken[i] = 1;
  std::vector<V> part, rest;
  for (std::size_t i = 0; i < all.size(); ++i) (taken[i] ? part : rest).push_back(std::move(all[i]));
  all = std::move(rest);
  return part;
}

}  // namespace cellwright::app
