// sequence_task.h: separate sequences as a task of a study: the mean loss of the test part, or how much of it
// is told wrong.
#pragma once

#include "nn/engine.h"
#include "study/study_task.h"
#include "train/sequence_trainer.h"

namespace cellwright::study {

struct SequenceStudy {
  std::string name;    ///< of the task: "music"
  std::string metric;  ///< of the loss: "nats a frame"
  std::string errors;  ///< "% of sequences wrong": the test is measured by that (softmax); "": by the loss
  const SequenceSet *train = nullptr, *valid = nullptr, *test = nullptr;  ///< must outlive the task
  SequenceSpec model;        ///< without layers: inputs, loss, …
  int layers = 1;            ///< copies of a candidate's layer
  TrainOptions options;      ///< learning rate and seed come from the trial
  std::int64_t updates = 0;  ///< at most so many, with a validation behind the last; 0: all epochs
  EngineOptions engine;      ///< its threads are not looked at: 1
};

class SequenceTask : public StudyTask {
 public:
  explicit SequenceTask(
      SequenceStudy study);  ///< SpecError: a part is missing; options out of range; errors without classes

  std::string name() const override { return study_.name; }
  std::string metric() const override { return study_.errors.empty() ? study_.metric : study_.errors; }
  std::string valid_metric() const override { return study_.metric; }
  nlohmann::ordered_json description() const override;
  std::int64_t parameters(const LayerSpec& layer) const override;
  double seconds_per_update(const LayerSpec& layer) const override;
  std::optional<TrialResult> run(const LayerSpec& layer, const Trial& trial,
                                 const std::atomic<bool>* stop) const override;

 private:
  SequenceSpec spec_of(const LayerSpec& layer) const;

  SequenceStudy study_;
};

}  // namespace cellwright::study
