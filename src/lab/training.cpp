// training.cpp: see training.h.
#include "lab/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/aligned.h"
#include "cellwright/error.h"
#include "train/parameter_update.h"

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

PointScore score(const Task& task, Model<float>& model, const std::vector<Sample>& samples) {
  double asked = 0, right = 0, whole = 0;
  const auto classes = static_cast<std::size_t>(model.spec().classes);
  AlignedArray<float> chosen, logits;
  for (std::size_t first = 0; first < samples.size(); first += kScoredLanes) {
    const std::size_t last = std::min(samples.size(), first + kScoredLanes);
    const std::vector<Sample> part(samples.begin() + static_cast<std::ptrdiff_t>(first),
                                   samples.begin() + static_cast<std::ptrdiff_t>(last));
    const Batch batch = make_batch(part);
    ModelState<float> state = model.make_state(batch.lanes);
    WindowRows<float> rows;
    model.evaluate_window(batch.window(), state, &rows);
    std::vector<std::size_t> at;  // rows with a question
    for (std::size_t r = 0; r < batch.targets.size(); ++r) {
      if (batch.targets[r] >= 0) at.push_back(r);
    }
    const auto width = static_cast<std::size_t>(rows.width);
    chosen = AlignedArray<float>(at.size() * width);
    logits = AlignedArray<float>(at.size() * classes);
    for (std::size_t i = 0; i < at.size(); ++i)
      std::copy_n(rows.h + at[i] * width, width, chosen.data() + i * width);
    if (!at.empty()) model.inside().head.logits(chosen.data(), static_cast<int>(at.size()), logits.data());
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
  result.accuracy = task.by_sequence() ? result.whole : result.answers;
  return result;
}

/// Sequences of all points, the same for every training of a study.
std::vector<std::vector<Sample>> held_out(const Task& task, const char* stream, std::uint64_t seed,
                                          int count) {
  std::vector<std::vector<Sample>> all;
  for (const Point& point : task.points()) {
    const Random random(seed, hash_name(fmt::format("lab.{}.{}", stream, all.size())));
    all.push_back(draw_samples(task, point, random, 0, count));
  }
  return all;
}

std::vector<PointScore> score_all(const Task& task, Model<float>& model,
                                  const std::vector<std::vector<Sample>>& points) {
  std::vector<PointScore> scores;
  for (const std::vector<Sample>& samples : points) scores.push_back(score(task, model, samples));
  return scores;
}

double mean_accuracy(const std::vector<PointScore>& scores) {
  double sum = 0;
  for (const PointScore& s : scores) sum += s.accuracy;
  return sum / static_cast<double>(scores.size());
}

ModelSpec spec_of(const Task& task, const LayerSpec& cell, const TrainingOptions& options) {
  ModelSpec spec;
  spec.classes = static_cast<int>(task.words().size());
  spec.embedding = options.embedding;
  spec.layers.assign(static_cast<std::size_t>(options.layers), cell);
  return spec;
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

void check(const TrainingOptions& o) {
  const auto at_least = [](const char* name, int value, int least, int most) {
    if (value < least || value > most)
      throw SpecError(fmt::format("--{} must lie in {} … {}, found {}", name, least, most, value));
  };
  at_least("layers", o.layers, 1, 100);
  at_least("embedding", o.embedding, 0, 100000);
  at_least("batch", o.lanes, 1, 100000);
  at_least("updates", o.updates, 1, 100000000);
  at_least("check-every", o.check_every, 1, 100000000);
  at_least("check-samples", o.check_samples, 1, 1000000);
  at_least("test-samples", o.test_samples, 1, 1000000);
  if (!(o.clip_norm >= 0) || !std::isfinite(o.clip_norm))
    throw SpecError(fmt::format("--clip must be a number of 0 or more, found {}", o.clip_norm));
}

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
  Model<float> model(spec_of(task, cell, options), engine);
  model.initialise(seed);
  ParameterUpdate change(model, update_options(options, rate, seed));

  TrainingResult result;
  result.cell = cell_name(cell);
  result.cell_hash = cell_hash(cell);
  result.units = cell.units;
  result.parameters = model.parameter_count();
  result.rate = rate;
  result.seed = seed;
  result.check = -1;

  const auto checked = held_out(task, "check", options.seed, options.check_samples);
  const Random points(seed, hash_name("lab.train.point")), sequences(seed, hash_name("lab.train.sequence"));
  const std::vector<Point> at = task.points();
  AlignedArray<float> best(model.size());
  TrainingProgress progress;
  double nats = 0, answers = 0;
  for (int update = 0; update < options.updates && !result.solved; ++update) {
    if (stop && stop->load()) return std::nullopt;
    RandomDraw draw(points, static_cast<std::uint64_t>(update));
    const Batch batch = make_batch(draw_samples(
        task, task.training_point(draw), sequences,
        static_cast<std::uint64_t>(update) * static_cast<std::uint64_t>(options.lanes), options.lanes));
    ModelState<float> state = model.make_state(batch.lanes);
    model.set_noise(seed, static_cast<std::uint64_t>(update));
    const WindowLoss loss = model.train_window(batch.window(), state);
    const double norm = change.gradient_norm();
    if (!std::isfinite(loss.nats) || !std::isfinite(norm)) {
      result.diverged = true;
      break;
    }
    change.apply(rate, norm, update);
    nats += loss.nats;
    answers += static_cast<double>(loss.tokens);
    result.updates = update + 1;
    if (result.updates % options.check_every != 0 && result.updates != options.updates) continue;

    const std::vector<PointScore> scores = score_all(task, model, checked);
    const double mean = mean_accuracy(scores);
    if (mean > result.check) {
      result.check = mean;
      result.best_update = result.updates;
      std::copy_n(model.parameters(), model.size(), best.data());
    }
    result.solved = true;
    for (std::size_t i = 0; i < scores.size(); ++i)
      result.solved = result.solved && (at[i].beyond || scores[i].accuracy >= options.enough);
    if (report) {
      progress.update = result.updates;
      progress.loss = nats / std::max(answers, 1.0);
      progress.accuracy.clear();
      for (const PointScore& s : scores) progress.accuracy.push_back(s.accuracy);
      report(progress);
    }
    nats = answers = 0;
  }
  if (result.check < 0) {  // lost before the first check: what the start knows
    model.initialise(seed);
    result.check = mean_accuracy(score_all(task, model, checked));
  } else {
    std::copy_n(best.data(), model.size(), model.parameters());
  }
  model.parameters_changed();
  result.points = score_all(task, model, held_out(task, "test", options.seed, options.test_samples));
  result.inside = task.look_inside(model, options.seed);
  return result;
}

}  // namespace cellwright::lab
