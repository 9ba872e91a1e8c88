#include "study/sequence_task.h"

#include <fmt/format.h>

#include "cellwright/error.h"
#include "study/one_training.h"

namespace cellwright::study {

SequenceTask::SequenceTask(SequenceStudy study) : study_(std::move(study)) {
  const auto given = [](const SequenceSet* set) { return set != nullptr && !set->empty(); };
  if (!given(study_.train) || !given(study_.valid) || !given(study_.test)) {
    throw SpecError(
        "a comparison trains on one part, chooses by a validation part and reports a test part; none may be "
        "empty");
  }
  if (study_.layers < 1) throw SpecError("--layers must be 1 or more");
  if (study_.updates < 0) throw SpecError("--updates must be 0 (all epochs) or more");
  if (!study_.errors.empty() && study_.model.loss.kind != "softmax")
    throw SpecError(fmt::format("'{}' can be counted of classes alone, and the loss is '{}'", study_.errors,
                                study_.model.loss.kind));
  check(study_.options);
}

SequenceSpec SequenceTask::spec_of(const LayerSpec& layer) const {
  SequenceSpec spec = study_.model;
  spec.layers = copies(layer, study_.layers);
  return spec;
}

nlohmann::ordered_json SequenceTask::description() const {
  TrainOptions options = study_.options;
  options.learning_rate = 0;  // the trial's
  options.seed = 0;
  SequenceSpec spec = study_.model;
  spec.layers.clear();
  const auto set = [](const SequenceSet& s) { return fmt::format("{:016x}", s.hash()); };
  nlohmann::ordered_json json;
  json = {{"task", study_.name},
          {"train", set(*study_.train)},
          {"valid", set(*study_.valid)},
          {"test", set(*study_.test)},
          {"model", nlohmann::ordered_json::parse(to_json(spec))},
          {"layers", study_.layers},
          {"updates", study_.updates},
          {"options", nlohmann::ordered_json::parse(nlohmann::json(options).dump())}};
  if (!study_.errors.empty()) json["errors"] = study_.errors;
  return json;
}

std::int64_t SequenceTask::parameters(const LayerSpec& layer) const {
  std::int64_t sum = 0;
  for (const TensorInfo& tensor : tensors_of(spec_of(layer))) sum += tensor.trained;
  return sum;
}

double SequenceTask::seconds_per_update(const LayerSpec& layer) const {
  Engine engine(one_thread(study_.engine));
  SequenceModel<float> model(spec_of(layer), engine);
  model.initialise(1);
  SequenceBatch batch;
  const BatchPlan plan = batches_by_length(*study_.train, study_.options.batch);
  gather(*study_.train, plan[plan.size() / 2], 0, study_.options.steps, batch);
  SequenceWindow<float> window;
  window.steps = batch.steps;
  window.lanes = batch.lanes;
  window.inputs = batch.inputs.empty() ? nullptr : batch.inputs.data();
  window.symbols = batch.symbols.empty() ? nullptr : batch.symbols.data();
  window.mask = batch.padded ? batch.mask.data() : nullptr;
  window.targets = study_.train->target_width > 0 ? batch.targets.data() : nullptr;
  window.labels = study_.train->target_width > 0 ? nullptr : &batch.labels;
  window.counted = batch.counted.data();
  return least_seconds([&] {
    StackState<float> state = model.make_state(batch.lanes);
    model.train(window, state);
  });
}

std::optional<TrialResult> SequenceTask::run(const LayerSpec& layer, const Trial& trial,
                                             const std::atomic<bool>* stop) const {
  const Stopwatch watch;
  Engine engine(one_thread(study_.engine));
  SequenceModel<float> model(spec_of(layer), engine);
  model.initialise(trial.init_seed);
  TrainOptions options = study_.options;
  options.learning_rate = trial.learning_rate;
  options.seed = trial.seed;
  SequenceTrainer trainer(model, *study_.train, study_.valid, options);
  const auto test = [&] {
    const SequenceEvaluation all = evaluate(model, *study_.test, options.batch, options.steps, stop);
    return study_.errors.empty() ? all.mean() : 100 * (1 - all.accuracy());
  };
  std::optional<TrialResult> result = train_once(trainer, model, study_.updates, test, stop);
  if (result) result->seconds = watch.seconds();
  return result;
}

}  // namespace cellwright::study
