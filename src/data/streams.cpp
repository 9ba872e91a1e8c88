// streams.cpp: all three rules are one arithmetic: `length_` predictions a stream, the first `longer_`
// streams one more, targets one position on, modulo the text.
#include "data/streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "cellwright/error.h"

namespace cellwright {
namespace {

std::string grouped(std::uint64_t value) {  // 2501 as 2,501, whatever the locale
  std::string digits = std::to_string(value);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

// The number of predictions, once everything has been found in order; comes before any array is moved or
// division done.
std::size_t checked(std::size_t tokens, int batch, int steps, std::uint64_t need, std::size_t predictions) {
  if (tokens >= need) return predictions;
  throw SpecError(fmt::format(
      "text has {} token{}; {} stream{} of {} step{} need{} at least {}: lower --batch or --steps",
      grouped(tokens), tokens == 1 ? "" : "s", batch, batch == 1 ? "" : "s", steps, steps == 1 ? "" : "s",
      batch == 1 ? "s" : "", grouped(need)));
}

std::uint64_t product(int batch, int steps) {
  if (batch < 1 || steps < 1) {
    throw SpecError(
        fmt::format("{} streams of {} steps make no sense; both must be at least 1", batch, steps));
  }
  return static_cast<std::uint64_t>(batch) * static_cast<std::uint64_t>(steps);
}

std::size_t trained(std::size_t tokens, int batch, int steps) {
  const std::uint64_t need = product(batch, steps) + 1;
  checked(tokens, batch, steps, need, 0);
  return (tokens - 1) / static_cast<std::size_t>(batch) * static_cast<std::size_t>(batch);
}

}  // namespace

Streams::Streams(TokenView tokens, int batch, int steps) : Streams(std::move(tokens), batch, steps, 0) {}

Streams::Streams(TokenView tokens, int batch, int steps, std::size_t predictions)
    : tokens_(std::move(tokens)), batch_(batch), steps_(steps) {
  if (predictions == 0) predictions = trained(tokens_.size(), batch, steps);
  length_ = predictions / static_cast<std::size_t>(batch);
  longer_ = predictions % static_cast<std::size_t>(batch);
  const std::size_t longest = length_ + (longer_ > 0 ? 1 : 0);
  const std::size_t count = (longest - 1) / static_cast<std::size_t>(steps) + 1;
  if (count > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw SpecError(fmt::format("{} windows are too many; raise --batch or --steps", grouped(count)));
  }
  windows_ = static_cast<int>(count);
}

Streams Streams::covering(TokenView tokens, int batch, int steps) {
  product(batch, steps);
  const std::uint64_t need = static_cast<std::uint64_t>(batch) + 1;
  if (tokens.size() < need) {
    throw SpecError(fmt::format("text has {} token{}; {} stream{} need{} at least {}{}", tokens.size(),
                                tokens.size() == 1 ? "" : "s", batch, batch == 1 ? "" : "s",
                                batch == 1 ? "s" : "", grouped(need), batch == 1 ? "" : ": lower --batch"));
  }
  const std::size_t predictions = tokens.size() - 1;
  return Streams(std::move(tokens), batch, steps, predictions);
}

Streams Streams::char_rnn(TokenView tokens, int batch, int steps) {
  const std::uint64_t unit = product(batch, steps);
  const std::size_t kept = checked(tokens.size(), batch, steps, unit, tokens.size() - tokens.size() % unit);
  return Streams(tokens.slice(0, kept), batch, steps, kept);
}

int Streams::steps_of(int index) const {
  if (index < 0 || index >= windows_)
    throw InternalError(fmt::format("window {} of {} was asked for", index, windows_));
  const std::size_t longest = length_ + (longer_ > 0 ? 1 : 0);
  const std::size_t first = static_cast<std::size_t>(index) * static_cast<std::size_t>(steps_);
  return static_cast<int>(std::min(longest - first, static_cast<std::size_t>(steps_)));
}

std::int64_t Streams::predictions(WindowRange range) const {
  // A stream has min(position, its length) predictions before a position of time.
  const auto before = [&](int window) {
    const std::size_t time = static_cast<std::size_t>(window) * static_cast<std::size_t>(steps_);
    const std::size_t longer = std::min(time, length_ + 1), shorter = std::min(time, length_);
    return longer * longer_ + shorter * (static_cast<std::size_t>(batch_) - longer_);
  };
  return range.last <= range.first ? 0 : static_cast<std::int64_t>(before(range.last) - before(range.first));
}

void Streams::window(int index, std::int32_t* inputs, std::int32_t* targets) const {
  const auto steps = static_cast<std::size_t>(steps_of(index));
  const auto batch = static_cast<std::size_t>(batch_);
  const std::size_t time = static_cast<std::size_t>(index) * static_cast<std::size_t>(steps_);
  std::vector<std::int32_t> ids(steps + 1);
  for (std::size_t b = 0; b < batch; ++b) {
    const std::size_t start = b * length_ + std::min(b, longer_);
    const std::size_t length = length_ + (b < longer_ ? 1 : 0);
    const std::size_t count = time < length ? std::min(steps, length - time) : 0;  // predictions
    if (count > 0) {
      const bool wraps = start + time + count == tokens_.size();
      tokens_.copy(start + time, count + (wraps ? 0 : 1), ids.data());
      if (wraps) tokens_.copy(0, 1, ids.data() + count);
    }
    for (std::size_t t = 0; t < steps; ++t) {
      inputs[t * batch + b] = t < count ? ids[t] : 0;
      targets[t * batch + b] = t < count ? ids[t + 1] : kNoTarget;
    }
  }
}

}  // namespace cellwright
