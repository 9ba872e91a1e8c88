// label_smoothing_test.cpp: the smoothed loss's gradient, against PyTorch and differences; the loss that is
// told stays the plain one.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "cellwright/error.h"
#include "kernels/kernels.h"
#include "kernels/softmax_row.h"
#include "nn/regulariser_test_help.h"
#include "support/data_path.h"

namespace cellwright {
namespace {

using test::stack;

// From tools/make_label_smoothing_oracle.py. The smoothed loss is put together from plain ones.
template <class T>
void expect_pytorchs(double tolerance) {
  const auto oracle = nlohmann::json::parse(read_file(test::fixture_path("oracle/label_smoothing.json")));
  ASSERT_GE(oracle["cases"].size(), 6u);
  for (const auto& stored : oracle["cases"]) {
    const double smoothing = stored["smoothing"];
    for (std::size_t row = 0; row < stored["targets"].size(); ++row) {
      const auto exact = stored["logits"][row].get<std::vector<double>>();
      const auto gradient = stored["gradient"][row].get<std::vector<double>>();
      const int classes = static_cast<int>(exact.size()), target = stored["targets"][row];
      const AlignedArray<T> logits = [&] {
        AlignedArray<T> x(exact.size());
        std::copy(exact.begin(), exact.end(), x.begin());
        return x;
      }();
      for (const std::string& simd : kernels::available_targets()) {
        const auto& k = kernels::kernels<T>(simd);
        const auto plain = [&](int c) {
          return softmax_cross_entropy(k, logits.data(), classes, c, T(0), T(1), nullptr);
        };
        double everywhere = 0;
        for (int c = 0; c < classes; ++c) everywhere += plain(c);
        const double loss = stored["loss"][row];
        EXPECT_NEAR((1 - smoothing) * plain(target) + smoothing / classes * everywhere, loss,
                    tolerance * (1 + loss))
            << simd;
        AlignedArray<T> d(exact.size());
        EXPECT_EQ(softmax_cross_entropy(k, logits.data(), classes, target, static_cast<T>(smoothing), T(0.5),
                                          d.data()),
                  plain(target))
            << "the loss that is told is not smoothed";
        for (std::size_t c = 0; c < exact.size(); ++c)
          EXPECT_NEAR(static_cast<double>(d[c]), 0.5 * gradient[c], tolerance) << simd << " class " << c;
      }
    }
  }
}

TEST(LabelSmoothing, GradientOfARowIsPyTorchs) {
  expect_pytorchs<double>(1e-13);
  expect_pytorchs<float>(2e-6);
}

TEST(LabelSmoothing, GradientOfAModelIsThatOfDifferences) {
  ModelSpec spec = stack(5, 3, {{"lstm", 4}});
  spec.label_smoothing = 0.2;
  Model<double> model(spec, test::engine(1));
  test::randomise(model, 1);
  const test::Tokens tokens(5, 3, 5, 30);
  const TokenWindow window = tokens.window();
  // Σ over classes of the loss against that class everywhere is what the uniform part of the target weighs.
  const auto plain = [&](const std::int32_t* targets) {
    TokenWindow w = window;
    w.targets = targets;
    ModelState<double> state = model.make_state(3);
    return test::per_token(model.evaluate_window(w, state));
  };
  test::expect_gradients(model, window, [&] {
    double sum = 0.8 * plain(window.targets);
    for (int c = 0; c < 5; ++c) sum += 0.2 / 5 * plain(std::vector<std::int32_t>(15, c).data());
    return sum;
  });
  EXPECT_EQ(test::per_token(test::train_once(model, window)), plain(window.targets))
      << "the training loss that is told is the plain one";
}

TEST(LabelSmoothing, RefusesImpossibleRates) {
  ModelSpec spec = stack(5, 3, {{"lstm", 4}});
  for (const double bad : {-0.1, 1.0, std::nan("")}) {
    spec.label_smoothing = bad;
    EXPECT_THROW(tensors_of(spec), SpecError) << bad;
  }
}

}  // namespace
}  // namespace cellwright
