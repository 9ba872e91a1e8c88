// optimizer_test.cpp: first steps by hand, many steps against stored values of PyTorch, cuts, checkpoints,
// bad specs.
#include "optim/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "cellwright/error.h"
#include "optim/average.h"
#include "optim/clip.h"
#include "support/data_path.h"

namespace cellwright {
namespace {

OptimizerSpec spec_of(const std::string& kind) {
  OptimizerSpec spec;
  spec.kind = kind;
  return spec;
}

std::vector<OptimizerSpec> all_specs() {
  std::vector<OptimizerSpec> all;
  for (const std::string& kind : optimizer_kinds()) {
    for (const double momentum : {0.0, 0.9}) {
      if (kind == "nesterov" && momentum == 0) continue;
      OptimizerSpec spec = optimizer_defaults(kind);
      spec.momentum = momentum;
      spec.weight_decay = 0.01;
      all.push_back(spec);
    }
  }
  return all;
}

TEST(Optimizer, FirstStepsByHand) {
  const double g = 2;
  const auto moved = [&](const OptimizerSpec& spec, int steps) {
    const auto optimizer = make_optimizer<double>(spec, 1);
    double x = 1;
    for (int i = 0; i < steps; ++i) optimizer->step_all(&x, &g, 0.1);
    return x;
  };
  EXPECT_DOUBLE_EQ(moved(spec_of("sgd"), 2), 1 - 0.2 - 0.2);
  OptimizerSpec heavy = spec_of("sgd");
  heavy.momentum = 0.5;
  EXPECT_DOUBLE_EQ(moved(heavy, 2), 1 - 0.2 - 0.3);
  EXPECT_NEAR(moved(spec_of("rmsprop"), 1), 1 - 0.1 * 2 / (std::sqrt(0.05 * 4) + 1e-8), 1e-15);
  EXPECT_NEAR(moved(spec_of("adam"), 1), 0.9, 1e-8)
      << "the first step of Adam is the learning rate, whatever the gradient";
  OptimizerSpec decoupled = spec_of("adamw");
  decoupled.weight_decay = 0.5;
  EXPECT_NEAR(moved(decoupled, 1), 0.95 - 0.1, 1e-8);
}

TEST(Optimizer, EqualsPyTorchsStoredSteps) {  // tools/make_optimizer_oracle.py
  const auto oracle = nlohmann::json::parse(read_file(test::fixture_path("oracle/optimizers.json")));
  const auto gradients = oracle["gradients"].get<std::vector<std::vector<double>>>();
  ASSERT_EQ(oracle["cases"].size(), 17u);
  for (const auto& stored : oracle["cases"]) {
    const auto spec = stored["spec"].get<OptimizerSpec>();
    auto x = oracle["start"].get<std::vector<double>>();
    std::vector<float> xf(x.begin(), x.end());
    const auto optimizer = make_optimizer<double>(spec, x.size());
    const auto single = make_optimizer<float>(spec, x.size());
    const auto average = make_average<double>(spec, x.size());
    ASSERT_EQ(average != nullptr, stored.contains("average"));
    for (std::size_t t = 0; t < gradients.size(); ++t) {
      const std::vector<float> gf(gradients[t].begin(), gradients[t].end());
      optimizer->step_all(x.data(), gradients[t].data(), stored["learning_rate"]);
      single->step_all(xf.data(), gf.data(), stored["learning_rate"]);
      if (average) {
        average->begin_step();
        average->update(x.data(), 0, x.size());
      }
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double expected = stored["after"][t][i];
        EXPECT_NEAR(x[i], expected, 1e-14 * (1 + std::fabs(expected))) << stored["spec"] << " step " << t;
        EXPECT_NEAR(xf[i], expected, 5e-6 * (1 + std::fabs(expected))) << stored["spec"] << " step " << t;
        if (!average) continue;
        const double averaged = stored["average"][t][i];
        EXPECT_NEAR(average->values() ? average->values()[i] : x[i], averaged,
                    1e-14 * (1 + std::fabs(averaged)))
            << stored["spec"] << " step " << t;
      }
    }
  }
}

template <class T>
std::vector<T> wave(std::size_t n, double phase) {
  std::vector<T> values(n);
  for (std::size_t i = 0; i < n; ++i)
    values[i] = static_cast<T>(std::sin(0.7 * static_cast<double>(i) + phase));
  return values;
}

template <class T>
void expect_cut_does_not_matter() {
  const std::size_t n = 103;
  for (const OptimizerSpec& spec : all_specs()) {
    auto whole = wave<T>(n, 0), cut = whole;
    const auto a = make_optimizer<T>(spec, n), b = make_optimizer<T>(spec, n);
    for (int t = 0; t < 5; ++t) {
      const auto g = wave<T>(n, 1 + t);
      a->step_all(whole.data(), g.data(), 0.01, 0.3);
      b->begin_step();
      for (const std::size_t first : {std::size_t{50}, std::size_t{0}, std::size_t{7}}) {  // any order
        const std::size_t last = first == 50 ? n : first == 0 ? 7 : 50;
        b->step(cut.data(), g.data(), first, last, 0.01, 0.3);
      }
    }
    EXPECT_EQ(whole, cut) << spec.kind;
  }
}

TEST(Optimizer, SubRangesGiveTheBitsOfTheWhole) {
  expect_cut_does_not_matter<float>();
  expect_cut_does_not_matter<double>();
}

TEST(Optimizer, AnElementWithoutValueOrGradientStaysZero) {  // the padding of packed arrays
  for (const OptimizerSpec& spec : all_specs()) {
    const auto optimizer = make_optimizer<float>(spec, 2);
    float x[] = {0, 1};
    const float g[] = {0, 1};
    for (int t = 0; t < 3; ++t) optimizer->step_all(x, g, 0.1);
    EXPECT_EQ(x[0], 0) << spec.kind;
    EXPECT_NE(x[1], 1) << spec.kind;
  }
}

TEST(Optimizer, ARangeMayHaveItsOwnWeightDecay) {
  for (OptimizerSpec spec : all_specs()) {
    spec.weight_decay = 0.5;
    const auto own = make_optimizer<double>(spec, 1);
    spec.weight_decay = 0;
    const auto given = make_optimizer<double>(spec, 1);
    double x = 1, y = 1;
    const double g = 0.3;
    for (int t = 0; t < 3; ++t) {
      own->step_all(&x, &g, 0.1);
      given->begin_step();
      given->step(&y, &g, 0, 1, Rates{0.1, 0.5, 1});
    }
    EXPECT_EQ(x, y) << spec.kind;
  }
}

TEST(Optimizer, StatesAndStepCountAreAllThatAResumedRunNeeds) {
  const std::size_t n = 37;
  for (const OptimizerSpec& spec : all_specs()) {
    auto x = wave<float>(n, 0);
    const auto a = make_optimizer<float>(spec, n);
    for (int t = 0; t < 3; ++t) a->step_all(x.data(), wave<float>(n, t).data(), 0.01);
    auto y = x;
    const auto b = make_optimizer<float>(nlohmann::json(spec).get<OptimizerSpec>(), n);
    const auto from = a->states(), to = b->states();
    ASSERT_EQ(from.size(), to.size());
    for (std::size_t s = 0; s < from.size(); ++s) {
      EXPECT_EQ(from[s].name, to[s].name);
      ASSERT_EQ(from[s].array->size(), n);
      *to[s].array = *from[s].array;
    }
    b->set_steps(a->steps());
    for (int t = 3; t < 6; ++t) {
      a->step_all(x.data(), wave<float>(n, t).data(), 0.01);
      b->step_all(y.data(), wave<float>(n, t).data(), 0.01);
    }
    EXPECT_EQ(x, y) << spec.kind;
  }
}

TEST(Optimizer, BadSpecsAreRefused) {
  EXPECT_THROW(make_optimizer<float>(spec_of("sdg"), 1), SpecError);
  for (double OptimizerSpec::*field :
       {&OptimizerSpec::momentum, &OptimizerSpec::alpha, &OptimizerSpec::beta1, &OptimizerSpec::beta2}) {
    for (const double value : {-0.1, 1.0, std::nan("")}) {
      OptimizerSpec spec;
      spec.*field = value;
      EXPECT_THROW(check(spec), SpecError);
    }
  }
  OptimizerSpec spec;
  spec.weight_decay = -1;
  EXPECT_THROW(check(spec), SpecError);
  EXPECT_THROW(check(spec_of("nesterov")), SpecError) << "without a momentum it is sgd";
  spec = optimizer_defaults("adadelta");
  spec.epsilon = 0;
  EXPECT_THROW(check(spec), SpecError);
  spec = optimizer_defaults("asgd");
  spec.ema = 0.9;
  EXPECT_THROW(check(spec), SpecError) << "it has an average of its own";
  EXPECT_THROW(nlohmann::json::parse(R"({"beta1": "x"})").get<OptimizerSpec>(), FormatError);
  EXPECT_THROW(nlohmann::json::parse("[]").get<OptimizerSpec>(), FormatError);
  EXPECT_THROW(nlohmann::json::parse(R"({"beta1": 2})").get<OptimizerSpec>(), SpecError);
}

TEST(Clip, ByNormScalesOnlyWhatIsTooLong) {
  EXPECT_EQ(clip_scale(4.999, 5), 1);
  EXPECT_EQ(clip_scale(5, 5), 1);
  EXPECT_EQ(clip_scale(20, 5), 0.25);
  EXPECT_EQ(clip_scale(20, 0), 1);
}

TEST(Clip, ByValueBoundsEachElementOfTheRangeAndKeepsNan) {
  float g[] = {9, -9, 2, -2, std::nanf(""), 5, 9};
  clip_by_value(g, 0, 6, 5);
  EXPECT_EQ(g[0], 5);
  EXPECT_EQ(g[1], -5);
  EXPECT_EQ(g[2], 2);
  EXPECT_EQ(g[3], -2);
  EXPECT_TRUE(std::isnan(g[4]));
  EXPECT_EQ(g[6], 9) << "outside the range";
}

}  // namespace
}  // namespace cellwright
