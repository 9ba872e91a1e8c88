// optimizer.cpp: from a rule's name to the rule.
#include "optim/optimizer.h"

#include "optim/rules.h"

namespace cellwright {

template <class T>
std::unique_ptr<Optimizer<T>> make_optimizer(const OptimizerSpec& spec, std::size_t n) {
  check(spec);
  if (spec.kind == "rmsprop") return make_rmsprop<T>(spec, n);
  if (spec.kind == "adagrad") return make_adagrad<T>(spec, n);
  if (spec.kind == "adadelta") return make_adadelta<T>(spec, n);
  if (spec.kind == "adam" || spec.kind == "adamw") return make_adam<T>(spec, n);
  if (spec.kind == "nadam") return make_nadam<T>(spec, n);
  return make_sgd<T>(spec, n);
}

template std::unique_ptr<Optimizer<float>> make_optimizer(const OptimizerSpec&, std::size_t);
template std::unique_ptr<Optimizer<double>> make_optimizer(const OptimizerSpec&, std::size_t);

}  // namespace cellwright
