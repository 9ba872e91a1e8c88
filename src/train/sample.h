// sample.h: text out of a model, one token at a time.
//
// Where to start: Sampler. What always holds: a token depends on the model, the prime, the options and its
// number alone (randomness is counter-based), so a longer sample begins with a shorter one.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "nn/model.h"

namespace cellwright {

struct SampleOptions {
  int length = 400;        ///< tokens, the prime not counted
  double temperature = 1;  ///< logits are divided by it; 0: always the likeliest token (the first of equals)
  int top_k = 0;           ///< only the k likeliest tokens; 0: all
  double top_p =
      1;  ///< only the fewest likeliest tokens whose probabilities (at the temperature, after top_k) reach p
  std::uint64_t seed = 1;
  std::int32_t never = -1;  ///< a token that is not drawn (<unk>), or -1
};

void check(const SampleOptions& options);  ///< SpecError names the field, its value and its range

class Sampler {
 public:
  /// The model is kept by reference; the state is its start.
  explicit Sampler(Model<float>& model);

  /// Reads tokens without drawing. ShapeError for a token outside the classes.
  void read(const std::vector<std::int32_t>& tokens);

  /// Draws options.length tokens, each told to `token` as soon as it is drawn; false from it ends the sample.
  /// Without any token read before, the first is drawn uniformly. Allocates nothing between tokens.
  /// FormatError where a logit is NaN or infinite: the parameters are damaged.
  void draw(const SampleOptions& options, const std::function<bool(std::int32_t token)>& token);

  ModelState<float>& state() { return state_; }

 private:
  std::int32_t choose(const SampleOptions& options, std::uint64_t number);

  Model<float>& model_;
  ModelState<float> state_;
  std::vector<float> logits_;
  std::vector<double> weights_;
  std::vector<std::int32_t> order_;
  bool begun_ = false;
};

}  // namespace cellwright
