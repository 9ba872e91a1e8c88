#include "study/one_training.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "cellwright/error.h"

namespace cellwright::study {
namespace {

/// A training whose best validation lies so many times above the loss it began with has blown up, though its
/// numbers are still finite.
constexpr double kBlownUp = 10;

std::int64_t now() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

/// Where a run's best validation was, and when it has had enough updates.
class Watch : public TrainObserver {
 public:
  explicit Watch(std::int64_t updates) : limit_(updates) {}
  void on_update(const UpdateReport& r) override {
    if (r.update == 1) first_loss = r.loss;
    enough = limit_ > 0 && r.update >= limit_;
  }
  void on_evaluation(const EvaluationReport& r) override {
    if (r.improved) best_update = r.update;
  }
  std::atomic<bool> enough{false};
  std::int64_t best_update = 0;
  double first_loss = 0;  ///< of the model as it begins

 private:
  std::int64_t limit_;
};

}  // namespace

EngineOptions one_thread(EngineOptions options) {
  options.threads = 1;
  return options;
}

std::vector<LayerSpec> copies(const LayerSpec& layer, int layers) {
  std::vector<LayerSpec> all(static_cast<std::size_t>(layers), layer);
  for (std::size_t l = 1; l < all.size(); ++l) all[l].regularisation.input_dropout = 0;
  return all;
}

Stopwatch::Stopwatch() : begin_(now()) {}
double Stopwatch::seconds() const { return 1e-9 * static_cast<double>(now() - begin_); }

std::optional<TrialResult> train_once(TrainingLoop& trainer, TrainedParameters<float>& model,
                                      std::int64_t updates, const std::function<double()>& test,
                                      const std::atomic<bool>* stop) {
  Watch watch(updates);
  RunHooks hooks;
  hooks.observer = &watch;
  hooks.stop = stop;
  hooks.enough = &watch.enough;
  TrialResult result;
  try {
    trainer.run(hooks);
  } catch (const TrainingError&) {
    result.diverged = true;
  }
  const auto stopped = [&] { return stop != nullptr && stop->load(); };
  if (stopped()) return std::nullopt;
  result.updates = trainer.updates();
  result.best_update = watch.best_update;
  result.valid = trainer.best();
  result.test = std::numeric_limits<double>::infinity();
  if (result.valid > kBlownUp * std::max(1.0, std::abs(watch.first_loss))) {
    result.valid = std::numeric_limits<double>::infinity();
    result.diverged = true;
  }
  if (std::isfinite(result.valid)) {
    if (trainer.best_parameters() != model.parameters()) {
      std::copy_n(trainer.best_parameters(), model.size(), model.parameters());
      model.parameters_changed();
    }
    result.test = test();
    if (stopped()) return std::nullopt;
  }
  return result;
}

double least_seconds(const std::function<void()>& update) {
  const Stopwatch all;
  update();
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 2 || all.seconds() < 0.2; ++i) {
    const Stopwatch one;
    update();
    least = std::min(least, one.seconds());
  }
  return least;
}

}  // namespace cellwright::study
