// adapt_test.cpp: dynamic evaluation and the neural cache against their definitions in plain double, and
// their promises.
#include "train/adapt.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "cellwright/error.h"
#include "nn/test_help.h"
#include "train/trainer.h"

namespace cellwright {
namespace {

using test::engine;
using test::random_tokens;
using test::randomise;
using test::stack;

constexpr int kClasses = 7;

std::vector<float> all(const Model<float>& m) { return {m.parameters(), m.parameters() + m.size()}; }

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// Σ -log((1-λ)·p_model + λ·p_cache) of one lane, step by step.
double reference(Model<float>& model, const std::vector<std::int32_t>& text, const CacheOptions& o) {
  ModelState<float> state = model.make_state(1);
  std::vector<std::vector<double>> memory;
  double sum = 0;
  for (std::size_t t = 0; t + 1 < text.size(); ++t) {
    TokenWindow window;
    window.steps = window.lanes = 1;
    window.inputs = &text[t];
    window.targets = &text[t + 1];
    WindowRows<float> rows;
    const double nats = model.evaluate_window(window, state, &rows).nats;
    const std::vector<double> h(rows.h, rows.h + rows.width);
    std::vector<double> weights(kClasses);
    double total = 0;
    for (std::size_t i = memory.size() > static_cast<std::size_t>(o.size)
                             ? memory.size() - static_cast<std::size_t>(o.size)
                             : 0;
         i < memory.size(); ++i) {
      double dot = 0;
      for (std::size_t k = 0; k < h.size(); ++k) dot += h[k] * memory[i][k];
      weights[static_cast<std::size_t>(text[i + 1])] += std::exp(o.theta * dot);
      total += std::exp(o.theta * dot);
    }
    double p = std::exp(-nats);
    if (total > 0) p = (1 - o.lambda) * p + o.lambda * weights[static_cast<std::size_t>(text[t + 1])] / total;
    sum -= std::log(p);
    memory.push_back(h);
  }
  return sum;
}

TEST(NeuralCache, IsItsDefinition) {
  Model<float> model(stack(kClasses, 3, {{"lstm", 20}}), engine(2));
  randomise(model, 1);
  const std::vector<std::int32_t> text = random_tokens(300, kClasses, 3);
  for (const CacheOptions o : {CacheOptions{1, 0.3, 0.1}, CacheOptions{13, 2.0, 0.5},
                               CacheOptions{100, 0.0, 0.3}, CacheOptions{1000, -1.0, 0.9}}) {
    AdaptOptions options;
    options.cache = &o;
    const double expected = reference(model, text, o);
    for (const int steps : {1, 7, 100, 500}) {
      const Streams streams = Streams::covering(text, 1, steps);
      const AdaptedEvaluation e = evaluate_adapting(model, streams, streams.all(), options);
      EXPECT_NEAR(e.cache_nats, expected, 1e-4 * expected) << o.size << " " << steps;
      EXPECT_NE(e.cache_nats, e.model.nats);
    }
  }
}

TEST(NeuralCache, LanesKeepTheirOwnMemory) {
  Model<float> model(stack(kClasses, 3, {{"gru_reset_after", 9}}), engine(2));
  randomise(model, 2);
  const std::vector<std::int32_t> text = random_tokens(200, kClasses, 4);
  const CacheOptions o{20, 1.0, 0.4};
  AdaptOptions options;
  options.cache = &o;
  const Streams streams = Streams::covering(text, 3, 10);  // 199 predictions: 67, 66, 66
  const double expected = reference(model, {text.begin(), text.begin() + 68}, o) +
                          reference(model, {text.begin() + 67, text.begin() + 134}, o) +
                          reference(model, {text.begin() + 133, text.end()}, o);
  EXPECT_NEAR(evaluate_adapting(model, streams, streams.all(), options).cache_nats, expected,
              1e-4 * expected);
}

TEST(NeuralCache, WithoutAShareItIsTheModelAndImprobableTokensStayFinite) {
  Model<float> model(stack(kClasses, 0, {{"rnn", 8}}), engine(1));
  randomise(model, 3);
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    if (model.tensors()[i].name == "head.bias") model.set(i, {2000, 0, 0, 0, 0, 0, 0});
  }
  const Streams streams = Streams::covering(random_tokens(50, kClasses, 5), 1, 10);
  CacheOptions o{10, 1.0, 0.0};
  AdaptOptions options;
  options.cache = &o;
  const AdaptedEvaluation plain = evaluate_adapting(model, streams, streams.all(), options);
  EXPECT_NEAR(plain.cache_nats, plain.model.nats, 1e-9 * plain.model.nats);
  o.lambda = 0.5;
  const AdaptedEvaluation helped = evaluate_adapting(model, streams, streams.all(), options);
  EXPECT_TRUE(std::isfinite(helped.cache_nats));
  EXPECT_LT(helped.cache_nats, plain.model.nats);
}

TEST(NeuralCache, RefusesWhatMakesNoSense) {
  EXPECT_THROW(check(CacheOptions{0, 0.3, 0.1}), SpecError);
  EXPECT_THROW(check(CacheOptions{10, NAN, 0.1}), SpecError);
  EXPECT_THROW(check(CacheOptions{10, 0.3, 1.0}), SpecError);
}

/// A model that has learned 0 1 2 3 …, and a text that turns to 3 2 1 0 … .
struct Shifted {
  Model<float> model;
  std::vector<std::int32_t> text;
  Streams known;
  explicit Shifted(Engine& on) : model(stack(kClasses, 4, {{"lstm", 12}}), on), known(forward(1200), 4, 12) {
    model.initialise(1);
    TrainOptions o;
    o.epochs = 4;
    o.batch = 4;
    o.steps = 12;
    o.learning_rate = 1e-2;
    Trainer(model, {&known, known.all(), nullptr, {}}, o).run();
    text = forward(100);
    for (int i = 0; i < 400; ++i) text.push_back(kClasses - 1 - i % kClasses);
  }
  static std::vector<std::int32_t> forward(int n) {
    std::vector<std::int32_t> ids;
    for (int i = 0; i < n; ++i) ids.push_back(i % kClasses);
    return ids;
  }
};

TEST(Dynamic, WithoutARateIsPlainToTheBitAndLeavesTheModel) {
  Model<float> model(stack(kClasses, 3, {{"lstm", 10}, {"gru_reset_after", 8}}), engine(2));
  randomise(model, 1);
  const std::vector<float> before = all(model);
  const Streams streams = Streams::covering(random_tokens(203, kClasses, 6), 2, 5);
  const Evaluation plain = evaluate(model, streams, streams.all());
  GradientStatistics statistics = gradient_statistics(model, streams);
  for (const GradientStatistics* s : {static_cast<GradientStatistics*>(nullptr), &statistics}) {
    DynamicOptions still;
    AdaptOptions options;
    options.dynamic = &still;
    options.statistics = s;
    EXPECT_EQ(evaluate_adapting(model, streams, streams.all(), options).model.nats, plain.nats);
    DynamicOptions moving;
    moving.rate = 0.01;
    moving.decay = 0.02;
    options.dynamic = &moving;
    EXPECT_NE(evaluate_adapting(model, streams, streams.all(), options).model.nats, plain.nats);
    EXPECT_TRUE(same_bits(all(model), before));
    EXPECT_EQ(evaluate(model, streams, streams.all()).nats, plain.nats) << "copies of the parameters stayed";
  }
}

TEST(Dynamic, LearnsATextThatShifts) {
  Shifted task(engine(1));
  const Streams streams = Streams::covering(task.text, 1, 5);
  const double plain = evaluate(task.model, streams, streams.all()).per_token();
  DynamicOptions sgd;
  sgd.rate = 0.1;
  AdaptOptions options;
  options.dynamic = &sgd;
  EXPECT_LT(evaluate_adapting(task.model, streams, streams.all(), options).model.per_token(), 0.7 * plain);
  const Streams segments(Shifted::forward(1200), 4, 5);
  const GradientStatistics statistics = gradient_statistics(task.model, segments);
  EXPECT_GT(statistics.mean, 0);
  DynamicOptions rms;
  rms.rate = 0.003;
  rms.decay = 0.001;
  options.dynamic = &rms;
  options.statistics = &statistics;
  EXPECT_LT(evaluate_adapting(task.model, streams, streams.all(), options).model.per_token(), 0.7 * plain);
}

TEST(Dynamic, ThreadsChangeNoBit) {
  std::vector<double> figures;
  for (const int threads : {1, 2, 7}) {
    Shifted task(engine(threads));
    const GradientStatistics statistics = gradient_statistics(task.model, task.known, 50);
    DynamicOptions dynamic;
    dynamic.rate = 0.002;
    dynamic.decay = 0.02;
    const CacheOptions cache{50, 0.5, 0.2};
    AdaptOptions options{&dynamic, &statistics, &cache};
    const Streams streams = Streams::covering(task.text, 1, 5);
    const AdaptedEvaluation e = evaluate_adapting(task.model, streams, streams.all(), options);
    figures.push_back(e.model.nats);
    figures.push_back(e.cache_nats);
    figures.push_back(statistics.mean);
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(figures[figures.size() - 3 + static_cast<std::size_t>(i)],
                figures[static_cast<std::size_t>(i)]);
  }
}

/// One step, number by number, from the formulas.
TEST(Dynamic, AStepIsItsFormula) {
  Model<float> model(stack(kClasses, 3, {{"lstm", 5}}), engine(2));
  randomise(model, 4);
  const Streams streams = Streams::covering(random_tokens(101, kClasses, 8), 1, 5);
  const GradientStatistics statistics = gradient_statistics(model, streams, 3);
  std::vector<double> squares(model.size());
  ModelState<float> state = model.make_state(1);
  std::int32_t x[5], y[5];
  TokenWindow window;
  window.steps = 5;
  window.lanes = 1;
  window.inputs = x;
  window.targets = y;
  for (int i = 0; i < 3; ++i) {
    streams.window(i, x, y);
    model.train_window(window, state);
    for (std::size_t k = 0; k < model.size(); ++k)
      squares[k] += static_cast<double>(model.gradients()[k]) * static_cast<double>(model.gradients()[k]);
  }
  double mean = 0;
  for (std::size_t k = 0; k < model.size(); ++k) {
    const double rms = std::sqrt(squares[k] / 3);
    EXPECT_NEAR(static_cast<double>(statistics.rms[k]), rms, 1e-6 * rms);
    mean += rms / static_cast<double>(model.parameter_count());
  }
  EXPECT_NEAR(statistics.mean, mean, 1e-6 * mean);
  for (const bool with_statistics : {false, true}) {
    const std::vector<float> trained = all(model);
    {
      DynamicOptions o;
      o.rate = 0.05;
      o.decay = 0.3;
      DynamicStep move(model, o, with_statistics ? &statistics : nullptr);
      std::vector<double> expected(trained.begin(), trained.end());
      for (int step = 0; step < 2; ++step) {
        const std::vector<float> g(model.gradients(), model.gradients() + model.size());
        move.step();
        for (std::size_t k = 0; k < model.size(); ++k) {
          const auto r = static_cast<double>(statistics.rms[k]), gradient = static_cast<double>(g[k]);
          const double back = with_statistics ? std::min(o.decay * r / statistics.mean, 1.0) : o.decay;
          expected[k] += back * (static_cast<double>(trained[k]) - expected[k]) -
                         o.rate * gradient / (with_statistics ? r + o.epsilon : 1.0);
          ASSERT_NEAR(static_cast<double>(model.parameters()[k]), expected[k], 1e-5) << k;
        }
      }
    }
    EXPECT_TRUE(same_bits(all(model), trained));
  }
}

TEST(Dynamic, RefusesWhatMakesNoSense) {
  Model<float> model(stack(kClasses, 3, {{"rnn", 5}}), engine(1));
  randomise(model, 4);
  const std::vector<float> before = all(model);
  const Streams streams = Streams::covering(random_tokens(101, kClasses, 8), 1, 5);
  DynamicOptions o;
  AdaptOptions options;
  options.dynamic = &o;
  for (const DynamicOptions bad :
       {DynamicOptions{4, 0.1, 0, 1e-3}, DynamicOptions{5, -1, 0, 1e-3}, DynamicOptions{5, NAN, 0, 1e-3},
        DynamicOptions{5, 0.1, 2, 1e-3}, DynamicOptions{5, 0.1, 0, 0}}) {
    o = bad;
    EXPECT_THROW(evaluate_adapting(model, streams, streams.all(), options), SpecError);
  }
  o = DynamicOptions{5, 3e38, 0, 1e-3};
  EXPECT_THROW(evaluate_adapting(model, streams, streams.all(), options), TrainingError);
  EXPECT_TRUE(same_bits(all(model), before));
  ModelSpec spec = model.spec();
  spec.label_smoothing = 0.1;
  spec.layers[0].regularisation.output_dropout = 0.5;
  EXPECT_FALSE(for_dynamic(spec).layers[0].regularisation.any());
  EXPECT_EQ(for_dynamic(spec).label_smoothing, 0);
  spec.layers[0].regularisation.zoneout[""] = 0.1;
  EXPECT_THROW(for_dynamic(spec), SpecError);
}

}  // namespace
}  // namespace cellwright
