// training_loop.cpp: the loop over updates; training_loop_state.cpp stops and continues it.
#include "train/training_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cellwright/error.h"

namespace cellwright {
namespace {

const TrainOptions& checked(const TrainOptions& options) {
  check(options);
  return options;
}

// While it lives the model holds other parameters, if there are any.
class Borrowed {
 public:
  Borrowed(TrainedParameters<float>& model, const float* parameters) : model_(model) {
    if (parameters == nullptr) return;
    own_ = AlignedArray<float>(model.size());
    std::copy_n(model.parameters(), model.size(), own_.data());
    put(parameters);
  }
  ~Borrowed() {
    if (!own_.empty()) put(own_.data());
  }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;

 private:
  void put(const float* parameters) {
    std::copy_n(parameters, model_.size(), model_.parameters());
    model_.parameters_changed();
  }

  TrainedParameters<float>& model_;
  AlignedArray<float> own_;
};

}  // namespace

TrainingLoop::TrainingLoop(TrainedParameters<float>& model, const TrainOptions& options)
    : model_(model), options_(checked(options)), change_(model, options_) {
  early_.patience = options_.patience;
}

TrainingLoop::~TrainingLoop() = default;

std::int64_t TrainingLoop::updates_planned() const {
  return static_cast<std::int64_t>(options_.epochs) * windows_planned();
}

bool TrainingLoop::finished() const { return epoch_ >= options_.epochs || early_.should_stop(); }

const float* TrainingLoop::best_parameters() const {
  if (have_best_) return best_.data();
  return change_.averaged() ? change_.averaged() : model_.parameters();
}

double TrainingLoop::rate() const {
  Progress progress;
  progress.epoch = epoch_ + static_cast<double>(window_) / windows();
  progress.update = update_;
  progress.total = updates_planned();
  progress.plateau = plateau_.factor;
  return learning_rate(options_.schedule, options_.learning_rate, progress);
}

void TrainingLoop::check_finite(double value, const char* what, double rate, const RunHooks& hooks) const {
  if (std::isfinite(value)) return;
  throw TrainingError(
      fmt::format("training diverged: the {} is {} at epoch {}, update {} (learning rate {:.6g}); lower the "
                  "learning rate (--lr) or clip harder (--clip){}",
                  what, std::isnan(value) ? "NaN" : "infinite", epoch_ + 1, update_ + 1, rate,
                  saved_ ? fmt::format("; the last good checkpoint is '{}'", hooks.save_name) : ""));
}

void TrainingLoop::update(const RunHooks& hooks) {
  const Measured loss = train_window(window_, update_);
  if (!loss.update) {
    ++window_;
    return;
  }
  const double learning = rate();
  check_finite(loss.loss + loss.cell_losses, "loss", learning, hooks);
  const double norm = change_.gradient_norm();
  check_finite(norm, "gradient", learning, hooks);
  change_.apply(learning, norm, update_);

  sum_nats_ += loss.loss;
  sum_tokens_ += loss.count;
  ++update_;
  ++window_;
  after_update(update_);
  if (hooks.observer == nullptr) return;
  const double count = static_cast<double>(std::max<std::int64_t>(loss.count, 1));
  UpdateReport report;
  report.epoch = epoch_ + 1;
  report.epochs = options_.epochs;
  report.window = window_;
  report.windows = windows();
  report.update = update_;
  report.updates = updates_planned();
  report.loss = loss.loss / count;
  report.cell_loss = loss.cell_losses / count;
  report.gradient_norm = norm;
  report.learning_rate = learning;
  report.tokens = loss.count;
  hooks.observer->on_update(report);
}

void TrainingLoop::observe_validation(double loss) {
  plateau_.observe(options_.schedule, loss);
  WeightAverage<float>* average = change_.average();
  if (average == nullptr || !average->waits()) return;
  std::vector<double> before;
  for (const EvaluationReport& r : history_) {
    if (std::isfinite(r.valid_loss)) before.push_back(r.valid_loss);
  }
  if (has_stalled(before, loss, options_.optimizer.nonmonotone)) average->start();
}

// False when it was stopped half way: then nothing has happened.
bool TrainingLoop::evaluate(const RunHooks& hooks, bool epoch_end) {
  EvaluationReport report;
  const double learning = rate();  // before a plateau may lower it
  report.valid_loss = report.best = std::numeric_limits<double>::quiet_NaN();
  if (validates()) {
    if (hooks.observer) hooks.observer->on_evaluation_begin();
    const Borrowed average(model_, change_.averaged());
    const Measured result = validate(hooks.stop);
    if (hooks.stop && hooks.stop->load()) return false;
    report.valid_loss = result.count > 0 ? result.loss / static_cast<double>(result.count) : 0;
    report.accuracy = result.correct / static_cast<double>(std::max<std::int64_t>(result.count, 1));
    report.improved = early_.observe(report.valid_loss);
    report.best = early_.best;
    observe_validation(report.valid_loss);
    if (report.improved) {
      if (best_.empty()) best_ = AlignedArray<float>(model_.size());
      std::copy_n(model_.parameters(), model_.size(), best_.data());
      have_best_ = true;
    }
  }
  report.epoch = epoch_ + 1;
  report.update = update_;
  report.train_loss = sum_tokens_ > 0 ? sum_nats_ / static_cast<double>(sum_tokens_) : 0;
  report.epoch_end = epoch_end;
  report.learning_rate = learning;
  sum_nats_ = 0;
  sum_tokens_ = 0;
  history_.push_back(report);
  if (hooks.observer) hooks.observer->on_evaluation(report);
  return true;
}

void TrainingLoop::save(const RunHooks& hooks) {
  if (!hooks.save) return;
  hooks.save();
  saved_ = true;
  if (hooks.observer) hooks.observer->on_saved();
}

TrainingLoop::Outcome TrainingLoop::run(const RunHooks& hooks) {
  if (!last_.empty()) {  // run() again, with more epochs: from where training stood, not from the best
    std::copy_n(last_.data(), model_.size(), model_.parameters());
    model_.parameters_changed();
    last_ = AlignedArray<float>();
  }
  const auto stopped = [&] { return hooks.stop && hooks.stop->load(); };
  const auto stop = [&] {
    save(hooks);
    return Outcome::kStopped;
  };
  while (!finished()) {
    if (!begun_) begin_epoch(epoch_);
    begun_ = true;
    const int windows = this->windows();
    const bool due = validates() && options_.evaluate_every > 0 && update_ > 0 &&
                     update_ % options_.evaluate_every == 0 && window_ > 0 && window_ < windows;
    if (due && (history_.empty() || history_.back().update != update_)) {
      if (!evaluate(hooks, false)) return stop();
      continue;
    }
    if (window_ == windows) {
      if (!evaluate(hooks, true)) return stop();
      ++epoch_;
      window_ = 0;
      begun_ = false;
      save(hooks);
      continue;
    }
    if (stopped()) return stop();
    if (hooks.enough && hooks.enough->load()) {
      if (validates() && window_ > 0 && (history_.empty() || history_.back().update != update_))
        evaluate(hooks, false);
      return stop();
    }
    update(hooks);
    if (options_.save_every > 0 && update_ % options_.save_every == 0) save(hooks);
  }
  if (const float* best = best_parameters(); best != model_.parameters()) {
    last_ = AlignedArray<float>(model_.size());
    std::copy_n(model_.parameters(), model_.size(), last_.data());
    std::copy_n(best, model_.size(), model_.parameters());
    model_.parameters_changed();
  }
  return epoch_ < options_.epochs ? Outcome::kEarly : Outcome::kFinished;
}

}  // namespace cellwright
