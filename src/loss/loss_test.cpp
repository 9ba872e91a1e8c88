// loss_test.cpp: every loss' value against its definition, its gradient against central differences, what
// does not count, threads, and specifications from hostile files.
#include "loss/loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "cellwright/error.h"

namespace cellwright {
namespace {

// Those of a whole lane are lane_losses_test.cpp's.
std::vector<std::string> row_kinds() {
  std::vector<std::string> kinds;
  for (const std::string& kind : loss_kinds()) {
    if (!make_loss<double>({kind, 1, 1, {0.5}})->of_lanes()) kinds.push_back(kind);
  }
  return kinds;
}

LossSpec spec_of(const std::string& kind, int outputs = 3) {
  LossSpec spec;
  spec.kind = kind;
  spec.outputs = kind == "esr" ? 1 : outputs;
  spec.delta = 0.7;
  spec.components = 2;
  if (kind == "quantile") spec.quantiles = {0.1, 0.5, 0.9};
  return spec;
}

template <class T>
struct Case {
  std::unique_ptr<LossFunction<T>> loss;
  int steps = 3, lanes = 2;
  std::vector<T> outputs, targets;
  std::vector<std::uint8_t> counted{1, 0, 1, 1, 1, 1};

  explicit Case(const LossSpec& spec, int s = 3, int l = 2)
      : loss(make_loss<T>(spec)), steps(s), lanes(l), counted(static_cast<std::size_t>(s * l), 1) {
    counted[1] = 0;
    const Random a(1, 1), y(1, 2);
    const auto rows = static_cast<std::size_t>(s * l);
    for (std::size_t i = 0; i < rows * static_cast<std::size_t>(loss->width()); ++i)
      outputs.push_back(static_cast<T>(1.5 * a.normal(i)));
    for (std::size_t i = 0; i < rows * static_cast<std::size_t>(loss->target_width()); ++i) {
      const double uniform = y.uniform(i);
      targets.push_back(static_cast<T>(spec.kind == "softmax" ? std::floor(spec.outputs * uniform)
                                       : spec.kind == "bernoulli"
                                           ? (i % 3 == 0 ? uniform : std::round(uniform))
                                           : 3 * uniform - 1));
    }
  }
  LossRows<T> rows() const { return {steps, lanes, outputs.data(), targets.data(), counted.data()}; }
  std::vector<double> losses(ThreadPool& pool) const {
    std::vector<double> all(counted.size());
    loss->evaluate(rows(), 1, all.data(), nullptr, pool);
    return all;
  }
};

double sum(const std::vector<double>& x) {
  double s = 0;
  for (const double v : x) s += v;
  return s;
}

TEST(Loss, GradientsAreThoseOfCentralDifferences) {
  ThreadPool pool(1);
  for (const std::string& kind : row_kinds()) {
    Case<double> c(spec_of(kind));
    std::vector<double> losses(c.counted.size()), d(c.outputs.size(), std::nan(""));
    c.loss->evaluate(c.rows(), 0.25, losses.data(), d.data(), pool);
    EXPECT_EQ(losses[1], 0) << kind;
    EXPECT_GT(std::abs(sum(losses)), 0.1) << kind;
    for (std::size_t i = 0; i < c.outputs.size(); ++i) {
      const double at = c.outputs[i];
      double side[2];
      for (int s = 0; s < 2; ++s) {
        c.outputs[i] = at + (s == 0 ? -1e-6 : 1e-6);
        side[s] = sum(c.losses(pool));
      }
      c.outputs[i] = at;
      EXPECT_NEAR(d[i], 0.25 * (side[1] - side[0]) / 2e-6, 1e-8) << kind << " " << i;
    }
  }
}

TEST(Loss, ValuesAreThoseOfTheDefinitions) {
  ThreadPool pool(1);
  const auto value = [&](const LossSpec& spec, const std::vector<double>& outputs,
                         const std::vector<double>& target) {
    const auto loss = make_loss<double>(spec);
    double result = 0;
    loss->evaluate({1, 1, outputs.data(), target.data(), nullptr}, 1, &result, nullptr, pool);
    return result;
  };
  EXPECT_NEAR(value(spec_of("softmax"), {1, 2, 3}, {1}),
              -std::log(std::exp(2) / (std::exp(1) + std::exp(2) + std::exp(3))), 1e-14);
  const double p = 1 / (1 + std::exp(-0.5));
  EXPECT_NEAR(value(spec_of("bernoulli", 2), {0.5, 0.5}, {1, 0}), -std::log(p) - std::log(1 - p), 1e-14);
  EXPECT_NEAR(value(spec_of("bernoulli", 1), {800}, {0}), 800, 1e-12) << "no overflow in the tails";
  EXPECT_EQ(value(spec_of("mse", 2), {1, 5}, {3, 4}), 2.5);
  EXPECT_EQ(value(spec_of("mae", 2), {1, 5}, {3, 4}), 1.5);
  EXPECT_NEAR(value(spec_of("huber", 2), {0.5, 5}, {0, 4}), (0.125 + 0.7 * (1 - 0.35)) / 2, 1e-14);
  EXPECT_NEAR(value(spec_of("quantile", 1), {0, 1, 3}, {2}), (0.1 * 2 + 0.5 * 1 + 0.1 * 1) / 3, 1e-14);
  // Two components over one number, weights 1/4 and 3/4.
  const double r = std::log(std::exp(0.999) - 1);  // softplus(r) + 0.001 = 1
  const auto gauss = [](double z) { return std::exp(-z * z / 2) / std::sqrt(2 * std::acos(-1.0)); };
  EXPECT_NEAR(value(spec_of("mixture", 1), {0, std::log(3.0), -1, 2, r, r}, {0.5}),
              -std::log(0.25 * gauss(1.5) + 0.75 * gauss(-1.5)), 1e-12);
}

TEST(Loss, PredictionsAreProbabilitiesAndMeans) {
  const std::vector<double> a{1, 2, 3}, joint{0, std::log(3.0), -1, 2, 0, 0};
  double p[3];
  make_loss<double>(spec_of("softmax"))->predict(a.data(), p);
  EXPECT_NEAR(p[0] + p[1] + p[2], 1, 1e-15);
  EXPECT_NEAR(p[2] / p[0], std::exp(2), 1e-12);
  make_loss<double>(spec_of("bernoulli"))->predict(a.data(), p);
  EXPECT_NEAR(p[1], 1 / (1 + std::exp(-2)), 1e-15);
  make_loss<double>(spec_of("mixture", 1))->predict(joint.data(), p);
  EXPECT_NEAR(p[0], -0.25 + 1.5, 1e-15);
}

TEST(Loss, MissingNumbersAreLeftOutOfTheMean) {
  ThreadPool pool(1);
  const double nan = std::nan("");
  for (const std::string kind : {"mse", "mae", "huber", "quantile"}) {
    const auto both = make_loss<double>(spec_of(kind, 2)), one = make_loss<double>(spec_of(kind, 1));
    const auto n = static_cast<std::size_t>(one->width());
    std::vector<double> outputs(2 * n, 0.3), d(2 * n);
    const std::vector<double> target{1, nan}, none{nan, nan};
    double with = 0, without = 0;
    both->evaluate({1, 1, outputs.data(), target.data(), nullptr}, 1, &with, d.data(), pool);
    one->evaluate({1, 1, outputs.data(), target.data(), nullptr}, 1, &without, nullptr, pool);
    EXPECT_EQ(with, without) << kind;
    EXPECT_EQ(d[2 * n - 1], 0) << kind;
    both->evaluate({1, 1, outputs.data(), none.data(), nullptr}, 1, &with, d.data(), pool);
    EXPECT_EQ(with, 0) << kind;
  }
}

TEST(Loss, BitsAreThoseOfAnyThreads) {
  ThreadPool one(1), three(3);
  for (const std::string& kind : row_kinds()) {
    Case<float> c(spec_of(kind, 40), 30, 7);
    std::vector<double> a(c.counted.size()), b(a.size());
    std::vector<float> d_a(c.outputs.size()), d_b(d_a.size());
    c.loss->evaluate(c.rows(), 0.1, a.data(), d_a.data(), one);
    c.loss->evaluate(c.rows(), 0.1, b.data(), d_b.data(), three);
    EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(double)), 0) << kind;
    EXPECT_EQ(std::memcmp(d_a.data(), d_b.data(), d_a.size() * sizeof(float)), 0) << kind;
  }
}

TEST(Loss, TargetsThatAreNoneAreToldWithTheirPlace) {
  const auto message = [](Case<double>& c) -> std::string {
    try {
      c.loss->check_targets(c.rows());
    } catch (const ShapeError& e) {
      return e.what();
    }
    return "";
  };
  Case<double> classes(spec_of("softmax"));
  EXPECT_EQ(message(classes), "");
  classes.targets[1] = 9;  // does not count
  EXPECT_EQ(message(classes), "");
  classes.targets[4] = 3;
  EXPECT_EQ(message(classes), "the target of step 2, lane 0 is 3, no class of 0 … 2");
  Case<double> ones(spec_of("bernoulli"));
  ones.targets[0] = 1.5;
  EXPECT_EQ(message(ones), "the target of step 0, lane 0 has 1.5 at number 0, not within 0 … 1");
  Case<double> numbers(spec_of("mse"));
  numbers.targets[0] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(message(numbers), "the target of step 0, lane 0 is infinite at number 0");
}

TEST(Loss, SpecificationsGoToJsonAndBackAndBadOnesAreRefused) {
  for (const std::string& kind : loss_kinds()) {
    LossSpec spec = spec_of(kind);
    if (kind != "huber") spec.delta = 1;
    if (kind != "mixture") spec.components = 3;
    EXPECT_EQ(nlohmann::json(spec).get<LossSpec>(), spec) << kind;
  }
  for (const char* bad :
       {R"({})", R"({"kind":"x","outputs":1})", R"({"kind":"mse","outputs":0})", R"([])",
        R"({"kind":"mse","outputs":99999999999})", R"({"kind":"mixture","outputs":1,"components":-1})",
        R"({"kind":"quantile","outputs":1})", R"({"kind":"quantile","outputs":1,"quantiles":[0.5,0.1]})",
        R"({"kind":"quantile","outputs":1,"quantiles":"a"})", R"({"kind":"huber","outputs":1,"delta":0})"})
    EXPECT_THROW(nlohmann::json::parse(bad).get<LossSpec>(), FormatError) << bad;
}

}  // namespace
}  // namespace cellwright
