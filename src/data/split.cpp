// split.cpp: two ways to cut a text; see split.h for the rules.
#include "data/split.h"

#include <fmt/format.h>

#include <cmath>

#include "cellwright/error.h"

namespace cellwright {
namespace {

bool is_fraction(double value) { return value >= 0 && value <= 1; }  // false for NaN

// 1 - 0.05 - 0.05 falls a little below 0.9: without the allowance a whole number of tokens would lose one.
std::size_t cut(std::size_t count, double fraction) {
  return static_cast<std::size_t>(std::floor(static_cast<double>(count) * fraction + 1e-6));
}

}  // namespace

TokenSplit split_tokens(const TokenView& tokens, double valid_fraction, double test_fraction) {
  if (!is_fraction(valid_fraction) || !is_fraction(test_fraction) || !(valid_fraction + test_fraction < 1)) {
    throw SpecError(fmt::format(
        "the fractions {} for validation and {} for test leave nothing for training; both must be "
        "at least 0 and their sum below 1",
        valid_fraction, test_fraction));
  }
  const std::size_t n = tokens.size();
  const std::size_t valid_first = cut(n, 1 - valid_fraction - test_fraction);
  const std::size_t test_first = cut(n, 1 - test_fraction);
  TokenSplit result = {tokens.slice(0, valid_first), tokens.slice(valid_first, test_first),
                       tokens.slice(test_first, n)};
  const auto need = [&](const char* name, const TokenView& part, bool asked) {
    if (!asked || part.size() >= 2) return;
    throw SpecError(
        fmt::format("a text of {} tokens leaves {} for {}; give a longer text or another fraction", n,
                    part.size(), name));
  };
  need("training", result.train, true);
  need("validation", result.valid, valid_fraction > 0);
  need("test", result.test, test_fraction > 0);
  return result;
}

WindowSplit split_windows(int windows, double train_fraction, double valid_fraction) {
  // The comparison allows for 0.95 + 0.05 rounding up.
  if (!is_fraction(train_fraction) || !is_fraction(valid_fraction) ||
      train_fraction + valid_fraction > 1 + 1e-9) {
    throw SpecError(fmt::format(
        "the fractions {} for training and {} for validation must be at least 0 and sum to at most 1",
        train_fraction, valid_fraction));
  }
  const int train = static_cast<int>(std::floor(windows * train_fraction));
  const bool test = train_fraction + valid_fraction < 1 - 1e-9;
  const int valid = test ? static_cast<int>(std::floor(windows * valid_fraction)) : windows - train;
  if (train < 1 || (valid < 1 && valid_fraction > 0)) {
    throw SpecError(fmt::format(
        "{} window{} a stream leave {} for training and {} for validation; give a longer text, or "
        "lower --batch or --steps",
        windows, windows == 1 ? "" : "s", train, valid));
  }
  return {{0, train}, {train, train + valid}, {train + valid, windows}};
}

}  // namespace cellwright
