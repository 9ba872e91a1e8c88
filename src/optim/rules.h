// rules.h: the rules of optimizer.h, a file each; inner header of the room.
//
// What always holds: plain loops of + - * / and square root, each element for itself: the compiler may
// vectorise them at any width without a bit changing.
#pragma once

#include <memory>

#include "optim/optimizer.h"

namespace cellwright {

template <class T>
std::unique_ptr<Optimizer<T>> make_sgd(const OptimizerSpec& spec, std::size_t n);  ///< nesterov, asgd too
template <class T>
std::unique_ptr<Optimizer<T>> make_rmsprop(const OptimizerSpec& spec, std::size_t n);
template <class T>
std::unique_ptr<Optimizer<T>> make_adagrad(const OptimizerSpec& spec, std::size_t n);
template <class T>
std::unique_ptr<Optimizer<T>> make_adadelta(const OptimizerSpec& spec, std::size_t n);
template <class T>
std::unique_ptr<Optimizer<T>> make_adam(const OptimizerSpec& spec, std::size_t n);  ///< adamw too
template <class T>
std::unique_ptr<Optimizer<T>> make_nadam(const OptimizerSpec& spec, std::size_t n);

}  // namespace cellwright
