// sequence_model_test.cpp: gradients of the whole model through every reading, loss, direction and padding;
// neighbours, threads and windows; specifications from files.
#include "nn/sequence_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "cellwright/error.h"
#include "nn/test_help.h"

namespace cellwright {
namespace {

using test::engine;

LossSpec loss_of(const std::string& kind, int outputs) {
  LossSpec spec;
  spec.kind = kind;
  spec.outputs = outputs;
  if (kind == "quantile") spec.quantiles = {0.2, 0.8};
  return spec;
}

SequenceSpec numbers(const std::string& loss, int outputs, Reading reading,
                     LayerSpec::Direction direction = LayerSpec::Direction::forward) {
  SequenceSpec spec;
  spec.inputs = 3;
  spec.layers = {test::layer("lstm", 4), test::layer("gru", 3)};
  for (LayerSpec& layer : spec.layers) layer.direction = direction;
  spec.reading = reading;
  spec.loss = loss_of(loss, outputs);
  return spec;
}

template <class T>
void randomise(TrainedParameters<T>& model, std::uint64_t seed) {
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    const Random random(seed, hash_name(model.tensors()[i].name));
    std::vector<T> values = model.get(i);
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<T>(0.5 * random.normal(k));
    model.set(i, values);
  }
}

// Sequences of the lengths given, with what stands in the padding chosen to show if it is read.
template <class T>
struct Data {
  int steps, lanes;
  std::vector<T> inputs, targets;
  std::vector<std::int32_t> symbols;
  std::vector<std::uint8_t> mask, counted;
  std::vector<std::vector<std::int32_t>> labels;  // for ctc

  Data(const SequenceModel<T>& model, const std::vector<int>& lengths, int s)
      : steps(s), lanes(static_cast<int>(lengths.size())), mask(mask_of_lengths(lengths, s)) {
    const SequenceSpec& spec = model.spec();
    const Random random(5, 1);
    const std::size_t rows = mask.size();
    std::size_t k = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      for (int i = 0; i < spec.inputs; ++i)
        inputs.push_back(static_cast<T>(mask[r] ? random.normal(k++) : 1e3));
      if (spec.symbols > 0)
        symbols.push_back(
            static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(spec.symbols), 1000 + r)));
    }
    const std::size_t heads = spec.reading == Reading::each ? rows : lengths.size();
    for (std::size_t r = 0; r < heads; ++r) {
      for (int i = 0; i < model.loss().target_width(); ++i) {
        const double u = random.uniform(k++, 7);
        targets.push_back(static_cast<T>(spec.loss.kind == "softmax"     ? std::floor(spec.loss.outputs * u)
                                         : spec.loss.kind == "bernoulli" ? std::round(u)
                                                                         : 2 * u - 1));
      }
      counted.push_back(heads < 3 || r % 5 != 2 || model.loss().of_lanes());
    }
    for (std::size_t b = 0; b < lengths.size() && spec.loss.kind == "ctc"; ++b)
      labels.push_back({static_cast<std::int32_t>(b % 2), 2});
  }
  SequenceWindow<T> window(bool padded = true) const {
    return {steps,
            lanes,
            inputs.empty() ? nullptr : inputs.data(),
            symbols.empty() ? nullptr : symbols.data(),
            padded ? mask.data() : nullptr,
            targets.data(),
            counted.data(),
            labels.empty() ? nullptr : &labels};
  }
};

// language.md's rule, as model_test.cpp.
void expect_gradients(SequenceModel<double>& model, const SequenceWindow<double>& window,
                      const std::string& what) {
  randomise(model, 3);
  StackState<double> state = model.make_state(window.lanes);
  model.train(window, state);
  std::vector<std::vector<double>> all;
  double largest = 0;
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    all.push_back(model.gradient(i));
    for (const double g : all.back()) largest = std::max(largest, std::abs(g));
  }
  EXPECT_GT(largest, 1e-3) << what;
  for (std::size_t i = 0; i < all.size(); ++i) {
    double of_tensor = 0;
    for (const double g : all[i]) of_tensor = std::max(of_tensor, std::abs(g));
    const std::vector<double> values = model.get(i);
    for (std::size_t k = 0; k < values.size(); ++k) {
      double side[2];
      for (int s = 0; s < 2; ++s) {
        std::vector<double> moved = values;
        moved[k] += s == 0 ? -1e-5 : 1e-5;
        model.set(i, moved);
        state = model.make_state(window.lanes);
        const SequenceLoss loss = model.evaluate(window, state);
        side[s] = (loss.sum + loss.cell_losses) / static_cast<double>(loss.count);
      }
      model.set(i, values);
      EXPECT_NEAR(all[i][k], (side[1] - side[0]) / 2e-5, 1e-6 * std::max(of_tensor, 1e-3 * largest))
          << what << " " << model.tensors()[i].name << "[" << k << "]";
    }
  }
}

TEST(SequenceModel, GradientsOfEveryLossAndReadingAreThoseOfDifferences) {
  for (const std::string& kind : loss_kinds()) {
    for (const Reading reading : {Reading::each, Reading::last, Reading::mean}) {
      if (reading != Reading::each && (kind == "ctc" || kind == "esr")) continue;
      SequenceModel<double> model(numbers(kind, kind == "esr" ? 1 : 3, reading), engine(2));
      const Data<double> data(model, {5, 3}, 5);
      expect_gradients(model, data.window(), kind + " " + name_of(reading));
    }
  }
}

TEST(SequenceModel, GradientsOfBothDirectionsWithPaddingAreThoseOfDifferences) {
  for (const Reading reading : {Reading::each, Reading::last, Reading::mean}) {
    for (const bool skip : {false, true}) {
      SequenceSpec spec = numbers("softmax", 3, reading, LayerSpec::Direction::both);
      spec.skip = skip;
      SequenceModel<double> model(spec, engine(1));
      const Data<double> data(model, {2, 5, 4}, 5);
      expect_gradients(model, data.window(), std::string("both ") + name_of(reading));
    }
  }
}

TEST(SequenceModel, GradientsOfSymbolsAndOfACellsOwnLossAreThoseOfDifferences) {
  SequenceSpec spec = numbers("softmax", 3, Reading::each);
  spec.inputs = 0;
  spec.symbols = 5;
  spec.embedding = 3;
  spec.layers[1].cell_text = "cell own(x) -> h\nh = tanh(W·[h[t-1], x] + b)\nloss small = sum(square(h))\n";
  SequenceModel<double> model(spec, engine(2));
  const Data<double> data(model, {4, 2, 4}, 4);
  expect_gradients(model, data.window(), "symbols");
}

TEST(SequenceModel, LastIsTheLastStepOfEachDirection) {
  SequenceSpec spec = numbers("mse", 6, Reading::last, LayerSpec::Direction::both);
  spec.layers.resize(1);
  spec.layers[0].units = 3;
  SequenceSpec steps = spec;
  steps.reading = Reading::each;
  SequenceModel<double> once(spec, engine(1)), each(steps, engine(1));
  randomise(once, 4);
  randomise(each, 4);
  for (SequenceModel<double>* model : {&once, &each}) {  // the head hands through what it reads
    std::vector<double> unit(36, 0.0);
    for (std::size_t i = 0; i < 6; ++i) unit[i * 7] = 1;
    model->set(model->tensors().size() - 2, unit);
    model->set(model->tensors().size() - 1, std::vector<double>(6, 0.0));
  }
  const Data<double> data(once, {3, 5}, 5);
  SequenceWindow<double> window = data.window();
  window.targets = nullptr;
  StackState<double> state = once.make_state(2);
  once.evaluate(window, state);
  state = each.make_state(2);
  each.evaluate(window, state);
  for (std::size_t b = 0; b < 2; ++b) {
    const std::size_t last = b == 0 ? 2 : 4;
    for (std::size_t j = 0; j < 6; ++j)
      EXPECT_EQ(once.outputs()[b * 6 + j], each.outputs()[((j < 3 ? last : 0) * 2 + b) * 6 + j]);
  }
}

TEST(SequenceModel, ALaneIsThatOfItsSequenceAloneToTheBit) {
  for (const Reading reading : {Reading::each, Reading::last, Reading::mean}) {
    SequenceModel<float> model(numbers("bernoulli", 4, reading, LayerSpec::Direction::both), engine(2));
    randomise(model, 6);
    const Data<float> data(model, {7, 4, 9}, 9);
    StackState<float> state = model.make_state(3);
    model.evaluate(data.window(), state);
    const std::size_t rows = reading == Reading::each ? 27 : 3;
    const std::vector<float> together(model.outputs(), model.outputs() + rows * 4);
    std::vector<float> inputs;
    for (std::size_t t = 0; t < 4; ++t)
      inputs.insert(inputs.end(), &data.inputs[(t * 3 + 1) * 3], &data.inputs[(t * 3 + 1) * 3] + 3);
    SequenceWindow<float> alone;
    alone.steps = 4;
    alone.lanes = 1;
    alone.inputs = inputs.data();
    state = model.make_state(1);
    model.evaluate(alone, state);
    for (std::size_t t = 0; t < (reading == Reading::each ? 4u : 1u); ++t) {
      EXPECT_EQ(std::memcmp(&together[(t * 3 + 1) * 4], model.outputs() + t * 4, 4 * sizeof(float)), 0)
          << name_of(reading) << t;
    }
  }
}

TEST(SequenceModel, BitsAreThoseOfAnyThreadsAndWindowsCarryTheState) {
  std::vector<float> gradients[3];
  int at = 0;
  for (const int threads : {1, 2, 7}) {
    SequenceModel<float> model(numbers("softmax", 3, Reading::each), engine(threads));
    randomise(model, 6);
    const Data<float> data(model, std::vector<int>(12, 20), 20);
    StackState<float> state = model.make_state(12);
    const SequenceLoss whole = model.train(data.window(false), state);
    gradients[at++].assign(model.gradients(), model.gradients() + model.size());
    state = model.make_state(12);
    double sum = 0;
    for (int first = 0; first < 20; first += 5) {
      SequenceWindow<float> w = data.window(false);
      const auto r = static_cast<std::size_t>(first) * 12;
      w.steps = 5;
      w.inputs += r * 3;
      w.targets += r;
      w.counted += r;
      sum += model.evaluate(w, state).sum;
    }
    EXPECT_NEAR(sum, whole.sum, 1e-9 * whole.sum);
  }
  for (int i = 1; i < 3; ++i)
    EXPECT_EQ(std::memcmp(gradients[0].data(), gradients[i].data(), gradients[0].size() * sizeof(float)), 0);
}

TEST(SequenceModel, WhatDoesNotFitIsRefused) {
  SequenceModel<double> model(numbers("softmax", 3, Reading::each), engine(1));
  Data<double> data(model, {3, 2}, 3);
  StackState<double> state = model.make_state(3);
  EXPECT_THROW(model.train(data.window(), state), ShapeError);
  state = model.make_state(2);
  data.targets[0] = 3;
  EXPECT_THROW(model.train(data.window(), state), ShapeError);
  SequenceSpec both = numbers("mse", 1, Reading::each);
  both.symbols = 4;
  EXPECT_THROW(SequenceModel<double>(both, engine(1)), SpecError);
  both.inputs = both.symbols = 0;
  EXPECT_THROW(SequenceModel<double>(both, engine(1)), SpecError);
  EXPECT_THROW(SequenceModel<double>(numbers("nothing", 1, Reading::each), engine(1)), SpecError);
}

TEST(SequenceModel, SpecificationsGoToJsonAndBackAndBadOnesAreRefused) {
  SequenceSpec spec = numbers("quantile", 2, Reading::mean, LayerSpec::Direction::both);
  spec.skip = true;
  spec.weight_noise = 0.5;
  EXPECT_EQ(to_json(sequence_spec_from_json(to_json(spec))), to_json(spec));
  spec.inputs = 0;
  spec.symbols = 9;
  spec.embedding = 4;
  spec.embedding_dropout = 0.25;
  EXPECT_EQ(to_json(sequence_spec_from_json(to_json(spec))), to_json(spec));
  const std::string good = to_json(numbers("mse", 1, Reading::each));
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"\"inputs\":3", "\"inputs\":-1"},
                                                        {"\"inputs\":3", "\"inputs\":0"},
                                                        {"\"each\"", "\"some\""},
                                                        {"\"mse\"", "\"x\""},
                                                        {"\"loss\"", "\"lost\""},
                                                        {"\"layers\"", "\"players\""}}) {
    std::string bad = good;
    bad.replace(bad.find(from), from.size(), to);
    EXPECT_THROW(sequence_spec_from_json(bad), FormatError) << to;
  }
  EXPECT_THROW(sequence_spec_from_json("[]"), FormatError);
  EXPECT_THROW(sequence_spec_from_json("{"), FormatError);
}

}  // namespace
}  // namespace cellwright
