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
      {"zaremba-small",
       "Zaremba, Sutskever & Vinyals 2014, the small model, on words",
       {{"words", "true"},
        {"cell", "lstm"},
        {"units", "200"},
        {"layers", "2"},
        {"embedding", "200"},
        {"init-uniform", "0.1"},
        {"optimizer", "sgd"},
        {"lr", "1"},
        {"schedule", "zaremba"},
        {"decay", "2"},
        {"decay-after", "4"},
        {"steps", "20"},
        {"batch", "20"},
        {"clip", "5"},
        {"clip-value", "0"},
        {"epochs", "13"}}},
  };
  return all;
}

}  // namespace cellwright::app
