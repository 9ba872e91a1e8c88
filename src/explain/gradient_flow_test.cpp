// Gradients by lag against central differences in double; the belt's part against the product of the recorded
// gates; saliency against differences and its own completeness.
#include "explain/gradient_flow.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cellwright/error.h"
#include "explain/explain_test_help.h"
#include "explain/saliency.h"
#include "explain/trace.h"

namespace cellwright {
namespace {

constexpr int kUnits = 5, kClasses = 7, kTokens = 14;
constexpr double kStep = 1e-5;

/// -log p(target) after reading `count` tokens on from `state`.
double nats(Model<double>& model, ModelState<double> state, const std::int32_t* tokens, int count,
            std::int32_t target) {
  std::vector<std::int32_t> targets(static_cast<std::size_t>(count), -1);
  targets.back() = target;
  return model.evaluate_window({count, 1, tokens, targets.data(), 0}, state).nats;
}

const GradientCurve& curve(const GradientFlow& flow, int layer, const std::string& state) {
  for (const GradientCurve& c : flow.curves) {
    if (c.layer == layer && c.state == state) return c;
  }
  throw std::logic_error("no curve of " + state);
}

std::size_t state_index(Model<double>& model, int track, const std::string& name) {
  const auto& states = model.inside().stack.track(track).graph().states;
  for (std::size_t s = 0; s < states.size(); ++s) {
    if (states[s].name == name) return s;
  }
  throw std::logic_error("no state " + name);
}

GradientFlow flow_at(Model<double>& model, const std::vector<std::int32_t>& tokens, int t) {
  GradientOptions options;
  options.at = {t};
  return gradient_flow(model, tokens.data(), static_cast<int>(tokens.size()), options);
}

// The top layer's h reaches the loss of a later step through the states alone: it can be moved there.
TEST(GradientFlow, OfAHiddenStateEqualsDifferences) {
  for (const std::string cell : {"rnn", "lstm", "gru"}) {
    const auto model =
        test::random_model<double>({test::layer("lstm", 4), test::layer(cell, kUnits)}, kClasses, 3, 7);
    const auto tokens = test::random_tokens(kTokens, kClasses, 2);
    const int t = 11;
    const GradientFlow flow = flow_at(*model, tokens, t);
    const std::size_t h = state_index(*model, 1, "h");
    for (int s = 0; s < t; ++s) {
      ModelState<double> state = model->make_state(1);
      std::vector<std::int32_t> none(static_cast<std::size_t>(s) + 1, -1);
      model->evaluate_window({s + 1, 1, tokens.data(), none.data(), 0}, state);
      double sum = 0;
      for (std::size_t k = 0; k < kUnits; ++k) {
        ModelState<double> up = state, down = state;
        up.layers[1].values[h][k] += kStep;
        down.layers[1].values[h][k] -= kStep;
        const double d =
            (nats(*model, up, tokens.data() + s + 1, t - s, tokens[static_cast<std::size_t>(t) + 1]) -
             nats(*model, down, tokens.data() + s + 1, t - s, tokens[static_cast<std::size_t>(t) + 1])) /
            (2 * kStep);
        sum += d * d;
      }
      const double analytic = curve(flow, 1, "h").total[0][static_cast<std::size_t>(t - s)];
      EXPECT_NEAR(analytic, std::sqrt(sum), 1e-6 * std::max(1e-2, analytic)) << cell << " lag " << t - s;
    }
  }
}

// C_s goes into h_s of its own step too; so moving it there moves h_s = o_s ⊙ tanh(C_s) along, with the
// recorded o_s.
TEST(GradientFlow, OfACellStateEqualsDifferences) {
  const auto model = test::random_model<double>({test::layer("lstm", kUnits)}, kClasses, 3, 7);
  const auto tokens = test::random_tokens(kTokens, kClasses, 2);
  const int t = 12;
  const GradientFlow flow = flow_at(*model, tokens, t);
  const Trace<double> lines = trace(*model, tokens.data(), kTokens, 1);
  const std::size_t h = state_index(*model, 0, "h"), c = state_index(*model, 0, "C");
  for (int s = 0; s < t; ++s) {
    ModelState<double> state = model->make_state(1);
    std::vector<std::int32_t> none(static_cast<std::size_t>(s) + 1, -1);
    model->evaluate_window({s + 1, 1, tokens.data(), none.data(), 0}, state);
    double sum = 0;
    for (std::size_t k = 0; k < kUnits; ++k) {
      const double o = lines.find(0, "o")->values[static_cast<std::size_t>(s) * kUnits + k];
      const auto moved = [&](double by) {
        ModelState<double> m = state;
        m.layers[0].values[c][k] += by;
        m.layers[0].values[h][k] = o * std::tanh(m.layers[0].values[c][k]);
        return nats(*model, m, tokens.data() + s + 1, t - s, tokens[static_cast<std::size_t>(t) + 1]);
      };
      const double d = (moved(kStep) - moved(-kStep)) / (2 * kStep);
      sum += d * d;
    }
    const double analytic = curve(flow, 0, "C").total[0][static_cast<std::size_t>(t - s)];
    EXPECT_NEAR(analytic, std::sqrt(sum), 1e-6 * std::max(1e-2, analytic)) << "lag " << t - s;
  }
}

TEST(GradientFlow, TheBeltsPartIsTheProductOfTheGates) {
  const auto model = test::random_model<double>({test::layer("lstm", 1)}, kClasses, 3,
                                                7);  // one unit: norms are absolute values
  const auto tokens = test::random_tokens(kTokens, kClasses, 2);
  const int t = 12;
  const GradientCurve c = curve(flow_at(*model, tokens, t), 0, "C");
  ASSERT_TRUE(c.belt);
  EXPECT_EQ(c.coefficient, "f");
  const Trace<double> lines = trace(*model, tokens.data(), kTokens, 1);
  double expected = c.total[0][0];
  for (int lag = 1; lag <= t; ++lag) {
    expected *= lines.find(0, "f")->values[static_cast<std::size_t>(t - lag + 1)];
    EXPECT_NEAR(c.through_belt[0][static_cast<std::size_t>(lag)], expected, 1e-14);
  }
  EXPECT_EQ(c.through_gates[0][0], 0);
}

// Without recurrent weights nothing but the belt carries a gradient back.
TEST(GradientFlow, WithoutRecurrentWeightsAllGoesAlongTheBelt) {
  LayerSpec l;
  l.cell_text = "cell fading(x) -> y\nf = σ(W_f·x + b_f)\ny = f ⊙ y[t-1] + tanh(W·x)\n";
  l.cell_file = "fading.cell";
  l.units = kUnits;
  const auto model = test::random_model<double>({l}, kClasses, 3, 7);
  const auto tokens = test::random_tokens(kTokens, kClasses, 2);
  GradientOptions options;
  options.count = 3;
  options.lags = 6;
  const GradientFlow flow = gradient_flow(*model, tokens.data(), kTokens, options);
  ASSERT_EQ(flow.at, (std::vector<int>{6, 9, 12}));
  for (const auto& of_step : curve(flow, 0, "y").through_gates) {
    ASSERT_EQ(of_step.size(), 7u);
    for (double v : of_step) EXPECT_NEAR(v, 0, 1e-15);
  }
}

TEST(GradientFlow, WrongWishesAreTold) {
  const auto model = test::random_model<float>({test::layer("rnn", 3)}, kClasses, 3, 7);
  const auto tokens = test::random_tokens(kTokens, kClasses, 2);
  GradientOptions late, none;
  late.at = {kTokens - 1};
  none.count = 0;
  EXPECT_THROW(gradient_flow(*model, tokens.data(), kTokens, late), SpecError);
  EXPECT_THROW(gradient_flow(*model, tokens.data(), kTokens, none), SpecError);
  EXPECT_THROW(gradient_flow(*model, tokens.data(), 1), SpecError);
}

TEST(Saliency, IsCompleteAndItsGradientIsThatOfTheInput) {
  for (const int embedding : {3, 0}) {
    const auto model = test::random_model<double>({test::layer("lstm", kUnits), test::layer("gru", 4)},
                                                  kClasses, embedding, 7);
    const auto tokens = test::random_tokens(kTokens, kClasses, 2);
    SaliencyOptions options;
    options.target = 4;
    options.tolerance = 1e-6;
    options.most_points = 4096;
    const Saliency s = saliency(*model, tokens.data(), kTokens, options);
    EXPECT_TRUE(s.complete) << s.gap;
    double sum = 0;
    for (double v : s.integrated) sum += v;
    EXPECT_NEAR(sum, s.log_probability - s.baseline, 1e-5);
    EXPECT_NEAR(s.log_probability, -nats(*model, model->make_state(1), tokens.data(), kTokens, 4), 1e-12);
    if (embedding == 0) continue;
    // Gradient × input, added over the places of one token: the derivative by a factor on its row of the
    // embedding.
    const std::int32_t token = tokens[3];
    double expected = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i] == token) expected += s.gradient_input[i];
    }
    std::vector<double> table = model->get(0);
    const auto scaled = [&](double by) {
      std::vector<double> changed = table;
      for (int k = 0; k < embedding; ++k) changed[static_cast<std::size_t>(token * embedding + k)] *= 1 + by;
      model->set(0, changed);
      return -nats(*model, model->make_state(1), tokens.data(), kTokens, 4);
    };
    EXPECT_NEAR((scaled(kStep) - scaled(-kStep)) / (2 * kStep), expected, 1e-7);
  }
}

TEST(Saliency, TakesTheLikeliestTokenByItself) {
  const auto model = test::random_model<float>({test::layer("gru", 4)}, kClasses, 3, 7);
  const auto tokens = test::random_tokens(kTokens, kClasses, 2);
  const Saliency s = saliency(*model, tokens.data(), kTokens);
  EXPECT_TRUE(s.complete);
  for (int c = 0; c < kClasses; ++c) {
    SaliencyOptions other;
    other.target = c;
    other.points = other.most_points = 1;
    EXPECT_LE(saliency(*model, tokens.data(), kTokens, other).log_probability, s.log_probability + 1e-6);
  }
}

}  // namespace
}  // namespace cellwright
