// test_help.h: small models for the tests of this room and of train/.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "language/shipped.h"
#include "nn/model.h"

namespace cellwright::test {

inline LayerSpec layer(const std::string& cell, int units) {
  LayerSpec l;
  l.cell_text = std::string(shipped_cell_text(cell));
  l.cell_file = cell + ".cell";
  l.units = units;
  return l;
}

inline ModelSpec stack(int classes, int embedding, const std::vector<std::pair<std::string, int>>& layers) {
  ModelSpec spec;
  spec.classes = classes;
  spec.embedding = embedding;
  for (const auto& [cell, units] : layers) spec.layers.push_back(layer(cell, units));
  return spec;
}

inline Engine& engine(int threads) {
  static Engine one{{1}}, two{{2}}, seven{{7}};
  return threads == 1 ? one : threads == 2 ? two : seven;
}

inline std::vector<std::int32_t> random_tokens(std::size_t n, int classes, std::uint64_t seed) {
  const Random random(seed, hash_name("test.tokens"));
  std::vector<std::int32_t> tokens;
  for (std::size_t i = 0; i < n; ++i)
    tokens.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(classes), i)));
  return tokens;
}

/// Everything from N(0, 0.5), so that no gradient is small by the start's choice.
template <class T>
void randomise(Model<T>& model, std::uint64_t seed) {
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    const Random random(seed, hash_name(model.tensors()[i].name));
    std::vector<T> values = model.get(i);
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<T>(0.5 * random.normal(k));
    model.set(i, values);
  }
}

}  // namespace cellwright::test
