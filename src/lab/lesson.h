// lesson.h: one model learning one task: what training.cpp needs of either kind of task.
//
// Start at Lesson::train. Implemented by token_lesson.cpp and number_lesson.cpp.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "lab/task.h"
#include "nn/trained_parameters.h"

namespace cellwright::lab {

struct PointScore {
  double accuracy = 0;  ///< what the task is judged by: of answers, or of whole sequences
  double answers = 0;   ///< share of the answers that are right
  double whole = 0;     ///< share of the sequences all of whose answers are right
  double error = 0;     ///< where Task::error_name() names one, mean over the sequences: less is better
};

/// Sequences [first, first + lanes) of a stream, all at one point, for update `update` of a training.
struct Draws {
  const Random& sequences;
  std::uint64_t first = 0;
  int lanes = 0;
  std::uint64_t seed = 0, update = 0;  ///< of the training, for masks and noise
};

struct LessonLoss {
  double sum = 0, answers = 0;  ///< nats, or as the loss has them; how many it is the sum over
};

class Lesson {
 public:
  virtual ~Lesson() = default;

  virtual TrainedParameters<float>& model() = 0;

  /// model().gradients() become those of the mean loss of the answers.
  virtual LessonLoss train(const Point& point, const Draws& draws) = 0;

  /// Of sequences [0, count) of a stream.
  virtual PointScore score(const Point& point, const Random& sequences, int count) = 0;

  /// What the trained model has to show besides; null: nothing.
  virtual nlohmann::ordered_json inside(std::uint64_t seed) = 0;
};

}  // namespace cellwright::lab
