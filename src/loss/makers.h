// makers.h: a maker a loss, for loss.cpp; inner header of the room.
#pragma once

#include <memory>

#include "loss/loss.h"

namespace cellwright {

template <class T>
using LossMaker = std::unique_ptr<LossFunction<T>> (*)(const LossSpec& spec);

template <class T>
std::unique_ptr<LossFunction<T>> make_softmax_loss(const LossSpec& spec);
template <class T>
std::unique_ptr<LossFunction<T>> make_bernoulli_loss(const LossSpec& spec);
template <class T>
std::unique_ptr<LossFunction<T>> make_squared_loss(const LossSpec& spec);
template <class T>
std::unique_ptr<LossFunction<T>> make_absolute_loss(const LossSpec& spec);
template <class T>
std::unique_ptr<LossFunction<T>> make_huber_loss(const LossSpec& spec);
template <class T>
std::unique_ptr<LossFunction<T>> make_quantile_loss(const LossSpec& spec);
template <class T>
std::unique_ptr<LossFunction<T>> make_mixture_loss(const LossSpec& spec);
template <class T>
std::unique_ptr<LossFunction<T>> make_ctc_loss(const LossSpec& spec);
template <class T>
std::unique_ptr<LossFunction<T>> make_esr_loss(const LossSpec& spec);

}  // namespace cellwright

/// At a loss' end: both instances of its maker.
#define CELLWRIGHT_LOSS_MAKER(make, Class)                                         \
  template <class T>                                                               \
  std::unique_ptr<LossFunction<T>> make(const LossSpec& spec) {                    \
    return std::make_unique<Class<T>>(spec);                                       \
  }                                                                                \
  template std::unique_ptr<LossFunction<float>> make<float>(const LossSpec& spec); \
  template std::unique_ptr<LossFunction<double>> make<double>(const LossSpec& spec)
