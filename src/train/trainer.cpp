// trainer.cpp: the loop over updates; trainer_state.cpp stops and continues it.
#include "train/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/denormals.h"
#include "base/rng.h"
#include "cellwright/error.h"
#include "optim/clip.h"
#include "train/evaluate.h"

namespace cellwright {
namespace {

// Numbers a partial sum of squares covers: fixed, so that neither threads nor the norm's last bit depend on
// each other.
constexpr std::size_t kChunk = std::size_t{1} << 16;

// Noise of an evaluation is the same every time; no update has this number.
constexpr std::uint64_t kEvaluation = std::uint64_t{1} << 63;

}  // namespace

Trainer::Trainer(Model<float>& model, const TrainingData& data, const TrainOptions& options)
    : model_(model), data_(data), options_(options) {
  check(options_);
  if (data_.train == nullptr || data_.train_range.size() < 1) throw SpecError("there is nothing to train on");
  if (data_.train->batch() != options_.batch || data_.train->steps() != options_.k1()) {
    throw SpecError(fmt::format("the streams are cut into {} × {} (batch × steps), the options say {} × {}",
                                data_.train->batch(), data_.train->steps(), options_.batch, options_.k1()));
  }
  if (data_.valid && data_.valid_range.size() < 1) data_.valid = nullptr;
  optimizer_ = make_optimizer<float>(options_.optimizer, model_.size());
  early_.patience = options_.patience;
  const auto size = static_cast<std::size_t>(options_.batch) * static_cast<std::size_t>(options_.steps);
  inputs_.resize(size);
  targets_.resize(size);
  partial_.resize((model_.size() + kChunk - 1) / kChunk);
  start_epoch();
}

Trainer::~Trainer() = default;

std::int64_t Trainer::updates_planned() const {
  return static_cast<std::int64_t>(options_.epochs) * data_.train_range.size();
}

bool Trainer::finished() const { return epoch_ >= options_.epochs || early_.should_stop(); }

const float* Trainer::best_parameters() const { return have_best_ ? best_.data() : model_.parameters(); }

void Trainer::start_epoch() { carried_ = model_.make_state(options_.batch); }

double Trainer::rate() const {
  Progress progress;
  progress.epoch = epoch_ + static_cast<double>(window_) / data_.train_range.size();
  progress.update = update_;
  progress.total = updates_planned();
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

double Trainer::gradient_norm() {
  const auto& kernels = kernels::kernels<float>(model_.engine().options.simd);
  const float* gradients = model_.gradients();
  const std::size_t size = model_.size();
  ThreadPool& pool = model_.engine().pool;
  const auto sum = [&](int thread) {
    const FlushDenormals flush;
    const Part mine = part(static_cast<int>(partial_.size()), pool.size(), thread);
    for (int i = mine.first; i < mine.last; ++i) {
      const std::size_t first = static_cast<std::size_t>(i) * kChunk;
      partial_[static_cast<std::size_t>(i)] =
          kernels.sum_of_squares(gradients + first, std::min(kChunk, size - first));
    }
  };
  pool.run(std::ref(sum));
  double total = 0;
  for (const double p : partial_) total += p;
  return std::sqrt(total);
}

// Ranges of whole cache lines: no element is seen twice, and the padding, 0, stays 0 under every rule.
template <class F>
static void over_ranges(ThreadPool& pool, std::size_t size, const F& f) {
  constexpr std::size_t kLine = kAlignment / sizeof(float);
  const auto run = [&](int thread) {
    const FlushDenormals flush;
    const std::size_t lines = size / kLine, team = static_cast<std::size_t>(pool.size()),
                      t = static_cast<std::size_t>(thread);
    f(lines * t / team * kLine, t + 1 == team ? size : lines * (t + 1) / team * kLine);
  };
  pool.run(std::ref(run));
}

void Trainer::clip_values() {
  over_ranges(model_.engine().pool, model_.size(), [&](std::size_t first, std::size_t last) {
    clip_by_value(model_.gradients(), first, last, options_.clip_value);
  });
}

void Trainer::take_step(double rate, double scale) {
  optimizer_->begin_step();
  over_ranges(model_.engine().pool, model_.size(), [&](std::size_t first, std::size_t last) {
    optimizer_->step(model_.parameters(), model_.gradients(), first, last, rate, scale);
  });
  model_.parameters_changed();
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
  const double norm = gradient_norm();
  check_finite(norm, "gradient", learning, hooks);
  if (options_.clip_value > 0) clip_values();
  const double clipped = options_.clip_value > 0 && options_.clip_norm > 0 ? gradient_norm() : norm;
  take_step(learning, clip_scale(clipped, options_.clip_norm));

  sum_nats_ += loss.nats;
  sum_tokens_ += loss.tokens;
  ++update_;
  ++window_;
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

// False when it was stopped half way: then nothing has happened.
bool Trainer::validate(const TrainHooks& hooks, bool epoch_end) {
  EvaluationReport report;
  report.valid_loss = report.best = std::numeric_limits<double>::quiet_NaN();
  if (data_.valid) {
    if (hooks.observer) hooks.observer->on_evaluation_begin();
    model_.set_noise(options_.seed, kEvaluation);
    const Evaluation result = evaluate(model_, *data_.valid, data_.valid_range, hooks.stop);
    if (hooks.stop && hooks.stop->load()) return false;
    report.valid_loss = result.per_token();
    report.improved = early_.observe(report.valid_loss);
    report.best = early_.best;
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
  report.learning_rate = rate();
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
  if (have_best_) {
    last_ = AlignedArray<float>(model_.size());
    std::copy_n(model_.parameters(), model_.size(), last_.data());
    std::copy_n(best_.data(), model_.size(), model_.parameters());
    model_.parameters_changed();
  }
  return epoch_ < options_.epochs ? Outcome::kEarly : Outcome::kFinished;
}

}  // namespace cellwright
