// sample.cpp: logits to a token.
#include "train/sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/rng.h"
#include "cellwright/error.h"

namespace cellwright {

void check(const SampleOptions& o) {
  if (o.length < 0) throw SpecError(fmt::format("length is {}: it must be 0 or more", o.length));
  if (!(o.temperature >= 0) || !std::isfinite(o.temperature)) {
    throw SpecError(fmt::format("temperature is {}: it must be a number of 0 or more", o.temperature));
  }
  if (o.top_k < 0) throw SpecError(fmt::format("top_k is {}: it must be 0 (all tokens) or more", o.top_k));
  if (!(o.top_p > 0 && o.top_p <= 1))
    throw SpecError(fmt::format("top_p is {}: it must be above 0 and at most 1", o.top_p));
}

Sampler::Sampler(Model<float>& model)
    : model_(model),
      state_(model.make_state(1)),
      logits_(static_cast<std::size_t>(model.spec().classes)),
      weights_(logits_.size()),
      order_(logits_.size()) {}

void Sampler::read(const std::vector<std::int32_t>& tokens) {
  for (const std::int32_t t : tokens) {
    model_.step(&t, state_, logits_.data());
    begun_ = true;
  }
}

std::int32_t Sampler::choose(const SampleOptions& o, std::uint64_t number) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < logits_.size(); ++i) {
    if (static_cast<std::int32_t>(i) != o.never || logits_.size() == 1)
      order_[count++] = static_cast<std::int32_t>(i);
  }
  const auto logit = [&](std::int32_t t) {
    return static_cast<double>(logits_[static_cast<std::size_t>(t)]);
  };
  const auto likelier = [&](std::int32_t a, std::int32_t b) {
    return logit(a) != logit(b) ? logit(a) > logit(b) : a < b;
  };
  const auto end = [&] { return order_.begin() + static_cast<std::ptrdiff_t>(count); };
  for (std::size_t i = 0; i < count; ++i) {  // NaN has no place in an order, and sorting it would run wild
    if (!(logit(order_[i]) < std::numeric_limits<double>::infinity())) {
      throw FormatError(fmt::format(
          "the model's logit of token {} is {}: its parameters are damaged, so nothing can be drawn",
          order_[i], logit(order_[i])));
    }
  }
  const std::int32_t first = *std::min_element(order_.begin(), end(), likelier);
  if (o.temperature == 0) return first;
  if (o.top_k > 0 && static_cast<std::size_t>(o.top_k) < count) {
    std::nth_element(order_.begin(), order_.begin() + o.top_k - 1, end(), likelier);
    count = static_cast<std::size_t>(o.top_k);
    std::sort(order_.begin(),
              end());  // the order of tokens, so that the draw does not depend on how the k were found
  }
  if (o.top_p < 1) std::sort(order_.begin(), end(), likelier);
  const double largest = std::max(logit(first), std::numeric_limits<double>::lowest());
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i)
    sum += weights_[i] = std::exp((logit(order_[i]) - largest) / o.temperature);
  if (o.top_p < 1) {
    double reached = 0;
    std::size_t kept = 0;
    while (kept < count && reached < o.top_p * sum) reached += weights_[kept++];
    count = std::max<std::size_t>(kept, 1);
    sum = std::max(reached, weights_[0]);
  }
  double left = Random(o.seed, hash_name("sample")).uniform(number) * sum;
  for (std::size_t i = 0; i < count; ++i) {
    left -= weights_[i];
    if (left < 0) return order_[i];
  }
  return order_[count - 1];
}

void Sampler::draw(const SampleOptions& options, const std::function<bool(std::int32_t)>& token) {
  check(options);
  if (!begun_) std::fill(logits_.begin(), logits_.end(), 0.0f);
  for (int i = 0; i < options.length; ++i) {
    const std::int32_t next = choose(options, static_cast<std::uint64_t>(i));
    model_.step(&next, state_, logits_.data());
    begun_ = true;
    if (!token(next)) return;
  }
}

}  // namespace cellwright
