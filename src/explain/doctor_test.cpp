// The doctor: planted faults are named, each with its place; a sound model has none.
#include "explain/doctor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "cellwright/error.h"
#include "explain/explain_test_help.h"

namespace cellwright {
namespace {

using Kind = Diagnosis::Kind;

std::size_t tensor(const Model<float>& model, const std::string& name) {
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    if (model.tensors()[i].name == name) return i;
  }
  throw std::logic_error("no tensor " + name);
}

void fill(Model<float>& model, const std::string& name, float value) {
  const std::size_t i = tensor(model, name);
  model.set(i, std::vector<float>(model.get(i).size(), value));
}

std::unique_ptr<Model<float>> fresh(const std::string& cell, int units) {
  ModelSpec spec = test::stack(9, 4, {{cell, units}});
  auto model = std::make_unique<Model<float>>(spec, test::engine(1));
  model->initialise(3);
  return model;
}

const Diagnosis* find(const Examination& e, Kind kind) {
  for (const Diagnosis& d : e.found) {
    if (d.kind == kind) return &d;
  }
  return nullptr;
}

Examination examined(Model<float>& model, int steps = 60) {
  const auto tokens = test::random_tokens(static_cast<std::size_t>(steps), 9, 4);
  return examine(model, tokens.data(), steps, 1);
}

/// h = tanh(W·[h[t-1], x] + b) with `gain` on the diagonal of the recurrent part, and nearly no input: it
/// stays in tanh's linear part.
std::unique_ptr<Model<float>> plain_rnn(float gain) {
  auto model = fresh("rnn", 5);
  const std::size_t i = tensor(*model, "layers.0.W");
  std::vector<float> w = model->get(i);
  for (int r = 0; r < 5; ++r) {
    for (int c = 0; c < 9; ++c)
      w[static_cast<std::size_t>(r * 9 + c)] = c == r ? gain : c < 5 ? 0 : 1e-7f * static_cast<float>(r + c);
  }
  model->set(i, w);
  return model;
}

TEST(Doctor, NamesLaneStepLayerAndLineOfTheFirstBadNumber) {
  LayerSpec odd;
  odd.cell_text =
      "cell odd(x) -> h\nh = tanh(q + V·h[t-1])\nu = W·x\nq = 1 / u\n";  // q is computed before h, though it
                                                                         // stands behind
  odd.cell_file = "odd.cell";
  odd.units = 3;
  LayerSpec even = odd;
  even.cell_text = "cell even(x) -> h\nh = W·x\n";
  ModelSpec spec;
  spec.classes = 9;
  spec.embedding = 1;
  spec.layers = {even, odd};
  Model<float> model(spec, test::engine(1));
  model.initialise(3);
  std::vector<float> table(9, 1.0f);
  table[5] = 0;  // so that 1/u is infinite for token 5 alone
  model.set(tensor(model, "embedding.weight"), table);
  const std::int32_t tokens[] = {0, 1, 2, 3, 1,
                                 5, 5, 2};  // [4 steps, 2 lanes]: lane 1 has it at step 2, lane 0 at step 3
  const Examination e = examine(model, tokens, 4, 2);
  ASSERT_FALSE(e.found.empty());
  const Diagnosis& d = e.found[0];
  EXPECT_EQ(d.kind, Kind::kNotFinite);
  EXPECT_EQ(d.lane, 1);
  EXPECT_EQ(d.step, 2);
  EXPECT_EQ(d.layer, 1);
  EXPECT_EQ(d.where, "layers.1.q");
}

/// Reads a number per token, `table`, as x of size 1; every parameter of the cell is 1, biases 0.
Examination examined(const std::string& cell_text, const std::vector<float>& table,
                     const std::vector<std::int32_t>& tokens, int steps, int lanes) {
  ModelSpec spec;
  spec.classes = static_cast<int>(table.size());
  spec.embedding = 1;
  LayerSpec layer;
  layer.cell_text = cell_text;
  layer.cell_file = "own.cell";
  layer.units = 2;
  spec.layers = {layer, layer};
  spec.layers[0].cell_text = "cell pass(x) -> h\nh = W·x\n";
  spec.layers[0].units = 1;
  Model<float> model(spec, test::engine(1));
  model.initialise(3);
  for (const TensorInfo& t : model.tensors())
    fill(model, t.name, t.name.find(".b") == std::string::npos ? 1 : 0);
  model.set(tensor(model, "embedding.weight"), table);
  return examine(model, tokens.data(), steps, lanes);
}

/// All numbers given to the cells are sound: the NaN arises in a line, at one step of one sequence, and then
/// spreads through the state to every line and to the steps after it.
TEST(Doctor, NamesTheLineInWhichANaNArises) {
  struct Case {
    const char *cell, *where;
    float poison;  // what the token 4 becomes
  };
  const Case cases[] = {
      {"cell own(x) -> h\nh = tanh(g + V·h[t-1] + b)\nu = W·x\ng = log(u)\n", "layers.1.g", -1},
      {"cell own(x) -> h\nu = W·x\nq = u / abs(u)\nh = tanh(q + V·h[t-1])\n", "layers.1.q", 0},
      // A part of a line that has no name of its own: the line that it is part of.
      {"cell own(x) -> h\nu = W·x\nC = 0.5 ⊙ C[t-1] + sqrt(u)\no = σ(V·[h[t-1], x])\nh = o ⊙ tanh(C)\n",
       "layers.1.C", -1},
      // 0 · infinity, where the infinity is no fault of its own line's: exp(200) is the first.
      {"cell own(x) -> h\nu = W·x\ne = exp(u)\nz = e - e\nh = tanh(V·h[t-1] + z)\n", "layers.1.e", 200},
  };
  //                                      lane 0 1 2
  const std::vector<std::int32_t> tokens = {0, 1, 2, 1, 3, 0, 2, 4, 1, 4, 4, 0, 0, 1, 2};
  for (const Case& c : cases) {
    const Examination e = examined(c.cell, {0.5f, 1, 2, 1.5f, c.poison}, tokens, 5, 3);
    ASSERT_FALSE(e.found.empty()) << c.cell;
    const Diagnosis& d = e.found[0];
    EXPECT_EQ(d.kind, Kind::kNotFinite) << d.text;
    EXPECT_EQ(d.where, c.where) << d.text;
    EXPECT_EQ(d.lane, 1) << d.text;
    EXPECT_EQ(d.step, 2) << d.text;
    EXPECT_EQ(d.layer, 1) << d.text;
    EXPECT_NE(d.text.find(c.poison == 200 ? "infinity" : "NaN"), std::string::npos) << d.text;
  }
}

TEST(Doctor, NamesADamagedParameter) {
  auto model = fresh("lstm", 5);
  const std::size_t i = tensor(*model, "head.bias");
  std::vector<float> bias = model->get(i);
  bias[2] = std::nanf("");
  model->set(i, bias);
  const Examination e = examined(*model);
  ASSERT_EQ(e.found.size(), 1u);
  EXPECT_EQ(e.found[0].where, "head.bias");
}

TEST(Doctor, AnExplodingModelIsCalledSo) {
  const Examination e = examined(*plain_rnn(1.3f), 30);
  const Diagnosis* d = find(e, Kind::kExploding);
  ASSERT_NE(d, nullptr);
  EXPECT_EQ(d->where, "layers.0.h");
  EXPECT_EQ(find(e, Kind::kVanishing), nullptr);
}

TEST(Doctor, AVanishingModelIsCalledSo) {
  const Examination e = examined(*plain_rnn(0.2f), 60);
  const Diagnosis* d = find(e, Kind::kVanishing);
  ASSERT_NE(d, nullptr);
  EXPECT_EQ(d->where, "layers.0.h");
  EXPECT_EQ(find(e, Kind::kExploding), nullptr);
}

TEST(Doctor, ASoundModelIsLeftAlone) {
  auto model = fresh("lstm", 16);
  const Examination e = examined(*model, 200);
  EXPECT_TRUE(e.found.empty()) << e.found[0].text;
  EXPECT_GT(e.clip, 0);
  EXPECT_EQ(e.norms, 4);
}

TEST(Doctor, SaturatedGatesAndDeadUnitsAreNamed) {
  auto lstm = fresh("lstm", 5);
  fill(*lstm, "layers.0.b_o", -12);
  const Examination shut = examined(*lstm);
  ASSERT_NE(find(shut, Kind::kSaturated), nullptr);
  EXPECT_EQ(find(shut, Kind::kSaturated)->where, "layers.0.o");
  auto relu = fresh("rnn_relu", 5);
  const std::size_t i = tensor(*relu, "layers.0.b");
  relu->set(i, {0.5f, -90.0f, 0.5f, 0.5f, 0.5f});
  const Examination dead = examined(*relu);
  ASSERT_NE(find(dead, Kind::kDead), nullptr);
  EXPECT_EQ(find(dead, Kind::kDead)->where, "layers.0.h");
  EXPECT_EQ(find(dead, Kind::kDead)->unit, 1);
}

std::string update_line(int update, const std::string& norm, const std::string& loss = "1.5") {
  return "{\"event\": \"update\", \"update\": " + std::to_string(update) + ", \"loss\": " + loss +
         ", \"gradient_norm\": " + norm + "}\n";
}

TEST(DoctorLog, ReadsTheCourseOfATraining) {
  std::string calm, rising, broken;
  for (int i = 0; i < 40; ++i) {
    calm += update_line(i, std::to_string(1.0 + 0.01 * i));
    rising += update_line(i, std::to_string(std::pow(1.2, i)));
    broken += update_line(i, i < 30 ? "1.0" : "null", i < 30 ? "1.5" : "null");
  }
  EXPECT_TRUE(examine_log("{\"event\": \"start\"}\n" + calm, "a").found.empty());
  EXPECT_NEAR(examine_log(calm, "a").clip, 1.4, 0.05);
  EXPECT_NE(find(examine_log(rising, "a"), Kind::kExploding), nullptr);
  const Examination e = examine_log(
      broken + "{\"event\": \"end\", \"outcome\": \"error\", \"message\": \"training diverged\"}\n", "a");
  EXPECT_NE(find(e, Kind::kDiverged), nullptr);
  ASSERT_NE(find(e, Kind::kNotFinite), nullptr);
  EXPECT_NE(find(e, Kind::kNotFinite)->text.find("update 30"), std::string::npos);
  const std::string lags =
      "{\"event\": \"gradients\", \"states\": [{\"name\": \"layers.0.h\", \"total\": [1, 1, 0.1, 0.001, "
      "0.0001]}]}\n";
  ASSERT_NE(find(examine_log(calm + lags, "a"), Kind::kVanishing), nullptr);
  EXPECT_EQ(find(examine_log(calm + lags, "a"), Kind::kVanishing)->where, "layers.0.h");
}

TEST(DoctorLog, WhatIsNoLogIsRefusedWithItsLine) {
  for (const std::string text :
       {"", "nonsense\n", "{}\n", "[1]\n{\"event\": \"update\"}\n", "{\"event\": 3}\n"})
    EXPECT_THROW(examine_log(text, "x.jsonl"), FormatError) << text;
  EXPECT_NO_THROW(
      examine_log(update_line(1, "1") + "{\"event\": \"upd", "x.jsonl"));  // killed while it wrote
  EXPECT_NO_THROW(examine_log(
      "{\"event\": \"update\", \"update\": 1e300, \"loss\": {}}\n{\"event\": \"gradients\", \"states\": 7}\n",
      "x"));
}

}  // namespace
}  // namespace cellwright
