// predictions.h: what a model expects next, after every token that it reads.
//
// Where to start: predict(). What always holds: the probabilities are those of the model's own softmax; they
// do not depend on `top` or on windows.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/model.h"

namespace cellwright {

struct Predictions {
  int steps = 0, top = 0;
  std::vector<std::int32_t> tokens;  ///< [steps, top], likeliest first; of equals the lower one
  std::vector<float> probabilities;  ///< [steps, top]
  std::vector<float> of_next;        ///< [steps]: of the token that follows in the text; -1 after the last
  std::vector<int> rank;             ///< [steps]: its place, from 1; 0 after the last
};

/// `tokens` are read from the model's start, one lane. `top` is cut to the model's classes. SpecError: no
/// token, a top below 1.
Predictions predict(Model<float>& model, const std::int32_t* tokens, int steps, int top);

}  // namespace cellwright
