#include "train_request.h"

#include "option_tree.h"

namespace cellwright::app {
namespace {

template <class Field, class Given>
void take(Field& field, const std::optional<Given>& given) {
  if (given) field = *given;
}

}  // namespace

TrainOptions default_options(const TrainTextRequest& request) {
  TrainOptions o;
  const std::string kind = request.train.optimizer.value_or(o.optimizer.kind);
  o.learning_rate = kind == "sgd" ? 1 : kind == "rmsprop" ? 2e-3 : 5e-3;
  return o;
}

TrainOptions with_request(TrainOptions o, const TrainTextRequest& request) {
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
  take(o.optimizer.kind, r.optimizer);
  take(o.optimizer.momentum, r.momentum);
  take(o.optimizer.alpha, r.alpha);
  take(o.optimizer.beta1, r.beta1);
  take(o.optimizer.beta2, r.beta2);
  take(o.optimizer.epsilon, r.epsilon);
  take(o.optimizer.weight_decay, r.weight_decay);
  take(o.schedule.kind, r.schedule);
  if (r.schedule && *r.schedule == "zaremba") {
    o.schedule.decay = 2;
    o.schedule.after = 4;
  }
  take(o.schedule.decay, r.decay);
  take(o.schedule.after, r.decay_after);
  take(o.schedule.floor, r.floor);
  take(o.schedule.warmup, r.warmup);
  take(o.patience, r.patience);
  take(o.evaluate_every, r.evaluate_every);
  take(o.save_every, r.save_every);
  take(o.seed, r.seed);
  told_as_options([&] { check(o); });
  return o;
}

}  // namespace cellwright::app
