// token_task.cpp: see token_task.h; how such a task is trained: token_lesson.cpp.
#include "lab/token_task.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cellwright::lab {

nlohmann::ordered_json TokenTask::look_inside(Model<float>&, std::uint64_t) const { return nullptr; }

std::string TokenTask::show(const Point& point, RandomDraw& random) const {
  return text_of(*this, draw(point, random));
}

std::string text_of(const TokenTask& task, const Sample& sample) {
  std::string text;
  const auto add = [&](const std::string& word) { text += (text.empty() ? "" : " ") + word; };
  const auto word = [&](std::int32_t token) { return task.words()[static_cast<std::size_t>(token)]; };
  const std::size_t steps = sample.tokens.size();
  for (std::size_t t = 0; t < steps; ++t) {
    // An answer that is read as the next token stands in its place, in brackets.
    const bool answered = t > 0 && sample.targets[t - 1] == sample.tokens[t];
    if (!answered) add(word(sample.tokens[t]));
    if (sample.targets[t] >= 0) add("[" + word(sample.targets[t]) + "]");
  }
  for (const std::int32_t token : sample.rest) add(word(token));
  return text;
}

Batch make_batch(const std::vector<Sample>& samples) {
  Batch batch;
  batch.lanes = static_cast<int>(samples.size());
  for (const Sample& s : samples) batch.steps = std::max(batch.steps, static_cast<int>(s.tokens.size()));
  const std::size_t lanes = samples.size(), steps = static_cast<std::size_t>(batch.steps);
  batch.inputs.assign(steps * lanes, 0);
  batch.targets.assign(steps * lanes, -1);
  batch.first_asked = std::max(batch.steps - 1, 0);
  for (std::size_t b = 0; b < lanes; ++b) {
    const Sample& s = samples[b];
    for (std::size_t t = 0; t < s.tokens.size(); ++t) {
      batch.inputs[t * lanes + b] = s.tokens[t];
      batch.targets[t * lanes + b] = s.targets[t];
      if (s.targets[t] >= 0) batch.first_asked = std::min(batch.first_asked, static_cast<int>(t));
    }
  }
  return batch;
}

std::vector<Sample> draw_samples(const TokenTask& task, const Point& point, const Random& random,
                                 std::uint64_t first, int count) {
  std::vector<Sample> samples;
  for (int i = 0; i < count; ++i) {
    RandomDraw draw(random, first + static_cast<std::uint64_t>(i));
    samples.push_back(task.draw(point, draw));
  }
  return samples;
}

}  // namespace cellwright::lab
