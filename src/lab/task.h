// task.h: a task of the lab: sequences drawn afresh, whose right answers are known because the task made
// them.
//
// Where to start: Task::draw. What always holds: a drawn sequence is a function of the point and the draw
// alone; every token lies in the task's list of words.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "lab/random_draw.h"
#include "nn/model.h"

namespace cellwright::lab {

/// One drawn sequence.
struct Sample {
  std::vector<std::int32_t> tokens;   ///< what is read, step by step
  std::vector<std::int32_t> targets;  ///< as long: the answer that is asked for behind this step; -1: none
  std::vector<std::int32_t> rest;     ///< what would come behind the last answer, for people to read
  /// Empty, or as long: all answers that are right there. Then an answer counts as right where the likeliest
  /// so many tokens are exactly these.
  std::vector<std::vector<std::int32_t>> right;
  std::vector<int> marks;  ///< steps that the task's look_inside() asks for
};

/// How hard a sequence is, and where accuracy is measured.
struct Point {
  int length = 0;       ///< of what makes the task hard: a gap, a lag, …
  int variant = 0;      ///< the task's own
  std::string label;    ///< in tables and the file of results
  bool beyond = false;  ///< longer than what is trained on: measured, but not needed to have solved the task
};

/// What is asked of a task when it is made.
struct TaskOptions {
  std::string language = "en";  ///< of tasks with texts
  std::vector<int> lengths;     ///< where accuracy is measured; empty: the task's own
};

class Task {
 public:
  virtual ~Task() = default;

  virtual std::string name() const = 0;         ///< "long-term"
  virtual std::string length_name() const = 0;  ///< of Point::length, for an axis
  virtual std::string language() const { return "en"; }
  virtual std::string accuracy_name() const { return "accuracy"; }  ///< for an axis
  virtual std::string chance_name() const { return "chance"; }
  virtual const std::vector<std::string>& words() const = 0;  ///< by token

  virtual std::vector<Point> points() const = 0;  ///< where accuracy is measured
  virtual double chance(const Point& point) const = 0;

  /// Accuracy is that of whole sequences, all of whose answers must be right, not of single answers.
  virtual bool by_sequence() const { return false; }

  /// What a batch of training is drawn at: all its lanes, so that no step is spent on padding.
  virtual Point training_point(RandomDraw& draw) const = 0;
  virtual Sample draw(const Point& point, RandomDraw& draw) const = 0;

  /// What a trained model has to show besides its accuracy: written into the file of results; null: nothing.
  virtual nlohmann::ordered_json look_inside(Model<float>& model, std::uint64_t seed) const;
};

/// "I grew up in France …  → French", for people.
std::string text_of(const Task& task, const Sample& sample);

/// Samples side by side, shorter ones padded at the end by token 0 with nothing asked.
struct Batch {
  int steps = 0, lanes = 0;
  int first_asked = 0;                        ///< no step before it has a target
  std::vector<std::int32_t> inputs, targets;  ///< [steps, lanes]
  TokenWindow window() const { return {steps, lanes, inputs.data(), targets.data(), first_asked}; }
};
Batch make_batch(const std::vector<Sample>& samples);

/// Samples [first, first + count) of a stream, all at one point.
std::vector<Sample> draw_samples(const Task& task, const Point& point, const Random& random,
                                 std::uint64_t first, int count);

}  // namespace cellwright::lab
