// sample_test.cpp: what is drawn, and what a model file refuses.
#include "train/sample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/file.h"
#include "cellwright/error.h"
#include "nn/test_help.h"
#include "support/data_path.h"
#include "train/checkpoint.h"

namespace cellwright {
namespace {

using test::engine;
using test::stack;

// A model whose logits are the head's bias, whatever it has read: log p.
std::unique_ptr<Model<float>> fixed_model(const std::vector<double>& p) {
  auto model = std::make_unique<Model<float>>(stack(static_cast<int>(p.size()), 2, {{"rnn", 3}}), engine(1));
  std::vector<float> bias;
  for (const double x : p) bias.push_back(static_cast<float>(std::log(x)));
  model->set(model->tensors().size() - 1, bias);
  return model;
}

std::vector<std::int32_t> draw(Model<float>& model, const SampleOptions& options) {
  Sampler sampler(model);
  sampler.read({0});
  std::vector<std::int32_t> tokens;
  sampler.draw(options, [&](std::int32_t t) {
    tokens.push_back(t);
    return true;
  });
  return tokens;
}

std::map<std::int32_t, double> frequencies(const std::vector<std::int32_t>& tokens) {
  std::map<std::int32_t, double> f;
  for (const std::int32_t t : tokens) f[t] += 1.0 / static_cast<double>(tokens.size());
  return f;
}

TEST(Sampler, DrawsWithTheModelsProbabilities) {
  const auto model = fixed_model({0.5, 0.2, 0.3});
  SampleOptions o;
  o.length = 20000;
  auto f = frequencies(draw(*model, o));
  EXPECT_NEAR(f[0], 0.5, 0.015);
  EXPECT_NEAR(f[1], 0.2, 0.015);
  o.temperature = 0.5;  // squares: 25 : 4 : 9
  f = frequencies(draw(*model, o));
  EXPECT_NEAR(f[0], 25.0 / 38, 0.015);
  EXPECT_NEAR(f[2], 9.0 / 38, 0.015);
}

// NaN among the logits once went into std::sort, which may then leave its array.
TEST(Sampler, RefusesLogitsThatAreNoNumbers) {
  for (const double broken : {std::nan(""), HUGE_VAL}) {
    const auto model = fixed_model(std::vector<double>(100, broken));
    SampleOptions o;
    o.top_p = 0.9;
    EXPECT_THROW(draw(*model, o), FormatError);
  }
  SampleOptions o;
  o.length = 50;
  EXPECT_EQ(frequencies(draw(*fixed_model({0.5, 0, 0.5}), o)).count(1),
            0u);  // minus infinity is a number here
}

TEST(Sampler, TopKTopPAndNeverCutTheTail) {
  const auto model = fixed_model({0.1, 0.4, 0.2, 0.3});
  SampleOptions o;
  o.length = 5000;
  o.top_k = 2;
  auto f = frequencies(draw(*model, o));
  EXPECT_EQ(f.size(), 2u);
  EXPECT_NEAR(f[1], 4.0 / 7, 0.03);
  o.top_k = 0;
  o.top_p = 0.69;
  f = frequencies(draw(*model, o));
  EXPECT_EQ(f.size(), 2u);
  EXPECT_NEAR(f[3], 3.0 / 7, 0.03);
  o.top_p = 1;
  o.never = 1;
  f = frequencies(draw(*model, o));
  EXPECT_EQ(f.count(1), 0u);
  EXPECT_NEAR(f[3], 0.5, 0.03);
  o.never = -1;
  o.temperature = 0;
  f = frequencies(draw(*model, o));
  EXPECT_EQ(f.size(), 1u);
  EXPECT_EQ(f.begin()->first, 1);
}

TEST(Sampler, IsAFunctionOfItsSeedAndALongerSampleBeginsWithAShorter) {
  Model<float> model(stack(9, 4, {{"lstm", 8}}), engine(2));
  model.initialise(1);
  SampleOptions o;
  o.length = 50;
  const auto a = draw(model, o);
  EXPECT_EQ(a, draw(model, o));
  o.length = 20;
  EXPECT_EQ(std::vector<std::int32_t>(a.begin(), a.begin() + 20), draw(model, o));
  o.seed = 2;
  EXPECT_NE(std::vector<std::int32_t>(a.begin(), a.begin() + 20), draw(model, o));
}

TEST(Sampler, ImpossibleOptionsAreRefused) {
  const auto model = fixed_model({0.5, 0.5});
  for (const auto& change : std::vector<std::function<void(SampleOptions&)>>{
           [](auto& o) { o.temperature = -1; }, [](auto& o) { o.temperature = NAN; },
           [](auto& o) { o.top_p = 0; }, [](auto& o) { o.top_p = 1.5; }, [](auto& o) { o.top_k = -1; },
           [](auto& o) { o.length = -1; }}) {
    SampleOptions o;
    change(o);
    EXPECT_THROW(draw(*model, o), SpecError);
  }
}

TEST(ModelFile, KeepsModelAndVocabulary) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "cellwright_model.safetensors";
  Model<float> model(stack(3, 2, {{"lstm_layernorm", 4}, {"slstm", 2}}), engine(1));
  model.initialise(1);
  const Vocabulary vocabulary("characters", {'a', 'b', 0xC3, 0xA9}, {0, 1, 2, 4});
  save_model(path, model, vocabulary, nullptr, false);
  const SavedModel saved = load_model(path);
  EXPECT_EQ(saved.vocabulary.entry(2), "é");
  EXPECT_FALSE(saved.state.has_value());
  EXPECT_TRUE(saved.history().empty());
  Model<float> back(saved.spec, engine(2));
  saved.apply(back);
  for (std::size_t i = 0; i < model.tensors().size(); ++i) EXPECT_EQ(model.get(i), back.get(i));
}

TEST(ModelFile, HostileMetadataIsRefused) {
  const std::string path = testing::TempDir() + "cellwright_hostile.safetensors";
  Model<float> model(stack(2, 2, {{"rnn", 2}}), engine(1));
  save_model(path, model, Vocabulary("characters", {'a', 'b'}, {0, 1, 2}), nullptr, false);
  const SafetensorsFile good = read_safetensors(path);
  const std::string json = good.metadata.at("cellwright");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = json;
    return text.replace(text.find(from), from.size(), to);
  };
  const std::string deep(200000, '[');
  for (const std::string& bad :
       {std::string(), std::string("[]"), std::string("{}"), deep,
        "{\"spec\":" + deep + std::string(200000, ']') + "}", with("\"units\":2", "\"units\":3"),
        with("\"units\":2", "\"units\":1000000"), with("\"classes\":2", "\"classes\":3"),
        with("\"format\":1", "\"format\":9"), with("cell rnn", "cell "),
        with("\"format\":1", "\"training\":{},\"format\":1"),
        with("\"format\":1", "\"training\":{\"history\":7},\"format\":1")}) {
    SafetensorsFile file = good;
    file.metadata["cellwright"] = bad;
    write_safetensors(path, file);
    EXPECT_THROW(load_model(path), Error) << bad.substr(0, 60);
  }
}

TEST(ModelFile, CutAnywhereIsRefusedInOneLine) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "cellwright_cut.safetensors";
  Model<float> model(stack(2, 2, {{"rnn", 2}}), engine(1));
  save_model(path, model, Vocabulary("characters", {'a', 'b'}, {0, 1, 2}), nullptr, false);
  const std::string whole = read_file(path);
  for (std::size_t n = 0; n < whole.size(); n += 7) {
    write_file_atomically(path, std::string_view(whole).substr(0, n));
    try {
      load_model(path);
      FAIL() << n;
    } catch (const FormatError& e) {
      EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace cellwright
