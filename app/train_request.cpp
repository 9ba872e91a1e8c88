#include "train_request.h"

#include "option_tree.h"

namespace cellwright::app {
namespace {

template <class Field, class Given>
void take(Field& field, const std::optional<Given>& given) {
  if (given) field = *given;
}

void take_update(TrainOptions& o, const TrainRequest& r) {
  take(o.optimizer.momentum_decay, r.momentum_decay);
  take(o.optimizer.t0, r.t0);
  take(o.optimizer.nonmonotone, r.nonmonotone);
  take(o.optimizer.ema, r.ema);
  take(o.schedule.every, r.decay_every);
  take(o.schedule.wait, r.decay_wait);
  take(o.schedule.rise, r.rise);
  take(o.schedule.start, r.rise_from);
  take(o.gradient_noise, r.gradient_noise);
  take(o.max_norm, r.max_norm);
  if (r.groups.empty()) return;
  o.groups.clear();
  for (const std::string& text : r.groups) o.groups.push_back(parse_group(text));
}

}  // namespace

TrainOptions default_options(const RunRequest& request) {
  TrainOptions o;
  const std::string kind = request.train.optimizer.value_or(o.optimizer.kind);
  if (kind == "sgd" || kind == "asgd" || kind == "nt-asgd" || kind == "adadelta") {
    o.learning_rate = 1;
  } else if (kind == "nesterov") {
    o.learning_rate = 0.1;
  } else if (kind == "adagrad") {
    o.learning_rate = 0.05;
  } else {
    o.learning_rate = kind == "rmsprop" ? 2e-3 : 5e-3;
  }
  return o;
}

TrainOptions with_request(TrainOptions o, const RunRequest& request, bool whole) {
  const TrainRequest& r = request.train;
  take(o.epochs, r.epochs);
  // With a limit of time alone, time ends the training.
  if (request.minutes > 0 && !r.epochs) o.epochs = 1000000;
  take(o.batch, r.batch);
  take(o.steps, r.steps);
  take(o.stride, r.stride);
  take(o.learning_rate, r.learning_rate);
  take(o.clip_norm, r.clip_norm);
  take(o.clip_value, r.clip_value);
  if (r.optimizer && *r.optimizer != o.optimizer.kind) o.optimizer = optimizer_defaults(*r.optimizer);
  take(o.optimizer.momentum, r.momentum);
  take(o.optimizer.alpha, r.alpha);
  take(o.optimizer.beta1, r.beta1);
  take(o.optimizer.beta2, r.beta2);
  take(o.optimizer.epsilon, r.epsilon);
  take(o.optimizer.weight_decay, r.weight_decay);
  if (r.schedule && *r.schedule != o.schedule.kind) {
    const std::int64_t warmup = o.schedule.warmup;
    o.schedule = schedule_defaults(*r.schedule);
    o.schedule.warmup = warmup;
  }
  take(o.schedule.decay, r.decay);
  take(o.schedule.after, r.decay_after);
  take(o.schedule.floor, r.floor);
  take(o.schedule.warmup, r.warmup);
  take(o.patience, r.patience);
  take(o.evaluate_every, r.evaluate_every);
  take(o.save_every, r.save_every);
  take(o.seed, r.seed);
  take_update(o, r);
  told_as_options([&] { check(o, whole); });
  return o;
}

}  // namespace cellwright::app
