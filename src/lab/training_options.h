// training_options.h: what all trainings of a study have in common.
#pragma once

#include <cstdint>
#include <string>

namespace cellwright::lab {

struct TrainingOptions {
  int layers = 1;
  int embedding = 16;       ///< width, of tasks over symbols; 0: one-hot words
  int lanes = 32;           ///< sequences an update
  int updates = 6000;       ///< at most
  int check_every = 200;    ///< updates
  int check_samples = 100;  ///< sequences a point, at a check
  int test_samples = 1000;  ///< and at the end
  double clip_norm = 1;
  double enough = 0.995;   ///< accuracy at every point, but those beyond training, that ends a training
  std::uint64_t seed = 1;  ///< of the sequences that are checked and tested with, the same for all trainings
  std::string simd;        ///< "": the best target
};

void check(const TrainingOptions& options);  ///< SpecError names the field, its value and its range

}  // namespace cellwright::lab
