// training_options.cpp: see training_options.h.
#include "lab/training_options.h"

#include <fmt/format.h>

#include <cmath>

#include "cellwright/error.h"

namespace cellwright::lab {

void check(const TrainingOptions& o) {
  const auto at_least = [](const char* name, int value, int least, int most) {
    if (value < least || value > most)
      throw SpecError(fmt::format("--{} must lie in {} … {}, found {}", name, least, most, value));
  };
  at_least("layers", o.layers, 1, 100);
  at_least("embedding", o.embedding, 0, 100000);
  at_least("batch", o.lanes, 1, 100000);
  at_least("updates", o.updates, 1, 100000000);
  at_least("check-every", o.check_every, 1, 100000000);
  at_least("check-samples", o.check_samples, 1, 1000000);
  at_least("test-samples", o.test_samples, 1, 1000000);
  if (!(o.clip_norm >= 0) || !std::isfinite(o.clip_norm))
    throw SpecError(fmt::format("--clip must be a number of 0 or more, found {}", o.clip_norm));
}

}  // namespace cellwright::lab
