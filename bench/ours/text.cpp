// text.cpp: a whole training step of a language model on random tokens: embedding, layers, softmax, backward,
// clipping of the norm, the optimiser.
#include <memory>

#include "base/rng.h"
#include "cellwright/error.h"
#include "stack.h"
#include "train/memory.h"
#include "train/parameter_update.h"
#include "works.h"

namespace cellwright {
namespace {

std::vector<std::int32_t> random_tokens(std::size_t count, int classes, std::uint64_t seed) {
  const Random random(seed, hash_name("bench.tokens"));
  std::vector<std::int32_t> tokens;
  for (std::size_t i = 0; i < count; ++i)
    tokens.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(classes), i)));
  return tokens;
}

class TextStep {
 public:
  TextStep(const std::vector<int>& n, const std::string& rule, Engine& engine)
      : options_(options_of(rule)),
        model_(spec_of(n), engine),
        update_(model_, options_),
        state_(model_.make_state(n[5])),
        inputs_(random_tokens(static_cast<std::size_t>(n[4]) * static_cast<std::size_t>(n[5]), n[0], 1)),
        targets_(random_tokens(inputs_.size(), n[0], 2)),
        window_{n[4], n[5], inputs_.data(), targets_.data(), 0} {
    model_.initialise(1);
  }

  /// As train text --memory: windows are held in stretches that fit.
  void fit(std::size_t budget) {
    MemoryRequest request;
    request.budget = budget;
    request.process = resident_bytes();
    TrainOptions options = options_;
    options.steps = window_.steps, options.batch = window_.lanes;
    model_.set_stretch(plan_memory(model_, options, request).stretch);
  }

  void run() {
    model_.train_window(window_, state_);
    update_.apply(options_.learning_rate, update_.gradient_norm(), updates_++);
  }

 private:
  static TrainOptions options_of(const std::string& rule) {
    TrainOptions options;
    options.optimizer = optimizer_defaults(rule);
    options.learning_rate = rule == "adam" ? 2e-3 : 1;
    return options;
  }
  static ModelSpec spec_of(const std::vector<int>& n) {
    ModelSpec spec;
    spec.classes = n[0];
    spec.embedding = n[1];
    for (int l = 0; l < n[3]; ++l) spec.layers.push_back(layer_of("lstm", n[2]));
    return spec;
  }

  TrainOptions options_;
  Model<float> model_;
  ParameterUpdate update_;
  ModelState<float> state_;
  std::vector<std::int32_t> inputs_, targets_;
  TokenWindow window_;
  std::int64_t updates_ = 0;
};

}  // namespace

bench::Work text_step(const std::vector<std::string>& words, Engine& engine) {
  if (words.size() < 2) throw SpecError("text needs V,E,H,L,T,B and a rule");
  const std::vector<int> n = bench::numbers(words[0], 6);
  const double classes = n[0], embedding = n[1], units = n[2];
  auto step = std::make_shared<TextStep>(n, words[1], engine);
  if (words.size() > 2) step->fit(parse_bytes(words[2], "the budget"));
  double products = units * classes;
  for (int l = 0; l < n[3]; ++l) products += 4 * units * ((l == 0 ? embedding : units) + units);
  bench::Work work;
  work.flop = 3 * 2 * products * n[4] * n[5];
  work.run = [step] { step->run(); };
  return work;
}

}  // namespace cellwright
