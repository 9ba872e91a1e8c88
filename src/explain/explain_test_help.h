// explain_test_help.h: small models of any cell with random parameters.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nn/test_help.h"

namespace cellwright::test {

template <class T>
std::unique_ptr<Model<T>> random_model(const std::vector<LayerSpec>& layers, int classes, int embedding,
                                       std::uint64_t seed) {
  ModelSpec spec;
  spec.classes = classes;
  spec.embedding = embedding;
  spec.layers = layers;
  auto model = std::make_unique<Model<T>>(spec, engine(1));
  randomise(*model, seed);
  return model;
}

/// A cell that the library has never seen: a belt with a leak, two addends and a bounded write.
inline LayerSpec unseen_cell(int units) {
  LayerSpec l;
  l.cell_text =
      "cell unseen(x) -> y\n"
      "k = σ(W_k·[y[t-1], x] + b_k)\n"
      "w = tanh(W_w·[y[t-1], x] + b_w)\n"
      "v = softsign(W_v·x)\n"
      "M = M[t-1] - k ⊙ (M[t-1] - w) / 2 + 0.3 ⊙ v\n"
      "y = tanh(M) ⊙ k\n";
  l.cell_file = "unseen.cell";
  l.units = units;
  return l;
}

}  // namespace cellwright::test
