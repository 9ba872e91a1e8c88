#include "study/text_task.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "cellwright/error.h"
#include "train/evaluate.h"

namespace cellwright::study {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// Where a run's best validation was, and when it has had enough updates.
class Watch : public TrainObserver {
 public:
  explicit Watch(std::int64_t updates) : limit_(updates) {}
  void on_update(const UpdateReport& r) override { enough = limit_ > 0 && r.update >= limit_; }
  void on_evaluation(const EvaluationReport& r) override {
    if (r.improved) best_update = r.update;
  }
  std::atomic<bool> enough{false};
  std::int64_t best_update = 0;

 private:
  std::int64_t limit_;
};

}  // namespace

TextTask::TextTask(TextStudy study) : study_(std::move(study)) {
  if (study_.data.valid == nullptr || study_.test == nullptr) {
    throw SpecError(
        "a comparison chooses by a validation part and reports a test part; give --valid and --test, or "
        "fractions "
        "of the text above 0");
  }
  if (study_.layers < 1) throw SpecError("--layers must be 1 or more");
  if (study_.updates < 0) throw SpecError("--updates must be 0 (all epochs) or more");
  check(study_.options);
}

std::string TextTask::metric() const { return "nats a " + study_.token; }

EngineOptions TextTask::one_thread() const {
  EngineOptions options = study_.engine;
  options.threads = 1;
  return options;
}

ModelSpec TextTask::spec_of(const LayerSpec& layer) const {
  ModelSpec spec = study_.model;
  spec.layers.assign(static_cast<std::size_t>(study_.layers), layer);
  return spec;
}

nlohmann::ordered_json TextTask::description() const {
  TrainOptions options = study_.options;
  options.learning_rate = 0;  // the trial's
  options.seed = 0;
  return {{"task", name()},
          {"text", study_.text_hash},
          {"train", study_.data.train->predictions(study_.data.train_range)},
          {"valid", study_.data.valid->predictions(study_.data.valid_range)},
          {"test", study_.test->predictions(study_.test_range)},
          {"classes", study_.model.classes},
          {"embedding", study_.model.embedding},
          {"layers", study_.layers},
          {"updates", study_.updates},
          {"options", nlohmann::ordered_json::parse(nlohmann::json(options).dump())}};
}

std::int64_t TextTask::parameters(const LayerSpec& layer) const {
  std::int64_t sum = 0;
  for (const TensorInfo& tensor : tensors_of(spec_of(layer))) sum += tensor.trained;
  return sum;
}

double TextTask::seconds_per_update(const LayerSpec& layer) const {
  Engine engine(one_thread());
  Model<float> model(spec_of(layer), engine);
  model.initialise(1);
  const Streams& streams = *study_.data.train;
  const int steps = streams.steps_of(0), lanes = streams.batch();
  std::vector<std::int32_t> inputs(static_cast<std::size_t>(steps) * static_cast<std::size_t>(lanes)),
      targets(inputs.size());
  streams.window(0, inputs.data(), targets.data());
  const TokenWindow window = {steps, lanes, inputs.data(), targets.data(), 0};
  ModelState<float> state = model.make_state(lanes);
  double least = std::numeric_limits<double>::infinity();
  const Clock::time_point begin = Clock::now();
  for (int i = 0; i < 3 || since(begin) < 0.2; ++i) {
    const Clock::time_point one = Clock::now();
    model.train_window(window, state);
    if (i > 0) least = std::min(least, since(one));  // the first asks for memory
  }
  return least;
}

std::optional<TrialResult> TextTask::run(const LayerSpec& layer, const Trial& trial,
                                         const std::atomic<bool>* stop) const {
  const Clock::time_point begin = Clock::now();
  Engine engine(one_thread());
  Model<float> model(spec_of(layer), engine);
  model.initialise(trial.init_seed);
  TrainOptions options = study_.options;
  options.learning_rate = trial.learning_rate;
  options.seed = trial.seed;
  Trainer trainer(model, study_.data, options);
  Watch watch(study_.updates);
  TrainHooks hooks;
  hooks.observer = &watch;
  hooks.stop = stop;
  hooks.enough = &watch.enough;
  TrialResult result;
  try {
    trainer.run(hooks);
  } catch (const TrainingError&) {
    result.diverged = true;
  }
  if (stop != nullptr && stop->load()) return std::nullopt;
  result.updates = trainer.updates();
  result.best_update = watch.best_update;
  result.valid = trainer.best();
  result.test = std::numeric_limits<double>::infinity();
  if (std::isfinite(result.valid)) {
    if (trainer.best_parameters() != model.parameters()) {
      std::copy_n(trainer.best_parameters(), model.size(), model.parameters());
      model.parameters_changed();
    }
    result.test = evaluate(model, *study_.test, study_.test_range, stop).per_token();
    if (stop != nullptr && stop->load()) return std::nullopt;
  }
  result.seconds = since(begin);
  return result;
}

}  // namespace cellwright::study
