// token_lesson.cpp: a model of language learns a task over symbols. The loss is that of the answers alone:
// the words between have no target.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/aligned.h"
#include "lab/lesson.h"
#include "lab/token_task.h"
#include "lab/training_options.h"

namespace cellwright::lab {
namespace {

/// How many sequences are scored together.
constexpr int kScoredLanes = 100;

/// Whether the likeliest answers are the right ones. logits: [classes].
bool answered(const float* logits, std::size_t classes, std::int32_t target,
              const std::vector<std::int32_t>& right) {
  if (right.empty()) return std::max_element(logits, logits + classes) - logits == target;
  // Every right answer must be above every wrong one.
  float least = logits[right[0]];
  for (const std::int32_t r : right) least = std::min(least, logits[r]);
  for (std::size_t c = 0; c < classes; ++c) {
    const bool is_right = std::find(right.begin(), right.end(), static_cast<std::int32_t>(c)) != right.end();
    if (!is_right && !(logits[c] < least)) return false;
  }
  return true;
}

ModelSpec spec_of(const TokenTask& task, const LayerSpec& cell, const TrainingOptions& options) {
  ModelSpec spec;
  spec.classes = static_cast<int>(task.words().size());
  spec.embedding = options.embedding;
  spec.layers.assign(static_cast<std::size_t>(options.layers), cell);
  return spec;
}

class TokenLesson : public Lesson {
 public:
  TokenLesson(const TokenTask& task, const ModelSpec& spec, Engine& engine)
      : task_(task), model_(spec, engine) {}

  TrainedParameters<float>& model() override { return model_; }
  LessonLoss train(const Point& point, const Draws& draws) override;
  PointScore score(const Point& point, const Random& sequences, int count) override;
  nlohmann::ordered_json inside(std::uint64_t seed) override { return task_.look_inside(model_, seed); }

 private:
  const TokenTask& task_;
  Model<float> model_;
};

LessonLoss TokenLesson::train(const Point& point, const Draws& draws) {
  const Batch batch = make_batch(draw_samples(task_, point, draws.sequences, draws.first, draws.lanes));
  ModelState<float> state = model_.make_state(batch.lanes);
  model_.set_noise(draws.seed, draws.update);
  const WindowLoss loss = model_.train_window(batch.window(), state);
  return {loss.nats, static_cast<double>(loss.tokens)};
}

PointScore TokenLesson::score(const Point& point, const Random& sequences, int count) {
  const std::vector<Sample> samples = draw_samples(task_, point, sequences, 0, count);
  double asked = 0, right = 0, whole = 0;
  const auto classes = static_cast<std::size_t>(model_.spec().classes);
  AlignedArray<float> chosen, logits;
  for (std::size_t first = 0; first < samples.size(); first += kScoredLanes) {
    const std::size_t last = std::min(samples.size(), first + kScoredLanes);
    const std::vector<Sample> part(samples.begin() + static_cast<std::ptrdiff_t>(first),
                                   samples.begin() + static_cast<std::ptrdiff_t>(last));
    const Batch batch = make_batch(part);
    ModelState<float> state = model_.make_state(batch.lanes);
    WindowRows<float> rows;
    model_.evaluate_window(batch.window(), state, &rows);
    std::vector<std::size_t> at;  // rows with a question
    for (std::size_t r = 0; r < batch.targets.size(); ++r) {
      if (batch.targets[r] >= 0) at.push_back(r);
    }
    const auto width = static_cast<std::size_t>(rows.width);
    chosen = AlignedArray<float>(at.size() * width);
    logits = AlignedArray<float>(at.size() * classes);
    for (std::size_t i = 0; i < at.size(); ++i)
      std::copy_n(rows.h + at[i] * width, width, chosen.data() + i * width);
    if (!at.empty()) model_.inside().head.logits(chosen.data(), static_cast<int>(at.size()), logits.data());
    std::vector<bool> all_right(part.size(), true);
    for (std::size_t i = 0; i < at.size(); ++i) {
      const std::size_t lane = at[i] % part.size(), step = at[i] / part.size();
      const Sample& s = part[lane];
      const bool good = answered(logits.data() + i * classes, classes, batch.targets[at[i]],
                                 s.right.empty() ? std::vector<std::int32_t>() : s.right[step]);
      asked += 1;
      right += good ? 1 : 0;
      if (!good) all_right[lane] = false;
    }
    whole += static_cast<double>(std::count(all_right.begin(), all_right.end(), true));
  }
  PointScore result;
  result.answers = right / std::max(asked, 1.0);
  result.whole = whole / static_cast<double>(std::max<std::size_t>(samples.size(), 1));
  result.accuracy = task_.by_sequence() ? result.whole : result.answers;
  return result;
}

}  // namespace

std::unique_ptr<Lesson> TokenTask::lesson(const LayerSpec& cell, const TrainingOptions& options,
                                          Engine& engine) const {
  return std::make_unique<TokenLesson>(*this, spec_of(*this, cell, options), engine);
}

}  // namespace cellwright::lab
