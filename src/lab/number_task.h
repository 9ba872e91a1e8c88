// number_task.h: tasks over numbers, whose models are those of sequences (nn/sequence_model.h): a loss for
// each step or for each sequence, any of loss/loss.h.
//
// Where to start: NumberTask::draw.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "data/sequences.h"
#include "lab/lesson.h"
#include "lab/task.h"
#include "nn/sequence_model.h"

namespace cellwright::lab {

class NumberTask : public Task {
 public:
  virtual int inputs() const = 0;  ///< numbers a step
  virtual LossSpec loss() const = 0;
  virtual Reading reading() const {
    return Reading::each;
  }  ///< what is asked: each step, or a sequence's last

  virtual Sequence draw(const Point& point, RandomDraw& draw) const = 0;

  /// Of one sequence. predictions: a row a step, or one where the reading is not each, as
  /// LossFunction::predict() gives it.
  virtual PointScore score(const Sequence& sequence, const std::vector<double>& predictions) const = 0;

  /// What a trained model shows of a sequence, for the file of results; null: nothing.
  virtual nlohmann::ordered_json look_inside(const Sequence& sequence,
                                             const std::vector<double>& predictions) const;

  std::unique_ptr<Lesson> lesson(const LayerSpec& cell, const TrainingOptions& options,
                                 Engine& engine) const override;
  std::string show(const Point& point, RandomDraw& draw) const override;
};

}  // namespace cellwright::lab
