// text_task.h: a language model of one text as a task of a study: nats a token on the test part.
#pragma once

#include "nn/engine.h"
#include "study/study_task.h"
#include "train/trainer.h"

namespace cellwright::study {

struct TextStudy {
  TrainingData data;  ///< with a validation set; the streams must outlive the task
  const Streams* test = nullptr;
  WindowRange test_range;
  ModelSpec model;              ///< without layers: classes, embedding, …
  int layers = 1;               ///< copies of a candidate's layer
  TrainOptions options;         ///< learning rate and seed come from the trial
  std::int64_t updates = 0;     ///< at most so many, with a validation behind the last; 0: all epochs
  EngineOptions engine;         ///< its threads are not looked at: 1
  std::string token = "token";  ///< "character", "word"
  std::string text_hash;        ///< of the tokens, for description()
};

class TextTask : public StudyTask {
 public:
  explicit TextTask(TextStudy study);  ///< SpecError: no validation or no test part; options out of range

  std::string name() const override { return "text"; }
  std::string metric() const override;
  nlohmann::ordered_json description() const override;
  std::int64_t parameters(const LayerSpec& layer) const override;
  double seconds_per_update(const LayerSpec& layer) const override;
  std::optional<TrialResult> run(const LayerSpec& layer, const Trial& trial,
                                 const std::atomic<bool>* stop) const override;

 private:
  ModelSpec spec_of(const LayerSpec& layer) const;

  TextStudy study_;
};

}  // namespace cellwright::study
