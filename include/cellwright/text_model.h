// text_model.h: a language model over any cell: train it on a text, sample from it, measure it, save and load
// it.
//
// Start at TextModel; the ten lines of README.md are examples/02_train_and_sample.cpp. Everything throws
// cellwright::Error (error.h). What a training computes does not depend on the number of threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cellwright/cell.h"
#include "cellwright/look.h"
#include "cellwright/text.h"

namespace cellwright {

struct TextModelOptions {
  Cell cell = Cell::named("lstm");
  std::vector<int> units = {128};  ///< one layer each, from below
  int embedding = 0;  ///< width of the tokens' embedding; 0: one-hot vectors, good for a hundred characters
  std::map<std::string, int> sizes = {};                    ///< as CellSizes
  std::map<std::string, std::vector<double>> options = {};  ///< as CellSizes
  double init_uniform = 0;  ///< > 0: every parameter starts from U(-a, a), whatever the cell says
  int min_count = 1;        ///< rarer characters or words become <unk>
  std::uint64_t seed = 1;   ///< of the parameters' start
  int threads = 0;          ///< 0: all that this process may use
  bool scan =
      false;  ///< states whose recurrence is affine, as min_gru's, are carried over all steps of a window
              ///< at once, in chunks of time; SpecError where no layer has one. Last bits differ
};

/// What a training says after each update.
struct TrainingProgress {
  int epoch = 0, epochs = 0;             ///< the running one, from 1
  std::int64_t update = 0, updates = 0;  ///< done, and planned in all
  double loss = 0;                       ///< nats a token in this update's window
  double gradient_norm = 0;
  double learning_rate = 0;
};

struct TrainSettings {
  int epochs = 10;
  int batch = 50;  ///< parallel pieces of the text
  int steps = 50;  ///< how far back gradients go
  int stride = 0;  ///< tokens between updates, a divisor of steps; 0: steps
  double learning_rate = 2e-3;
  std::string optimizer = "adam";     ///< "sgd", "nesterov", "asgd", "nt-asgd", "rmsprop", "adagrad",
                                      ///< "adadelta", "adam", "adamw", "nadam"
  std::string schedule = "constant";  ///< "constant", "exponential", "zaremba", "step", "plateau", "cosine",
                                      ///< "one-cycle"
  double clip = 5;                    ///< largest norm of a gradient; 0: none
  double valid_fraction =
      0.05;                     ///< of the text's end, for validation; ignored when `valid` is given; 0: none
  const Text* valid = nullptr;  ///< a validation text
  int patience = 0;             ///< stop after so many validations without improvement; 0: never
  std::uint64_t seed = 1;       ///< of what is random in the training
  std::string save_as =
      "";  ///< a model file that is kept up to date; it can be resumed from while the training is unfinished
  bool resume = false;  ///< go on with the training that was stopped, here or in the file that load() read;
                        ///< same texts; of the settings epochs, learning rate, schedule
                        ///< and patience may differ
  std::function<void(const TrainingProgress&)> progress = nullptr;
  const std::atomic<bool>* stop =
      nullptr;  ///< set it from anywhere: the running update is finished, the file saved, train() returns
};

struct TrainSummary {
  bool stopped = false;  ///< by settings.stop
  std::int64_t updates = 0;
  double train_loss = 0;  ///< nats a token over the last epoch; NaN before its end
  double valid_loss = 0;  ///< the best, nats a token; NaN without validation
};

struct SampleSettings {
  std::string prime = "";  ///< read first; "": as at the beginning of a line
  int length = 400;        ///< tokens
  double temperature = 1;  ///< 0: always the likeliest
  int top_k = 0;           ///< draw from the k likeliest; 0: all
  double top_p = 1;        ///< draw from the likeliest that together reach p
  std::uint64_t seed = 1;
  std::function<void(const std::string&)> stream = nullptr;  ///< hears every piece as soon as it is drawn
};

struct TextLoss {
  double nats = 0;        ///< a token
  double bits = 0;        ///< a token
  double perplexity = 0;  ///< exp(nats)
  std::int64_t tokens = 0;
};

class TextModel {
 public:
  /// The vocabulary is that of `text`; parameters are at their start. CellError, SpecError (units 0, a size
  /// missing, …).
  explicit TextModel(const Text& text, const TextModelOptions& options = {});
  ~TextModel();
  TextModel(TextModel&&) noexcept;
  TextModel& operator=(TextModel&&) noexcept;

  /// IoError, FormatError: no model file, or a damaged one; nothing in it is executed.
  static TextModel load(const std::string& path, int threads = 0);

  /// The model and its training history; what resumes an unfinished training is only in the file that
  /// `save_as` names. Atomic: what stood under `path` is whole until the new file is. IoError.
  void save(const std::string& path) const;

  /// Afterwards the model holds the parameters of the best validation, or the last ones where there was none.
  /// SpecError (text too short for batch and steps, …), TrainingError (NaN), IoError (save_as).
  TrainSummary train(const Text& text, const TrainSettings& settings = {});

  /// The sample, without the prime. Text is cut into this model's tokens. FormatError for a prime with
  /// unknown characters.
  std::string sample(const SampleSettings& settings = {});

  /// Every token but the first is predicted once, in one stream.
  TextLoss evaluate(const Text& text);

  /// Lines of the cells (or their inputs) at every step while the text is read from a fresh state, without dropout; no names: all
  /// lines; no layers: all. Costs a forward pass and the copies. SpecError for a line or layer that is not there, FormatError for
  /// unknown characters.
  TextTrace trace(const std::string& text, const std::vector<std::string>& lines = {},
                  const std::vector<int>& layers = {});

  /// What each past step put on a belt and how much of it is left. SpecError where the layer has no such belt, unit or step.
  BeltAccount ledger(const std::string& text, const LedgerQuestion& question = {});

  std::int64_t parameter_count() const;
  int vocabulary_size() const;

 private:
  struct Parts;
  explicit TextModel(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace cellwright
