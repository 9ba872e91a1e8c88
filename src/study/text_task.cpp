#include "study/text_task.h"

#include "cellwright/error.h"
#include "study/one_training.h"
#include "train/evaluate.h"

namespace cellwright::study {
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

ModelSpec TextTask::spec_of(const LayerSpec& layer) const {
  ModelSpec spec = study_.model;
  spec.layers = copies(layer, study_.layers);
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
  Engine engine(one_thread(study_.engine));
  Model<float> model(spec_of(layer), engine);
  model.initialise(1);
  const Streams& streams = *study_.data.train;
  const int steps = streams.steps_of(0), lanes = streams.batch();
  std::vector<std::int32_t> inputs(static_cast<std::size_t>(steps) * static_cast<std::size_t>(lanes)),
      targets(inputs.size());
  streams.window(0, inputs.data(), targets.data());
  const TokenWindow window = {steps, lanes, inputs.data(), targets.data(), 0};
  ModelState<float> state = model.make_state(lanes);
  return least_seconds([&] { model.train_window(window, state); });
}

std::optional<TrialResult> TextTask::run(const LayerSpec& layer, const Trial& trial,
                                         const std::atomic<bool>* stop) const {
  const Stopwatch watch;
  Engine engine(one_thread(study_.engine));
  Model<float> model(spec_of(layer), engine);
  model.initialise(trial.init_seed);
  TrainOptions options = study_.options;
  options.learning_rate = trial.learning_rate;
  options.seed = trial.seed;
  Trainer trainer(model, study_.data, options);
  const auto test = [&] { return evaluate(model, *study_.test, study_.test_range, stop).per_token(); };
  std::optional<TrialResult> result = train_once(trainer, model, study_.updates, test, stop);
  if (result) result->seconds = watch.seconds();
  return result;
}

}  // namespace cellwright::study
