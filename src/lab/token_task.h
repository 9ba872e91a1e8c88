// token_task.h: tasks over symbols, whose models are those of language (nn/model.h).
//
// Where to start: TokenTask::draw. What always holds: every token lies in the task's list of words.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "lab/task.h"
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

class TokenTask : public Task {
 public:
  virtual const std::vector<std::string>& words() const = 0;  ///< by token

  /// Accuracy is that of whole sequences, all of whose answers must be right, not of single answers.
  virtual bool by_sequence() const { return false; }

  virtual Sample draw(const Point& point, RandomDraw& draw) const = 0;

  /// What a trained model has to show besides its accuracy: written into the file of results; null: nothing.
  virtual nlohmann::ordered_json look_inside(Model<float>& model, std::uint64_t seed) const;

  std::unique_ptr<Lesson> lesson(const LayerSpec& cell, const TrainingOptions& options,
                                 Engine& engine) const override;
  std::string show(const Point& point, RandomDraw& draw) const override;
};

/// "I grew up in France …  → French", for people.
std::string text_of(const TokenTask& task, const Sample& sample);

/// Samples side by side, shorter ones padded at the end by token 0 with nothing asked.
struct Batch {
  int steps = 0, lanes = 0;
  int first_asked = 0;                        ///< no step before it has a target
  std::vector<std::int32_t> inputs, targets;  ///< [steps, lanes]
  TokenWindow window() const { return {steps, lanes, inputs.data(), targets.data(), first_asked}; }
};
Batch make_batch(const std::vector<Sample>& samples);

/// Samples [first, first + count) of a stream, all at one point.
std::vector<Sample> draw_samples(const TokenTask& task, const Point& point, const Random& random,
                                 std::uint64_t first, int count);

}  // namespace cellwright::lab
