// regularise_test.cpp: where masks and penalties sit in a cell's graph, against equations written out by hand
// and evaluated in double, and what is refused.
#include "graph/regularise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "cellwright/error.h"
#include "graph/evaluate.h"
#include "language/lower.h"
#include "language/parse.h"
#include "language/shipped.h"

namespace cellwright {
namespace {

constexpr int kUnits = 4, kInput = 3, kSteps = 5, kLanes = 2;

Graph lowered(std::string_view text, const std::string& file) {
  CellBinding binding;
  binding.units = kUnits;
  binding.inputs = {kInput};
  return lower(syntax::parse_cell(std::string(text), file), binding);
}
Graph shipped(const std::string& name) { return lowered(shipped_cell_text(name), name + ".cell"); }

/// Any number, but the same for the same place.
double number(double a, double b, double c) { return std::sin(12.9898 * a + 78.233 * b + 37.719 * c + 1); }

/// A mask that is neither always nor never 1: kept where a number of name, step (unless it holds for the
/// sequence), lane and unit says so.
double mask(const Node& node, std::int64_t step, int lane, int unit) {
  double name = 0;
  for (char c : node.name) name = 0.7 * name + c;
  const bool kept = number(name, node.index == 1 ? -1 : static_cast<double>(step), lane + 0.37 * unit) < 0.4;
  return kept ? node.values[1] : 0;
}
double mask_of(const std::string& name, bool sequence, double kept, int t, int lane, int unit) {
  Node node;
  node.name = name;
  node.index = sequence;
  node.values = {0, kept};
  return mask(node, t, lane, unit);
}

std::vector<Vector> parameters_of(const Graph& g) {
  std::vector<Vector> all;
  for (std::size_t p = 0; p < g.parameters.size(); ++p) {
    Vector v;
    for (int i = 0; i < g.parameters[p].rows * g.parameters[p].columns; ++i)
      v.push_back(number(static_cast<double>(p), i, 5));
    all.push_back(v);
  }
  return all;
}

Sequence input_of() {
  Sequence x(kSteps, std::vector<Vector>(kLanes, Vector(kInput)));
  for (int t = 0; t < kSteps; ++t)
    for (int b = 0; b < kLanes; ++b)
      for (int k = 0; k < kInput; ++k) x[t][b][k] = number(t, b, k);
  return x;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

struct Run {
  Sequence y;
  std::vector<std::vector<double>> activation, temporal;  // [T][B]
  std::vector<Vector> h, C;                               // at the end, by lane
};

/// The equations of cells/lstm.cell once more, with every regulariser where Zaremba, Gal, Krueger and Merity
/// have it.
Run lstm_by_hand(const Graph& g, const std::vector<Vector>& parameters, const Regularisation& r,
                 bool training) {
  const auto named = [&](const std::string& name) {
    for (std::size_t p = 0; p < g.parameters.size(); ++p)
      if (g.parameters[p].name == name) return parameters[p];
    ADD_FAILURE() << "no parameter " << name;
    return Vector();
  };
  const Sequence x = input_of();
  const double zone_h = r.zoneout.count("h") ? r.zoneout.at("h") : 0,
               zone_C = r.zoneout.count("C") ? r.zoneout.at("C") : 0;
  Run run;
  run.y.assign(kSteps, std::vector<Vector>(kLanes, Vector(kUnits)));
  run.activation.assign(kSteps, std::vector<double>(kLanes, 0));
  run.temporal = run.activation;
  for (int b = 0; b < kLanes; ++b) {
    Vector h(kUnits, 0), C(kUnits, 0);
    for (int t = 0; t < kSteps; ++t) {
      Vector operand;  // [h[t-1], x]
      for (int k = 0; k < kUnits; ++k)
        operand.push_back(h[k] *
                          (training && r.recurrent_dropout > 0
                               ? mask_of("drop.recurrent.h", true, 1 / (1 - r.recurrent_dropout), t, b, k)
                               : 1));
      for (int k = 0; k < kInput; ++k)
        operand.push_back(x[t][b][k] *
                          (training && r.input_dropout > 0
                               ? mask_of("drop.input.0", r.variational, 1 / (1 - r.input_dropout), t, b, k)
                               : 1));
      const auto gate = [&](const std::string& letter, int k) {
        const Vector W = named("W_" + letter);
        double sum = named("b_" + letter)[k];
        for (int j = 0; j < kUnits + kInput; ++j) sum += W[k * (kUnits + kInput) + j] * operand[j];
        return sum;
      };
      const Vector old_h = h, old_C = C;
      for (int k = 0; k < kUnits; ++k) {
        const double new_C =
            sigmoid(gate("f", k)) * old_C[k] + sigmoid(gate("i", k)) * std::tanh(gate("C", k));
        const double new_h = sigmoid(gate("o", k)) * std::tanh(new_C);  // of the C before zoneout
        if (training) {
          C[k] = zone_C > 0 && mask_of("zone.C", false, 1, t, b, k) != 0 ? old_C[k] : new_C;
          h[k] = zone_h > 0 && mask_of("zone.h", false, 1, t, b, k) != 0 ? old_h[k] : new_h;
        } else {
          C[k] = zone_C * old_C[k] + (1 - zone_C) * new_C;
          h[k] = zone_h * old_h[k] + (1 - zone_h) * new_h;
        }
        const double drop = training && r.output_dropout > 0
                                ? mask_of("drop.output.0", r.variational, 1 / (1 - r.output_dropout), t, b, k)
                                : 1;
        run.y[t][b][k] = h[k] * drop;
        run.activation[t][b] += r.activation_penalty * h[k] * drop * h[k] * drop / kUnits;
        run.temporal[t][b] += r.temporal_penalty * (h[k] - old_h[k]) * (h[k] - old_h[k]) / kUnits;
      }
    }
    run.h.push_back(h);
    run.C.push_back(C);
  }
  return run;
}

void expect_near(const Vector& a, const Vector& b, const std::string& what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  for (std::size_t k = 0; k < a.size(); ++k) EXPECT_NEAR(a[k], b[k], 1e-13) << what << ", unit " << k;
}

void expect_lstm_by_hand(const Regularisation& r, const std::string& what) {
  for (const bool training : {true, false}) {
    const Graph source = shipped("lstm"), g = regularise(source, r, training);
    const std::vector<Vector> parameters = parameters_of(source);
    const Run hand = lstm_by_hand(source, parameters, r, training);
    const NaiveForward ours = naive_forward(g, parameters, {input_of()}, kSteps, kLanes, {}, 0, mask);
    const std::string when = what + (training ? ", training" : ", inference");
    std::size_t losses = 0;
    if (training && r.activation_penalty > 0) {
      EXPECT_EQ(g.losses.at(losses++).name, "activation_penalty");
    }
    if (training && r.temporal_penalty > 0) {
      EXPECT_EQ(g.losses.at(losses++).name, "temporal_penalty");
    }
    ASSERT_EQ(g.losses.size(), losses) << when;
    for (int t = 0; t < kSteps; ++t) {
      for (int b = 0; b < kLanes; ++b) {
        expect_near(ours.outputs[0][t][b], hand.y[t][b], when);
        for (std::size_t l = 0; l < losses; ++l) {
          const auto& expected = g.losses[l].name == "activation_penalty" ? hand.activation : hand.temporal;
          EXPECT_NEAR(ours.losses[l][t][b], expected[t][b], 1e-13) << when;
        }
      }
    }
    for (std::size_t s = 0; s < g.states.size(); ++s) {
      for (int b = 0; b < kLanes; ++b)
        expect_near(ours.final_states[s][b], g.states[s].name == "h" ? hand.h[b] : hand.C[b],
                    when + ", " + g.states[s].name);
    }
  }
}

TEST(Regularise, LstmIsWhatThePapersSay) {
  Regularisation r;
  r.input_dropout = 0.25;
  expect_lstm_by_hand(r, "input");
  r.output_dropout = 0.5;
  expect_lstm_by_hand(r, "input and output");
  r.variational = true;
  expect_lstm_by_hand(r, "variational");
  r = {};
  r.recurrent_dropout = 0.4;
  expect_lstm_by_hand(r, "recurrent");
  r = {};
  r.zoneout = {{"C", 0.5}};
  expect_lstm_by_hand(r, "zoneout of C");
  r.zoneout = {{"C", 0.5}, {"h", 0.05}};
  expect_lstm_by_hand(r, "zoneout");
  r = {};
  r.activation_penalty = 2;
  expect_lstm_by_hand(r, "activation penalty");
  r = {};
  r.temporal_penalty = 1.5;
  expect_lstm_by_hand(r, "temporal penalty");
  r.activation_penalty = 2;
  r.output_dropout = r.recurrent_dropout = 0.3;
  r.input_dropout = 0.2;
  r.zoneout = {{"C", 0.5}, {"h", 0.05}};
  expect_lstm_by_hand(r, "all");
}

std::set<std::string> masks(const Graph& g) {
  std::set<std::string> names;
  for (const Node& n : g.nodes) {
    if (n.op != Op::kDropMask) continue;
    EXPECT_TRUE(names.insert(n.name).second) << n.name;
  }
  return names;
}

TEST(Regularise, MasksHaveStableAndUniqueNames) {
  Regularisation r;
  r.input_dropout = r.output_dropout = r.recurrent_dropout = 0.5;
  r.zoneout = {{"", 0.1}};
  EXPECT_EQ(masks(regularise(shipped("lstm"), r, true)),
            (std::set<std::string>{"drop.input.0", "drop.output.0", "drop.recurrent.h", "zone.C", "zone.h"}));
  EXPECT_EQ(masks(regularise(shipped("lstm_peephole_full"), r, true)),
            (std::set<std::string>{"drop.input.0", "drop.output.0", "drop.recurrent.C", "drop.recurrent.h",
                                   "zone.C", "zone.h"}));
  // h, and (C, n, m) of which m is the first.
  EXPECT_EQ(masks(regularise(shipped("slstm"), r, true)),
            (std::set<std::string>{"drop.input.0", "drop.output.0", "drop.recurrent.h", "zone.h", "zone.m"}));
  for (const char* cell : {"lstm", "gru", "slstm"})
    EXPECT_TRUE(masks(regularise(shipped(cell), r, false)).empty()) << cell;
}

// What the recurrent mask meets, by name of the state and by number of the products that it reaches.
TEST(Regularise, RecurrentDropoutLeavesTheCarryWhole) {
  Regularisation r;
  r.recurrent_dropout = 0.5;
  const auto none = [](const Node& node, std::int64_t, int, int) {
    return node.op == Op::kDropMask ? 0.0 : 1.0;
  };
  // With all of h[t-1] dropped a GRU is h = (1-z) ⊙ h[t-1] + z ⊙ h̃ with gates of x alone.
  const Graph source = shipped("gru"), g = regularise(source, r, true);
  std::vector<Vector> parameters = parameters_of(source);
  const NaiveForward dropped = naive_forward(g, parameters, {input_of()}, kSteps, kLanes, {}, 0, none);
  const auto parameter = [&](const std::string& name) {
    for (std::size_t p = 0; p < source.parameters.size(); ++p)
      if (source.parameters[p].name == name) return parameters[p];
    return Vector();
  };
  const Sequence x = input_of();
  const auto affine = [&](const std::string& W, const std::string& bias, int t, int b, int k) {
    double sum = parameter(bias)[k];
    for (int j = 0; j < kInput; ++j) sum += parameter(W)[k * (kUnits + kInput) + kUnits + j] * x[t][b][j];
    return sum;
  };
  for (int b = 0; b < kLanes; ++b) {
    for (int k = 0; k < kUnits; ++k) {
      double h = 0;
      for (int t = 0; t < kSteps; ++t) {
        const double z = sigmoid(affine("W_z", "b_z", t, b, k));
        h = (1 - z) * h + z * std::tanh(affine("W", "b", t, b, k));
        EXPECT_NEAR(dropped.outputs[0][t][b][k], h, 1e-13);
      }
    }
  }
}

std::string refusal(const Graph& g, const Regularisation& r) {
  std::string said;
  for (const bool training : {true, false}) {
    try {
      regularise(g, r, training);
      return "";
    } catch (const SpecError& e) {
      if (!training) {
        EXPECT_EQ(said, e.what());
      }
      said = e.what();
    }
  }
  return said;
}

Regularisation only(double Regularisation::*field, double value) {
  Regularisation r;
  r.*field = value;
  return r;
}

TEST(Regularise, RefusesAnOptionWithoutASite) {
  EXPECT_EQ(refusal(shipped("min_gru"), only(&Regularisation::recurrent_dropout, 0.5)),
            "cell 'min_gru': recurrent dropout has no place: no product reads what a state held a step ago; "
            "leave it out, or use zoneout");
  Regularisation zone;
  zone.zoneout = {{"c", 0.5}};
  EXPECT_EQ(refusal(shipped("lstm"), zone),
            "cell 'lstm': zoneout names 'c', which is none of its states; they are h, C");
  zone.zoneout = {{"", 0.5}};
  EXPECT_EQ(refusal(lowered("cell f(x) -> h\nh = tanh(W·[x, x[t-1]])", "f.cell"), zone),
            "cell 'f': zoneout has no place: the cell has no state");
  zone.zoneout = {{"C", 0.5}, {"n", 0.25}};
  EXPECT_EQ(refusal(shipped("slstm"), zone),
            "cell 'slstm': zoneout gives 'C' 0.5 and 'n' 0.25, but they share one mask; give one of them");
  const Graph no_state_up = lowered("cell f(x) -> y\nh = tanh(W·[x, h[t-1]])\ny = V·h\nsize h = 4", "f.cell");
  EXPECT_EQ(
      refusal(no_state_up, only(&Regularisation::temporal_penalty, 1)),
      "cell 'f': the temporal penalty compares the first output with its value a step ago, and 'y' is no "
      "state: no line reads y[t-1]; leave it out");
  for (const double wrong : {-0.1, 1.0, std::nan("")}) {
    EXPECT_NE(refusal(shipped("lstm"), only(&Regularisation::input_dropout, wrong)), "");
    EXPECT_NE(refusal(shipped("lstm"), only(&Regularisation::recurrent_dropout, wrong)), "");
  }
  EXPECT_NE(refusal(shipped("lstm"), only(&Regularisation::activation_penalty, -1)), "");
}

TEST(Regularise, OneOfAZoneStandsForAll) {
  Regularisation r;
  r.zoneout = {{"C", 0.5}};
  const Graph g = regularise(shipped("slstm"), r, true);
  EXPECT_EQ(masks(g), (std::set<std::string>{"zone.m"}));
  int zoned = 0;
  for (const State& s : g.states) zoned += g[s.next].op == Op::kSelect;
  EXPECT_EQ(zoned, 3);
}

// slstm's m starts at -1e30: half of that would be as far away, and the memory would be lost for a hundred
// steps.
TEST(Regularise, ExpectationOfAFarStartIsTheNewValue) {
  Regularisation r;
  r.zoneout = {{"C", 0.5}};
  const Graph source = shipped("slstm"), g = regularise(source, r, false);
  const auto parameters = parameters_of(source);
  const NaiveForward plain = naive_forward(source, parameters, {input_of()}, 1, kLanes);
  const NaiveForward zoned = naive_forward(g, parameters, {input_of()}, 1, kLanes);
  for (std::size_t s = 0; s < g.states.size(); ++s) {
    const double scale = g.states[s].name == "C" || g.states[s].name == "n" ? 0.5 : 1;
    for (int k = 0; k < kUnits; ++k)
      EXPECT_DOUBLE_EQ(zoned.final_states[s][0][k], scale * plain.final_states[s][0][k]) << g.states[s].name;
  }
}

// A lag keeps what came in, dropped when it came in; delays of a state share its mask.
TEST(Regularise, LagsAndDelays) {
  const Graph source =
      lowered("cell c(x) -> h\nh = tanh(W·x[t-1] + U·h[t-1] + V·h[t-3] + p ⊙ h[t-2])", "c.cell");
  Regularisation r;
  r.input_dropout = 0.25;
  r.recurrent_dropout = 0.5;
  r.zoneout = {{"", 0.1}};
  const Graph g = regularise(source, r, true);
  EXPECT_TRUE(
      masks(regularise(source, only(&Regularisation::input_dropout, 0.5), true)).count("drop.input.0"));
  const auto parameters = parameters_of(source);
  const auto p = [&](const std::string& name) {
    for (std::size_t i = 0; i < source.parameters.size(); ++i)
      if (source.parameters[i].name == name) return parameters[i];
    return Vector();
  };
  const Sequence x = input_of();
  const NaiveForward ours = naive_forward(g, parameters, {x}, kSteps, kLanes, {}, 0, mask);
  for (int b = 0; b < kLanes; ++b) {
    std::vector<Vector> h(3, Vector(kUnits, 0));  // newest first
    for (int t = 0; t < kSteps; ++t) {
      Vector next(kUnits);
      for (int k = 0; k < kUnits; ++k) {
        double sum = p("p")[k] * h[1][k];
        for (int j = 0; j < kUnits; ++j) {
          const double m = mask_of("drop.recurrent.h", true, 2, t, b, j);
          sum += p("U")[k * kUnits + j] * m * h[0][j] + p("V")[k * kUnits + j] * m * h[2][j];
        }
        for (int j = 0; j < kInput && t > 0; ++j)
          sum +=
              p("W")[k * kInput + j] * x[t - 1][b][j] * mask_of("drop.input.0", false, 1 / 0.75, t - 1, b, j);
        next[k] = mask_of("zone.h", false, 1, t, b, k) != 0 ? h[0][k] : std::tanh(sum);
      }
      h = {next, h[0], h[1]};
      expect_near(ours.outputs[0][t][b], next, "step " + std::to_string(t));
    }
  }
}

}  // namespace
}  // namespace cellwright
