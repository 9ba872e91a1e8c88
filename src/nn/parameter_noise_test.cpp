// parameter_noise_test.cpp: weight-drop and weight noise: what training sees against the definition, entry by
// entry; gradients, bits, and that inference never sees it.
#include "nn/parameter_noise.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "cellwright/error.h"
#include "language/parse.h"
#include "language/signature.h"
#include "nn/layer.h"
#include "nn/regulariser_test_help.h"

namespace cellwright {
namespace {

using test::engine;
using test::stack;
using test::Tokens;

constexpr std::uint64_t kUpdate = 0x9E3779B97F4A7C15u;

bool within(const std::vector<ColumnRange>& ranges, int column) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const ColumnRange& r) { return column >= r.first && column < r.last; });
}

bool any_site(const Graph& graph) {
  const auto sites = recurrent_columns(graph);
  return std::any_of(sites.begin(), sites.end(), [](const auto& ranges) { return !ranges.empty(); });
}

std::uint32_t half_of(std::uint64_t seed, std::uint64_t stream, const std::string& name, std::size_t row,
                      std::size_t column) {
  const auto words = Random(seed, stream + hash_name(name)).words(row, column / 8);
  return words[column % 8 / 2] >> (column % 2 * 16) & 0xFFFF;
}

// The definition of parameter_noise.h, written anew, for one layer's tensor in its stored shape; of a
// block-diagonal one all columns meet a state, or none.
struct Perturbed {
  std::vector<double> values, scales;
};
Perturbed perturb(const Parameter& p, const std::vector<ColumnRange>& sites,
                  const std::vector<double>& stored, double drop, double deviation, std::uint64_t seed,
                  std::uint64_t stream) {
  const bool diagonal = p.structure == Structure::kBlockDiagonal;
  const auto columns = static_cast<std::size_t>(!p.matrix  ? p.rows
                                                : diagonal ? p.columns / p.blocks
                                                           : p.columns);
  Perturbed result{stored, std::vector<double>(stored.size(), 1)};
  const double threshold = std::round(drop * 65536);
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const std::size_t row = i / columns, column = i % columns;
    if (deviation > 0) {
      const std::uint32_t u = half_of(seed, stream, "weight_noise." + p.name, row, column);
      const double z = static_cast<double>(normal_slices()[u / 2]);
      result.values[i] += deviation * (u % 2 ? -z : z);
    }
    if (drop > 0 && p.matrix && within(sites, static_cast<int>(column))) {
      const bool dead = half_of(seed, stream, "weight_drop." + p.name, row, column) < threshold;
      result.scales[i] = dead ? 0 : 1 / (1 - threshold / 65536);
      result.values[i] *= result.scales[i];
    }
  }
  return result;
}

ModelSpec noisy(ModelSpec spec, double drop, double deviation) {
  for (LayerSpec& layer : spec.layers) layer.regularisation.weight_drop = drop;
  spec.weight_noise = deviation;
  return spec;
}

std::vector<Graph> graphs_of(const ModelSpec& spec) {
  std::vector<Graph> graphs;
  std::vector<int> offered = {spec.embedding};
  for (std::size_t l = 0; l < spec.layers.size(); ++l) {
    graphs.push_back(lower_layer(spec.layers[l], static_cast<int>(l), offered));
    offered.clear();
    for (const Port& port : graphs.back().outputs) offered.push_back(port.size);
  }
  return graphs;
}

// Two layers of a shipped cell, as wide as what they read, for some cells add the two. 36 falls into many
// groups and into no whole number of panels.
ModelSpec two_layers(const std::string& cell) {
  ModelSpec spec = stack(11, 36, {{cell, 36}, {cell, 36}});
  for (LayerSpec& layer : spec.layers) {
    for (const std::string& size : signature(syntax::parse_cell(layer.cell_text, layer.cell_file)).size_names)
      layer.sizes[size] = 36;
  }
  return spec;
}

// A model trained with noise has the loss of a plain one whose parameters are the perturbed ones, to the bit,
// and its gradient times what the entries were scaled by.
void expect_the_definition(const ModelSpec& plain, double drop, double deviation) {
  Model<double> model(noisy(plain, drop, deviation), engine(2)), other(plain, engine(1));
  test::randomise(model, 1);
  const std::vector<Graph> graphs = graphs_of(plain);
  const Tokens tokens(4, 3, plain.classes, 7);
  for (const std::uint64_t update : {0u, 5u}) {
    test::copy_parameters(model, other);
    std::vector<std::vector<double>> scales;
    for (std::size_t l = 0; l < graphs.size(); ++l) {
      const std::uint64_t stream = hash_name("noise.layers." + std::to_string(l)) + update * kUpdate;
      const auto sites = recurrent_columns(graphs[l]);
      for (std::size_t k = 0; k < sites.size(); ++k) {
        const Parameter& p = graphs[l].parameters[k];
        const std::size_t i = test::index_of(other, "layers." + std::to_string(l) + "." + p.name);
        const Perturbed made = perturb(p, sites[k], model.get(i), drop, deviation, 9, stream);
        other.set(i, made.values);
        scales.resize(std::max(scales.size(), i + 1));
        scales[i] = made.scales;
      }
    }
    EXPECT_EQ(test::train_once(model, tokens.window(), 9, update).nats,
              test::train_once(other, tokens.window(), 9, update).nats);
    for (std::size_t i = 0; i < model.tensors().size(); ++i) {
      std::vector<double> expected = other.gradient(i);
      for (std::size_t k = 0; i < scales.size() && !scales[i].empty() && k < expected.size(); ++k)
        expected[k] *= scales[i][k];
      EXPECT_EQ(model.gradient(i), expected) << model.tensors()[i].name;
    }
  }
}

TEST(ParameterNoise, TrainingSeesTheDefinitionInEveryShippedCell) {
  std::size_t sites = 0, none = 0;
  std::string left_out;
  for (const std::string& cell : shipped_cells()) {
    SCOPED_TRACE(cell);
    const ModelSpec plain = two_layers(cell);
    std::vector<Graph> graphs;
    try {
      graphs = graphs_of(plain);
    } catch (const Error&) {
      left_out += cell + " ";  // it does not stand on an embedding alone
      continue;
    }
    if (any_site(graphs[0])) {
      ++sites;
      expect_the_definition(plain, 0.3, 0.05);
    } else {
      ++none;
      expect_the_definition(plain, 0, 0.1);
      try {
        tensors_of(noisy(plain, 0.5, 0));
        ADD_FAILURE();
      } catch (const SpecError& e) {
        EXPECT_NE(std::string(e.what()).find("no matrix meets a state"), std::string::npos) << e.what();
      }
    }
  }
  EXPECT_GE(sites, 10u);
  EXPECT_GE(none, 1u);
  EXPECT_GE(8 * (sites + none), 7 * shipped_cells().size()) << "left out: " << left_out;
}

TEST(ParameterNoise, EachOfTheTwoAloneIsItsDefinition) {
  const ModelSpec plain = stack(11, 8, {{"slstm", 20}, {"gru", 12}});
  expect_the_definition(plain, 0.5, 0);
  expect_the_definition(plain, 0, 0.1);
}

TEST(ParameterNoise, GradientIsThatOfDifferencesWithTheDrawFixed) {
  Model<double> model(noisy(stack(5, 3, {{"lstm", 4}, {"slstm", 4}}), 0.4, 0.1), engine(1));
  test::randomise(model, 1);
  const Tokens tokens(5, 3, 5, 10);
  test::expect_gradients(model, tokens.window());
}

struct Fixture {
  Fixture(double drop, double deviation)
      : graph(lower_layer(test::layer("lstm", 40), 0, {30})),
        layer(graph, kernels::kernels<float>(), engine(2)),
        noise(layer.layout(), {drop, recurrent_columns(graph), deviation}, engine(2).pool),
        clean(layer.layout().size()) {
    for (std::size_t i = 0; i < parameters().size(); ++i) {
      std::vector<float> values(layer.layout().stored_size(static_cast<int>(i)));
      for (std::size_t k = 0; k < values.size(); ++k) values[k] = 0.5f + static_cast<float>(k);
      layer.layout().pack(static_cast<int>(i), values.data(), clean.data());
    }
  }
  const std::vector<Parameter>& parameters() const { return layer.layout().parameters(); }
  std::vector<float> drawn(std::size_t i, const float* copy) const {
    std::vector<float> values(layer.layout().stored_size(static_cast<int>(i)));
    layer.layout().unpack(static_cast<int>(i), copy, values.data());
    return values;
  }
  Graph graph;
  Layer<float> layer;
  ParameterNoise<float> noise;
  AlignedArray<float> clean;
};

TEST(ParameterNoise, WeightDropLeavesExactZerosAndExactScalesAtItsRate) {
  Fixture f(0.3, 0);
  std::set<std::vector<float>> seen;
  for (const std::uint64_t stream : {1u, 2u}) {
    const float* copy = f.noise.draw(f.clean.data(), 4, stream);
    const float scale = static_cast<float>(1 / (1 - std::round(0.3 * 65536) / 65536));
    std::size_t dropped = 0, entries = 0;
    for (std::size_t i = 0; i < f.parameters().size(); ++i) {
      const Parameter& p = f.parameters()[i];
      const std::vector<float> values = f.drawn(i, copy);
      for (std::size_t k = 0; k < values.size(); ++k) {
        const float raw = 0.5f + static_cast<float>(k);
        if (!p.matrix || k % 70 >= 40) {  // [h[t-1], x]: columns 40 … 69 are the input's
          ASSERT_EQ(values[k], raw) << p.name;
          continue;
        }
        ++entries;
        dropped += values[k] == 0;
        ASSERT_TRUE(values[k] == 0 || values[k] == raw * scale) << p.name << " " << k;
      }
      if (!p.matrix) continue;
      EXPECT_TRUE(seen.insert(values).second) << "each tensor and stream has its own draw";
    }
    EXPECT_EQ(entries, 4u * 40 * 40);
    test::expect_rate(dropped, entries, 0.3);
    AlignedArray<float> again(f.clean.size());
    std::copy_n(copy, again.size(), again.data());
    f.noise.draw(f.clean.data(), 4, 77);
    EXPECT_EQ(
        std::memcmp(f.noise.draw(f.clean.data(), 4, stream), again.data(), again.size() * sizeof(float)), 0);
  }
}

TEST(ParameterNoise, WeightNoiseIsNormalOnEveryParameterAndNotOnPadding) {
  Fixture f(0, 0.25);
  const float* copy = f.noise.draw(f.clean.data(), 4, 1);
  std::size_t n = 0;
  double sum = 0, squares = 0, fourth = 0, most = 0;
  for (std::size_t i = 0; i < f.parameters().size(); ++i) {
    const std::vector<float> values = f.drawn(i, copy);
    for (std::size_t k = 0; k < values.size(); ++k, ++n) {
      const double z = (static_cast<double>(values[k]) - 0.5 - static_cast<double>(k)) / 0.25;
      sum += z;
      squares += z * z;
      fourth += z * z * z * z;
      most = std::max(most, std::abs(z));
    }
  }
  const double count = static_cast<double>(n);
  EXPECT_EQ(n, 4u * 40 * 71);
  EXPECT_NEAR(sum / count, 0, 5 / std::sqrt(count));
  EXPECT_NEAR(squares / count, 1, 5 * std::sqrt(2 / count));
  EXPECT_NEAR(fourth / count, 3, 5 * std::sqrt(96 / count));
  EXPECT_GT(most, 3.2);
  EXPECT_LT(most, 4.4);
  std::size_t nonzero = 0;
  for (std::size_t i = 0; i < f.clean.size(); ++i) nonzero += copy[i] != 0;
  EXPECT_LE(nonzero, n);
}

TEST(ParameterNoise, SlicesAreTheMiddlesOfTheNormalDistribution) {
  const std::vector<float>& slices = normal_slices();
  ASSERT_EQ(slices.size(), 32768u);
  double squares = 0;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const double x = static_cast<double>(slices[i]);
    squares += x * x;
    EXPECT_NEAR(0.5 * std::erf(x / std::sqrt(2.0)), (static_cast<double>(i) + 0.5) / 65536, 2e-4);
    ASSERT_GT(x, i > 0 ? static_cast<double>(slices[i - 1]) : 0);
  }
  EXPECT_NEAR(squares / 32768, 1, 1e-6);
}

TEST(ParameterNoise, DrawsDifferBetweenUpdatesSeedsAndLayersAndComeBack) {
  Model<double> model(noisy(stack(11, 12, {{"lstm", 12}, {"lstm", 12}}), 0.5, 0), engine(1));
  test::randomise(model, 3);
  const Tokens tokens(6, 4, 11, 20);
  const auto zeros = [&](const std::string& tensor) {
    std::vector<bool> pattern;
    for (const double g : model.gradient(test::index_of(model, tensor))) pattern.push_back(g == 0);
    return pattern;
  };
  const double first = test::train_once(model, tokens.window(), 1, 0).nats;
  EXPECT_NE(zeros("layers.0.W_f"), zeros("layers.1.W_f"));
  EXPECT_NE(zeros("layers.0.W_f"), zeros("layers.0.W_i"));
  EXPECT_NE(test::train_once(model, tokens.window(), 1, 1).nats, first);
  EXPECT_NE(test::train_once(model, tokens.window(), 2, 0).nats, first);
  EXPECT_EQ(test::train_once(model, tokens.window(), 1, 0).nats, first);
}

// Panels of float and double hold different numbers of rows.
TEST(ParameterNoise, DrawsDoNotDependOnPacking) {
  const ModelSpec spec = noisy(stack(11, 9, {{"lstm", 20}}), 0.5, 0);
  Model<float> a(spec, engine(1));
  Model<double> b(spec, engine(2));
  test::randomise(a, 3);
  test::randomise(b, 3);
  const Tokens tokens(6, 4, 11, 21);
  test::train_once(a, tokens.window());
  test::train_once(b, tokens.window());
  for (std::size_t i = 0; i < a.tensors().size(); ++i) {
    const std::vector<float> x = a.gradient(i);
    const std::vector<double> y = b.gradient(i);
    for (std::size_t k = 0; k < x.size(); ++k) ASSERT_EQ(x[k] == 0, y[k] == 0) << a.tensors()[i].name;
  }
}

ModelSpec everything(ModelSpec spec) {
  spec = noisy(std::move(spec), 0.4, 0.1);
  spec.tied = true;
  spec.embedding_dropout = 0.2;
  spec.label_smoothing = 0.1;
  return spec;
}

TEST(Regularisers, ThreadsDoNotChangeABit) {
  const Tokens tokens(12, 10, 43, 22);
  std::vector<std::vector<float>> gradients;
  for (const int threads : {1, 2, 7}) {
    Model<float> model(everything(stack(43, 24, {{"lstm", 21}, {"slstm", 24}})), engine(threads));
    model.initialise(5);
    test::train_once(model, tokens.window(), 3, 4);
    gradients.emplace_back(model.gradients(), model.gradients() + model.size());
  }
  EXPECT_EQ(std::memcmp(gradients[0].data(), gradients[1].data(), gradients[0].size() * sizeof(float)), 0);
  EXPECT_EQ(std::memcmp(gradients[0].data(), gradients[2].data(), gradients[0].size() * sizeof(float)), 0);
}

TEST(Regularisers, DoNotTouchInferenceOrTheParameters) {
  const ModelSpec spec = everything(stack(43, 24, {{"lstm", 21}, {"gru", 24}}));
  ModelSpec plain = stack(43, 24, {{"lstm", 21}, {"gru", 24}});
  plain.tied = true;
  Model<float> model(spec, engine(2)), other(plain, engine(2));
  model.initialise(5);
  other.initialise(5);
  const Tokens tokens(6, 4, 43, 23);
  test::train_once(model, tokens.window(), 3, 4);
  for (std::size_t i = 0; i < model.tensors().size(); ++i) EXPECT_EQ(model.get(i), other.get(i));
  ModelState<float> a = model.make_state(4), b = other.make_state(4);
  EXPECT_EQ(model.evaluate_window(tokens.window(), a).nats, other.evaluate_window(tokens.window(), b).nats);
  std::vector<float> x(4 * 43), y(4 * 43);
  model.step(tokens.inputs.data(), a, x.data());
  other.step(tokens.inputs.data(), b, y.data());
  EXPECT_EQ(x, y);
}

// The state that overlapping windows carry on is the one the window itself saw.
TEST(Regularisers, AdvanceGivesTheWindowsOwnStateInTheMiddle) {
  Model<float> model(everything(stack(43, 24, {{"lstm", 24}})), engine(2));
  model.initialise(6);
  const Tokens tokens(6, 4, 43, 24);
  ModelState<float> part_way = model.make_state(4), middle = model.make_state(4);
  model.set_noise(1, 2);
  model.train_window(tokens.window(), part_way, 2);
  TokenWindow begin = tokens.window();
  begin.steps = 2;
  model.train_window(begin, middle);
  EXPECT_EQ(part_way.layers[0].step, 2);
  for (std::size_t s = 0; s < middle.layers[0].values.size(); ++s) {
    const auto& a = part_way.layers[0].values[s];
    EXPECT_EQ(std::memcmp(a.data(), middle.layers[0].values[s].data(), a.size() * sizeof(float)), 0);
  }
}

TEST(Regularisers, RefuseImpossibleRates) {
  const ModelSpec plain = stack(5, 3, {{"lstm", 4}});
  for (const double bad : {-0.1, 1.0, std::nan("")})
    EXPECT_THROW(tensors_of(noisy(plain, bad, 0)), SpecError);
  for (const double bad : {-0.1, HUGE_VAL, std::nan("")})
    EXPECT_THROW(tensors_of(noisy(plain, 0, bad)), SpecError);
}

}  // namespace
}  // namespace cellwright
