// What units do: figures with known answers, and a search that finds nothing in untrained networks.
#include "explain/units.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.h"
#include "cellwright/error.h"
#include "explain/explain_test_help.h"
#include "explain/text_features.h"

namespace cellwright {
namespace {

/// Words, numbers, quotations and brackets in lines.
std::vector<std::string> some_text(std::size_t least, std::uint64_t seed) {
  const Random random(seed, hash_name("test.text"));
  std::uint64_t n = 0;
  const auto draw = [&](std::uint64_t below) { return random.below(below, n++); };
  std::string text;
  std::size_t line = 0;
  while (text.size() < least) {
    const std::uint64_t kind = draw(12);
    const std::string open = kind == 0   ? "\""
                             : kind == 1 ? "("
                                         : "",
                      close = kind == 0   ? "\""
                              : kind == 1 ? ")"
                                          : "";
    text += open;
    for (std::uint64_t w = 0, words = open.empty() ? 1 : 2 + draw(5); w < words; ++w) {
      if (w > 0) text += ' ';
      const std::uint64_t letters = 1 + draw(7);
      for (std::uint64_t i = 0; i < letters; ++i)
        text += kind == 2 ? static_cast<char>('0' + draw(10))
                          : static_cast<char>((i == 0 && kind < 5 ? 'A' : 'a') + draw(8));
    }
    text += close;
    const bool end = text.size() - line > 40 + draw(20);
    text += end ? '\n' : ' ';
    if (end) line = text.size();
  }
  std::vector<std::string> pieces;
  for (char c : text) pieces.emplace_back(1, c);
  return pieces;
}

std::vector<std::int32_t> codes(const std::vector<std::string>& pieces) {
  std::vector<std::int32_t> tokens;
  for (const std::string& p : pieces)
    tokens.push_back(static_cast<std::int32_t>(static_cast<unsigned char>(p[0]) % 128));
  return tokens;
}

TEST(Units, HorizonAndGatesHaveKnownValues) {
  LayerSpec l;
  l.cell_text = "cell leak(x) -> y\ng = σ(b_g)\ny = 0.9 ⊙ y[t-1] + g ⊙ tanh(W·x)\n";
  l.cell_file = "leak.cell";
  l.units = 3;
  ModelSpec spec;
  spec.classes = 128;
  spec.embedding = 4;
  spec.layers = {l};
  Model<float> model(spec, test::engine(1));
  model.initialise(1);
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    if (model.tensors()[i].name == "layers.0.b_g") model.set(i, {-5, 0, 5});
  }
  const auto pieces = some_text(600, 1);
  const UnitReport r = examine_units(model, codes(pieces), pieces);
  ASSERT_EQ(r.belts.size(), 1u);
  EXPECT_EQ(r.belts[0].coefficient, "0.9");
  for (double h : r.belts[0].horizon) EXPECT_NEAR(h, -1 / std::log(0.9), 1e-4);
  ASSERT_EQ(r.gates.size(), 1u);
  EXPECT_EQ(r.gates[0].shut, (std::vector<double>{1, 0, 0}));
  EXPECT_EQ(r.gates[0].open, (std::vector<double>{0, 0, 1}));
  EXPECT_NEAR(r.gates[0].mean[1], 0.5, 1e-6);
}

TEST(Units, FeaturesAreThoseOfTheText) {
  std::vector<std::string> pieces;
  for (char c : std::string("a \"Bc\" (1) {x\n")) pieces.emplace_back(1, c);
  const auto of = [&](const std::string& name) {
    for (const TextFeature& f : text_features(pieces, {"c\""}, 1)) {
      if (f.name == name) return f.labels;
    }
    return std::vector<int>();
  };
  //                                                 a  ␣  "  B  c  "  ␣  (  1  )  ␣  {  x  ⏎
  EXPECT_EQ(of("inside quotes"), (std::vector<int>{0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(of("inside brackets"), (std::vector<int>{0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1}));
  EXPECT_EQ(of("after a space"), (std::vector<int>{0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1}));
  EXPECT_EQ(of("at a digit"), (std::vector<int>{0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(of("after 'c\"'"), (std::vector<int>{0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_TRUE(of("position in the line").empty());  // too few lines
}

TEST(Units, InformationHasKnownValues) {
  std::vector<int> labels;
  std::vector<float> same, other;
  for (int i = 0; i < 800; ++i) {
    labels.push_back(i % 2);
    same.push_back(static_cast<float>(i % 2) + 0.001f * static_cast<float>(i / 8 % 100));
    other.push_back(static_cast<float>(i / 2 % 4));
  }
  const auto bins = quantile_bins(same.data(), same.size(), 1, 8),
             unrelated = quantile_bins(other.data(), other.size(), 1, 8);
  EXPECT_NEAR(mutual_information(bins.data(), 8, labels, 2, 0), std::log(2.0), 1e-12);
  EXPECT_NEAR(mutual_information(unrelated.data(), 8, labels, 2, 0), 0, 1e-12);
  EXPECT_NEAR(entropy(labels, 2), std::log(2.0), 1e-12);
}

// Benjamini & Hochberg 1995, the example of their section 3.2: 15 p-values, at 0.05 the four smallest are
// rejected.
TEST(Units, TheFalseDiscoveryRateIsThatOfThePaper) {
  const std::vector<double> p = {0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                                 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};
  const std::vector<bool> rejected = benjamini_hochberg(p, 0.05);
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_EQ(rejected[i], i < 4) << i;
}

TEST(Units, UntrainedNetworksTrackNothing) {
  const auto pieces = some_text(3000, 5);
  const auto tokens = codes(pieces);
  ASSERT_GE(text_features(pieces, {}, 20).size(), 6u);
  int silent = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    ModelSpec spec = test::stack(128, 8, {{"lstm", 16}});
    Model<float> model(spec, test::engine(2));
    model.initialise(seed);
    UnitOptions options;
    options.seed = seed + 100;
    silent += examine_units(model, tokens, pieces, options).trackers.empty();
  }
  EXPECT_GE(silent, 19);
}

TEST(Units, TooShortATextIsRefused) {
  ModelSpec spec = test::stack(128, 8, {{"lstm", 4}});
  Model<float> model(spec, test::engine(1));
  const auto pieces = some_text(100, 5);
  EXPECT_THROW(examine_units(model, codes(pieces), pieces), SpecError);
}

}  // namespace
}  // namespace cellwright
