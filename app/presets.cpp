#include "presets.h"

namespace cellwright::app {

const std::vector<Preset>& presets() {
  static const std::vector<Preset> all = {
      {"char-rnn",
       "Karpathy's char-rnn, its defaults",
       {{"cell", "lstm"},
        {"units", "128"},
        {"layers", "2"},
        {"embedding", "0"},
        {"optimizer", "rmsprop"},
        {"lr", "0.002"},
        {"alpha", "0.95"},
        {"epsilon", "1e-8"},
        {"schedule", "exponential"},
        {"decay", "0.97"},
        {"decay-after", "10"},
        {"steps", "50"},
        {"batch", "50"},
        {"clip", "0"},
        {"clip-value", "5"},
        {"epochs", "50"}}},
      // The paper's objective is the mean over the streams of the sum over a window's steps; ours is the mean
      // over both. So its rate of 1 and clip of 5 are 1·steps and 5/steps here.
      {"zaremba-small",
       "Zaremba, Sutskever & Vinyals 2014, the small model, on words",
       {{"words", "true"},
        {"cell", "lstm"},
        {"units", "200"},
        {"layers", "2"},
        {"embedding", "200"},
        {"init-uniform", "0.1"},
        {"optimizer", "sgd"},
        {"lr", "20"},
        {"schedule", "zaremba"},
        {"decay", "2"},
        {"decay-after", "4"},
        {"steps", "20"},
        {"batch", "20"},
        {"clip", "0.25"},
        {"clip-value", "0"},
        {"epochs", "13"}}},
      {"zaremba-medium",
       "the same paper's medium model: 2 × 650, half of all non-recurrent values dropped",
       {{"words", "true"},
        {"cell", "lstm"},
        {"units", "650"},
        {"layers", "2"},
        {"embedding", "650"},
        {"dropout", "0.5"},
        {"init-uniform", "0.05"},
        {"optimizer", "sgd"},
        {"lr", "35"},
        {"schedule", "zaremba"},
        {"decay", "1.2"},
        {"decay-after", "6"},
        {"steps", "35"},
        {"batch", "20"},
        {"clip", "0.142857142857"},
        {"clip-value", "0"},
        {"epochs", "39"}}},
  };
  return all;
}

}  // namespace cellwright::app
