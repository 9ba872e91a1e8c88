// task.h: a task of the lab: sequences drawn afresh, whose right answers are known because the task made
// them.
//
// Where to start: Task. What is read and asked for is symbols (token_task.h) or numbers (number_task.h); a
// study (study.h) knows of a task only what stands here. What always holds: a drawn sequence is a function of
// the point and the draw alone.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lab/random_draw.h"
#include "nn/engine.h"
#include "nn/spec.h"

namespace cellwright::lab {

class Lesson;
struct TrainingOptions;

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
  virtual std::string error_name() const { return ""; }  ///< of PointScore::error; "": there is none
  virtual std::string chance_name() const { return "chance"; }

  virtual std::vector<Point> points() const = 0;  ///< where accuracy is measured
  virtual double chance(const Point& point) const = 0;

  /// What a batch of training is drawn at: all its lanes, so that no step is spent on padding.
  virtual Point training_point(RandomDraw& draw) const = 0;

  /// A model with its parameters at 0, and how it is trained and measured on this task; the task and the
  /// engine must outlive it. Throws as Model().
  virtual std::unique_ptr<Lesson> lesson(const LayerSpec& cell, const TrainingOptions& options,
                                         Engine& engine) const = 0;

  /// A drawn sequence with its answers in brackets, for people.
  virtual std::string show(const Point& point, RandomDraw& draw) const = 0;
};

}  // namespace cellwright::lab
