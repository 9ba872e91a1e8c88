// training.cpp: see training.h.
#include "lab/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/aligned.h"
#include "train/parameter_update.h"

namespace cellwright::lab {
namespace {

/// On sequences of all points, the same for every training of a study.
std::vector<PointScore> score_all(const Task& task, Lesson& lesson, const char* stream, std::uint64_t seed,
                                  int count) {
  std::vector<PointScore> scores;
  for (const Point& point : task.points()) {
    const Random random(seed, hash_name(fmt::format("lab.{}.{}", stream, scores.size())));
    scores.push_back(lesson.score(point, random, count));
  }
  return scores;
}

double mean_accuracy(const std::vector<PointScore>& scores) {
  double sum = 0;
  for (const PointScore& s : scores) sum += s.accuracy;
  return sum / static_cast<double>(scores.size());
}

TrainOptions update_options(const TrainingOptions& options, double rate, std::uint64_t seed) {
  TrainOptions o;
  o.optimizer = optimizer_defaults("adam");
  o.learning_rate = rate;
  o.clip_norm = options.clip_norm;
  o.seed = seed;
  check(o);
  return o;
}

}  // namespace

std::string cell_name(const LayerSpec& cell) { return std::filesystem::path(cell.cell_file).stem().string(); }

std::string cell_hash(const LayerSpec& cell) {
  std::string all = cell.cell_text;
  for (const auto& [name, size] : cell.sizes) all += fmt::format("\n{}={}", name, size);
  for (const auto& [name, values] : cell.options) {
    all += fmt::format("\n{}", name);
    for (const double v : values) all += fmt::format(",{}", v);
  }
  return fmt::format("{:016x}", hash_name(all));
}

std::optional<TrainingResult> train_on_task(const Task& task, const LayerSpec& cell,
                                            const TrainingOptions& options, double rate, std::uint64_t seed,
                                            const std::function<void(const TrainingProgress&)>& report,
                                            const std::atomic<bool>* stop) {
  check(options);
  EngineOptions engine_options;
  engine_options.threads = 1;
  engine_options.simd = options.simd;
  Engine engine(engine_options);
  const std::unique_ptr<Lesson> lesson = task.lesson(cell, options, engine);
  TrainedParameters<float>& model = lesson->model();
  model.initialise(seed);
  ParameterUpdate change(model, update_options(options, rate, seed));

  TrainingResult result;
  result.cell = cell_name(cell);
  result.cell_hash = cell_hash(cell);
  result.units = cell.units;
  result.parameters = model.parameter_count();
  result.rate = rate;
  result.seed = seed;

  const auto checked = [&] { return score_all(task, *lesson, "check", options.seed, options.check_samples); };
  const Random points(seed, hash_name("lab.train.point")), sequences(seed, hash_name("lab.train.sequence"));
  const std::vector<Point> at = task.points();
  AlignedArray<float> best(model.size());
  TrainingProgress progress;
  double sum = 0, answers = 0;
  for (int update = 0; update < options.updates && !result.solved; ++update) {
    if (stop && stop->load()) return std::nullopt;
    RandomDraw draw(points, static_cast<std::uint64_t>(update));
    const auto number = static_cast<std::uint64_t>(update);
    const LessonLoss loss = lesson->train(
        task.training_point(draw),
        {sequences, number * static_cast<std::uint64_t>(options.lanes), options.lanes, seed, number});
    const double norm = change.gradient_norm();
    if (!std::isfinite(loss.sum) || !std::isfinite(norm)) {
      result.diverged = true;
      break;
    }
    change.apply(rate, norm, update);
    sum += loss.sum;
    answers += loss.answers;
    result.updates = update + 1;
    if (result.updates % options.check_every != 0 && result.updates != options.updates) continue;

    const std::vector<PointScore> scores = checked();
    const double mean = mean_accuracy(scores);
    if (result.best_update == 0 || mean > result.check) {
      result.check = mean;
      result.best_update = result.updates;
      std::copy_n(model.parameters(), model.size(), best.data());
    }
    result.solved = true;
    for (std::size_t i = 0; i < scores.size(); ++i)
      result.solved = result.solved && (at[i].beyond || scores[i].accuracy >= options.enough);
    if (report) {
      progress.update = result.updates;
      progress.loss = sum / std::max(answers, 1.0);
      progress.accuracy.clear();
      for (const PointScore& s : scores) progress.accuracy.push_back(s.accuracy);
      report(progress);
    }
    sum = answers = 0;
  }
  if (result.best_update == 0) {  // lost before the first check: what the start knows
    model.initialise(seed);
    result.check = mean_accuracy(checked());
  } else {
    std::copy_n(best.data(), model.size(), model.parameters());
  }
  model.parameters_changed();
  result.points = score_all(task, *lesson, "test", options.seed, options.test_samples);
  result.inside = lesson->inside(options.seed);
  return result;
}

}  // namespace cellwright::lab
