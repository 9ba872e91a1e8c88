// trainer.cpp: the loop over updates; trainer_state.cpp stops and continues it.
#include "train/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cellwright/error.h"
#include "train/evaluate.h"

namespace cellwright {
namespace {

// Noise of an evaluation is the same every time; no update has this number.
constexpr std::uint64_t kEvaluation = std::uint64_t{1} << 63;

const TrainOptions& checked(const TrainOptions& options) {
  check(options);
  return options;
}

// While it lives the model holds other parameters, if there are any.
class Borrowed {
 public:
  Borrowed(Model<float>& model, const float* parameters) : model_(model) {
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

  Model<float>& model_;
  AlignedArray<float> own_;
};

}  // namespace

Trainer::Trainer(Model<float>& model, const TrainingData& data, const TrainOptions& options)
    : model_(model), data_(data), options_(checked(options)), change_(model, options_) {
  if (data_.train == nullptr || data_.train_range.size() < 1) throw SpecError("there is nothing to train on");
  if (data_.train->batch() != options_.batch || data_.train->steps() != options_.k1()) {
    throw SpecError(fmt::format("the streams are cut into {} × {} (batch × steps), the options say {} × {}",
                                data_.train->batch(), data_.train->steps(), options_.batch, options_.k1()));
  }
  if (data_.valid && data_.valid_range.size() < 1) data_.valid = nullptr;
  early_.patience = options_.patience;
  const auto size = static_cast<std::size_t>(options_.batch) * static_cast<std::size_t>(options_.steps);
  inputs_.resize(size);
  targets_.resize(size);
  start_epoch();
}

Trainer::~Trainer() = default;

std::int64_t Trainer::updates_planned() const {
  return static_cast<std::int64_t>(options_.epochs) * data_.train_range.size();
}

bool Trainer::finished() const { return epoch_ >= options_.epochs || early_.should_stop(); }

const float* Trainer::best_parameters() const {
  if (have_best_) return best_.data();
  return change_.averaged() ? change_.averaged() : model_.parameters();
}

void Trainer::start_epoch() { carried_ = model_.make_state(options_.batch); }

double Trainer::rate() const {
  Progress progress;
  progress.epoch = epoch_ + static_cast<double>(window_) / data_.train_range.size();
  progress.update = update_;
  progress.total = updates_planned();
  progress.plateau = plateau_.factor;
  return learning_rate(options_.schedule, options_.learning_rate, progress);
}

void Trainer::gather(int window) {
  const int m = options_.steps / options_.k1();
  first_window_ = std::max(data_.train_range.first, window - m + 1);
  steps_ = 0;
  for (int w = first_window_; w <= window; ++w) {
    first_counted_ = steps_;
    const auto at = static_cast<std::size_t>(steps_) * static_cast<std::size_t>(options_.batch);
    data_.train->window(w, inputs_.data() + at, targets_.data() + at);
    steps_ += data_.train->steps_of(w);
  }
}

void Trainer::check_finite(double value, const char* what, double rate, const TrainHooks& hooks) const {
  if (std::isfinite(value)) return;
  throw TrainingError(
      fmt::format("training diverged: the {} is {} at epoch {}, update {} (learning rate {:.6g}); lower the "
                  "learning rate (--lr) or clip harder (--clip){}",
                  what, std::isnan(value) ? "NaN" : "infinite", epoch_ + 1, update_ + 1, rate,
                  saved_ ? fmt::format("; the last good checkpoint is '{}'", hooks.save_name) : ""));
}

void Trainer::update(const TrainHooks& hooks) {
  const int window = data_.train_range.first + window_;
  gather(window);
  const int m = options_.steps / options_.k1();
  const int next_first = std::max(data_.train_range.first, window + 2 - m);
  const bool stays =
      next_first == first_window_;  // at the start of an epoch: the next update looks back to the same step
  ModelState<float> start;
  if (stays) start = carried_;
  const int advance = first_window_ == window || stays ? 0 : data_.train->steps_of(first_window_);

  TokenWindow tokens;
  tokens.steps = steps_;
  tokens.lanes = options_.batch;
  tokens.inputs = inputs_.data();
  tokens.targets = targets_.data();
  tokens.first_counted = first_counted_;
  model_.set_noise(options_.seed, static_cast<std::uint64_t>(update_));
  const WindowLoss loss = model_.train_window(tokens, carried_, advance);
  if (stays) carried_ = std::move(start);

  const double learning = rate();
  check_finite(loss.nats + loss.cell_losses, "loss", learning, hooks);
  const double norm = change_.gradient_norm();
  check_finite(norm, "gradient", learning, hooks);
  change_.apply(learning, norm, update_);

  sum_nats_ += loss.nats;
  sum_tokens_ += loss.tokens;
  ++update_;
  ++window_;
  if (hooks.after_update) hooks.after_update(update_, tokens);
  if (hooks.observer == nullptr) return;
  const double count = static_cast<double>(std::max<std::int64_t>(loss.tokens, 1));
  UpdateReport report;
  report.epoch = epoch_ + 1;
  report.epochs = options_.epochs;
  report.window = window_;
  report.windows = data_.train_range.size();
  report.update = update_;
  report.updates = updates_planned();
  report.loss = loss.nats / count;
  report.cell_loss = loss.cell_losses / count;
  report.gradient_norm = norm;
  report.learning_rate = learning;
  report.tokens = loss.tokens;
  hooks.observer->on_update(report);
}

void Trainer::observe_validation(double loss) {
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
bool Trainer::validate(const TrainHooks& hooks, bool epoch_end) {
  EvaluationReport report;
  const double learning = rate();  // before a plateau may lower it
  report.valid_loss = report.best = std::numeric_limits<double>::quiet_NaN();
  if (data_.valid) {
    if (hooks.observer) hooks.observer->on_evaluation_begin();
    model_.set_noise(options_.seed, kEvaluation);
    const Borrowed average(model_, change_.averaged());
    const Evaluation result = evaluate(model_, *data_.valid, data_.valid_range, hooks.stop);
    if (hooks.stop && hooks.stop->load()) return false;
    report.valid_loss = result.per_token();
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

void Trainer::save(const TrainHooks& hooks) {
  if (!hooks.save) return;
  hooks.save();
  saved_ = true;
  if (hooks.observer) hooks.observer->on_saved();
}

Trainer::Outcome Trainer::run(const TrainHooks& hooks) {
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
  const int windows = data_.train_range.size();
  while (!finished()) {
    const bool due = data_.valid && options_.evaluate_every > 0 && update_ > 0 &&
                     update_ % options_.evaluate_every == 0 && window_ > 0 && window_ < windows;
    if (due && (history_.empty() || history_.back().update != update_)) {
      if (!validate(hooks, false)) return stop();
      continue;
    }
    if (window_ == windows) {
      if (!validate(hooks, true)) return stop();
      ++epoch_;
      window_ = 0;
      save(hooks);
      continue;
    }
    if (stopped()) return stop();
    if (hooks.enough && hooks.enough->load()) {
      if (data_.valid && window_ > 0 && (history_.empty() || history_.back().update != update_)) validate(hooks, false);
      return stop();
    }
    if (window_ == 0) start_epoch();
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
