// number_lesson.cpp: a model of sequences learns a task over numbers.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "lab/number_task.h"
#include "lab/training_options.h"

namespace cellwright::lab {
namespace {

/// How many sequences are scored together.
constexpr int kScoredLanes = 100;

SequenceSpec spec_of(const NumberTask& task, const LayerSpec& cell, const TrainingOptions& options) {
  SequenceSpec spec;
  spec.inputs = task.inputs();
  spec.layers.assign(static_cast<std::size_t>(options.layers), cell);
  spec.reading = task.reading();
  spec.loss = task.loss();
  return spec;
}

class NumberLesson : public Lesson {
 public:
  NumberLesson(const NumberTask& task, const SequenceSpec& spec, Engine& engine)
      : task_(task), model_(spec, engine) {}

  TrainedParameters<float>& model() override { return model_; }
  LessonLoss train(const Point& point, const Draws& draws) override;
  PointScore score(const Point& point, const Random& sequences, int count) override;
  nlohmann::ordered_json inside(std::uint64_t seed) override;

 private:
  SequenceSet draw(const Point& point, const Random& random, std::uint64_t first, int count) const;

  /// A row a step, or one, of each sequence.
  std::vector<std::vector<double>> predict(const SequenceSet& set);

  /// All of a set side by side, from its first step to its last.
  void put_side_by_side(const SequenceSet& set);

  const NumberTask& task_;
  SequenceModel<float> model_;
  SequenceBatch batch_;
  SequenceWindow<float> window_;  // of batch_
};

SequenceSet NumberLesson::draw(const Point& point, const Random& random, std::uint64_t first,
                               int count) const {
  SequenceSet set;
  set.inputs = task_.inputs();
  set.target_width = model_.loss().target_width();
  set.each = task_.reading() == Reading::each;
  for (int i = 0; i < count; ++i) {
    RandomDraw draw(random, first + static_cast<std::uint64_t>(i));
    set.sequences.push_back(task_.draw(point, draw));
  }
  set.check();
  return set;
}

void NumberLesson::put_side_by_side(const SequenceSet& set) {
  std::vector<int> lanes(set.sequences.size());
  std::iota(lanes.begin(), lanes.end(), 0);
  gather(set, lanes, 0, 0, batch_);
  window_ = {};
  window_.steps = batch_.steps;
  window_.lanes = batch_.lanes;
  window_.inputs = batch_.inputs.data();
  window_.mask = batch_.padded ? batch_.mask.data() : nullptr;
  window_.targets = batch_.targets.data();
  window_.counted = batch_.counted.data();
}

LessonLoss NumberLesson::train(const Point& point, const Draws& draws) {
  put_side_by_side(draw(point, draws.sequences, draws.first, draws.lanes));
  StackState<float> state = model_.make_state(window_.lanes);
  model_.set_noise(draws.seed, draws.update);
  const SequenceLoss loss = model_.train(window_, state);
  return {loss.sum, static_cast<double>(loss.count)};
}

std::vector<std::vector<double>> NumberLesson::predict(const SequenceSet& set) {
  const auto width = static_cast<std::size_t>(model_.loss().width());
  const auto predicted = static_cast<std::size_t>(model_.loss().prediction_width());
  const std::size_t lanes = set.sequences.size();
  put_side_by_side(set);
  window_.targets = nullptr;
  StackState<float> state = model_.make_state(window_.lanes);
  model_.evaluate(window_, state);
  std::vector<std::vector<double>> all;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const std::size_t rows = set.each ? static_cast<std::size_t>(set.sequences[lane].steps) : 1;
    all.emplace_back(rows * predicted);
    for (std::size_t r = 0; r < rows; ++r)
      model_.loss().predict(model_.outputs() + (r * lanes + lane) * width, all.back().data() + r * predicted);
  }
  return all;
}

PointScore NumberLesson::score(const Point& point, const Random& sequences, int count) {
  PointScore mean;
  for (int first = 0; first < count; first += kScoredLanes) {
    const SequenceSet set =
        draw(point, sequences, static_cast<std::uint64_t>(first), std::min(kScoredLanes, count - first));
    const auto predictions = predict(set);
    for (std::size_t i = 0; i < predictions.size(); ++i) {
      const PointScore one = task_.score(set.sequences[i], predictions[i]);
      mean.accuracy += one.accuracy / count;
      mean.answers += one.answers / count;
      mean.whole += one.whole / count;
      mean.error += one.error / count;
    }
  }
  return mean;
}

nlohmann::ordered_json NumberLesson::inside(std::uint64_t seed) {
  const SequenceSet one = draw(task_.points().front(), Random(seed, hash_name("lab.inside")), 0, 1);
  return task_.look_inside(one.sequences[0], predict(one)[0]);
}

}  // namespace

nlohmann::ordered_json NumberTask::look_inside(const Sequence&, const std::vector<double>&) const {
  return nullptr;
}

std::unique_ptr<Lesson> NumberTask::lesson(const LayerSpec& cell, const TrainingOptions& options,
                                           Engine& engine) const {
  return std::make_unique<NumberLesson>(*this, spec_of(*this, cell, options), engine);
}

std::string NumberTask::show(const Point& point, RandomDraw& random) const {
  const Sequence s = draw(point, random);
  const auto steps = static_cast<std::size_t>(s.steps), inputs = static_cast<std::size_t>(this->inputs());
  const std::size_t rows = reading() == Reading::each ? steps : 1, width = s.targets.size() / rows;
  std::string text;
  const auto numbers = [&](const std::vector<float>& all, std::size_t row, std::size_t n) {
    std::string part;
    for (std::size_t i = 0; i < n; ++i) part += fmt::format("{}{:.3g}", i ? "," : "", all[row * n + i]);
    return part;
  };
  for (std::size_t t = 0; t < steps; ++t) {
    if (t > 0) text += ' ';
    text += numbers(s.inputs, t, inputs);
    if (rows == steps && (s.counted.empty() || s.counted[t] != 0))
      text += fmt::format(" [{}]", numbers(s.targets, t, width));
  }
  if (rows != steps) text += fmt::format(" [{}]", numbers(s.targets, 0, width));
  return text;
}

}  // namespace cellwright::lab
