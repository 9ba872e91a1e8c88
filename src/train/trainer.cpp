// trainer.cpp: windows of streams; the loop over them is training_loop.cpp.
#include "train/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cellwright/error.h"
#include "train/evaluate.h"

namespace cellwright {
namespace {

// Noise of an evaluation is the same every time; no update has this number.
constexpr std::uint64_t kEvaluation = std::uint64_t{1} << 63;

// A text and the part of it that is used; null where there is none.
nlohmann::json text_to_json(const Streams* streams, WindowRange range) {
  if (streams == nullptr) return nullptr;
  return {{"hash", streams->tokens().hash()}, {"first", range.first}, {"last", range.last}};
}

const TrainOptions& checked(const TrainOptions& options) {
  check(options, false);
  return options;
}

}  // namespace

Trainer::Trainer(Model<float>& model, const TrainingData& data, const TrainOptions& options)
    : TrainingLoop(model, checked(options)), model_(model), data_(data) {
  if (data_.train == nullptr || data_.train_range.size() < 1) throw SpecError("there is nothing to train on");
  if (data_.train->batch() != options.batch || data_.train->steps() != options.k1()) {
    throw SpecError(fmt::format("the streams are cut into {} × {} (batch × steps), the options say {} × {}",
                                data_.train->batch(), data_.train->steps(), options.batch, options.k1()));
  }
  if (data_.valid && data_.valid_range.size() < 1) data_.valid = nullptr;
  const auto size = static_cast<std::size_t>(options.batch) * static_cast<std::size_t>(options.steps);
  inputs_.resize(size);
  targets_.resize(size);
}

Trainer::~Trainer() = default;

Trainer::Outcome Trainer::run(const TrainHooks& hooks) {
  after_update_ = hooks.after_update;
  return TrainingLoop::run(hooks);
}

void Trainer::begin_epoch(int) { carried_ = model_.make_state(options().batch); }

void Trainer::shape_carried(int) { carried_ = model_.make_state(options().batch); }

void Trainer::gather(int window) {
  const int m = options().steps / options().k1();
  first_window_ = std::max(data_.train_range.first, window - m + 1);
  steps_ = 0;
  for (int w = first_window_; w <= window; ++w) {
    first_counted_ = steps_;
    const auto at = static_cast<std::size_t>(steps_) * static_cast<std::size_t>(options().batch);
    data_.train->window(w, inputs_.data() + at, targets_.data() + at);
    steps_ += data_.train->steps_of(w);
  }
}

Trainer::Measured Trainer::train_window(int index, std::int64_t update) {
  const int window = data_.train_range.first + index;
  gather(window);
  const int m = options().steps / options().k1();
  const int next_first = std::max(data_.train_range.first, window + 2 - m);
  const bool stays =
      next_first == first_window_;  // at the start of an epoch: the next update looks back to the same step
  ModelState<float> start;
  if (stays) start = carried_;
  const int advance = first_window_ == window || stays ? 0 : data_.train->steps_of(first_window_);

  tokens_ = TokenWindow();
  tokens_.steps = steps_;
  tokens_.lanes = options().batch;
  tokens_.inputs = inputs_.data();
  tokens_.targets = targets_.data();
  tokens_.first_counted = first_counted_;
  model_.set_noise(options().seed, static_cast<std::uint64_t>(update));
  const WindowLoss loss = model_.train_window(tokens_, carried_, advance);
  if (stays) carried_ = std::move(start);
  Measured measured;
  measured.loss = loss.nats;
  measured.cell_losses = loss.cell_losses;
  measured.count = loss.tokens;
  return measured;
}

void Trainer::after_update(std::int64_t updates) {
  if (after_update_) after_update_(updates, tokens_);
}

Trainer::Measured Trainer::validate(const std::atomic<bool>* stop) {
  model_.set_noise(options().seed, kEvaluation);
  const Evaluation result = cellwright::evaluate(model_, *data_.valid, data_.valid_range, stop);
  Measured measured;
  measured.loss = result.nats;
  measured.cell_losses = result.cell_losses;
  measured.count = result.tokens;
  return measured;
}

Trainer::About Trainer::about() const {
  return {text_to_json(data_.train, data_.train_range), text_to_json(data_.valid, data_.valid_range), "text",
          "give the same files, split and token kind"};
}

}  // namespace cellwright
