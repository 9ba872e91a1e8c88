// head_test.cpp: the head over a large vocabulary, where rows come in chunks and classes in tiles: loss and
// gradient against their definition, the same bits however the work is cut, and what it holds in memory.
#include "nn/head.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "base/rng.h"
#include "support/counted_new.h"

namespace cellwright {
namespace {

template <class T>
AlignedArray<T> random_array(std::size_t n, const char* name, double size) {
  AlignedArray<T> a(n);
  const Random random(3, hash_name(name));
  for (std::size_t i = 0; i < n; ++i) a[i] = static_cast<T>(size * random.normal(i));
  return a;
}

// A head with what it reads and writes; every seventh target does not count.
template <class T>
struct Case {
  int inputs, classes, steps, lanes;
  AlignedArray<T> weights, bias, h, d_weights, d_bias, d_h;
  std::vector<std::int32_t> targets;

  Case(int i, int c, int s, int l) : inputs(i), classes(c), steps(s), lanes(l) {
    const std::size_t packed = kernels::packed_size<T>(c, i), rows = static_cast<std::size_t>(s * l);
    std::vector<T> plain(static_cast<std::size_t>(c * i));
    const AlignedArray<T> w = random_array<T>(plain.size(), "weights", 0.5);
    weights = AlignedArray<T>(packed);
    kernels::pack(w.data(), i, 0, c, 0, i, weights.data());
    bias = random_array<T>(static_cast<std::size_t>(c), "bias", 1);
    h = random_array<T>(rows * static_cast<std::size_t>(i), "h", 1);
    const Random random(3, hash_name("targets"));
    for (std::size_t r = 0; r < rows; ++r)
      targets.push_back(
          r % 7 == 3 ? -1 : static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(c), r)));
    d_weights = AlignedArray<T>(packed);
    d_bias = AlignedArray<T>(padded<T>(static_cast<std::size_t>(c)));
    d_h = AlignedArray<T>(h.size());
  }

  typename Head<T>::Rows rows(int first_step = 0) const {
    return {h.data(), targets.data(), steps, lanes, first_step};
  }
  typename Head<T>::Gradients gradients(bool fresh, T smoothing = 0) {
    return {T(0.5), d_weights.data(), d_bias.data(), d_h.data(), smoothing, fresh};
  }
  std::vector<T> unpacked(const AlignedArray<T>& packed) const {
    std::vector<T> plain(static_cast<std::size_t>(classes * inputs));
    kernels::unpack(packed.data(), 0, classes, 0, inputs, plain.data(), inputs);
    return plain;
  }
};

template <class T>
bool same_bits(const AlignedArray<T>& a, const AlignedArray<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

// In double with 1,000 classes: two strips of tiles, the last tile narrow.
TEST(Head, LossAndGradientAreThoseOfTheDefinition) {
  for (const double smoothing : {0.0, 0.1}) {
    Case<double> c(5, 1000, 3, 4);
    ThreadPool pool(1);
    Head<double> head(c.inputs, c.classes, kernels::kernels<double>(), pool);
    head.bind(c.weights.data(), c.bias.data());
    c.d_weights.fill(std::nan(""));
    c.d_bias.fill(std::nan(""));
    const auto g = c.gradients(true, smoothing);
    const double loss = head.loss(c.rows(1), &g);
    const std::vector<double> w = c.unpacked(c.weights), d_w = c.unpacked(c.d_weights);
    std::vector<double> expected_w(w.size()), expected_b(1000), expected_h(c.h.size());
    double expected = 0;
    for (std::size_t r = 4; r < 12; ++r) {
      if (c.targets[r] < 0) continue;
      std::vector<double> p(1000);
      double sum = 0;
      for (std::size_t k = 0; k < 1000; ++k) {
        double logit = c.bias[k];
        for (std::size_t i = 0; i < 5; ++i) logit += w[k * 5 + i] * c.h[r * 5 + i];
        sum += p[k] = std::exp(logit);
      }
      for (std::size_t k = 0; k < 1000; ++k) {
        const bool hit = k == static_cast<std::size_t>(c.targets[r]);
        if (hit) {
          expected -= std::log(p[k] / sum);
          EXPECT_NEAR(head.row_nats()[r], -std::log(p[k] / sum), 1e-12);
        }
        const double d = 0.5 * (p[k] / sum - (hit ? 1 - smoothing : 0) - smoothing / 1000);
        expected_b[k] += d;
        for (std::size_t i = 0; i < 5; ++i) {
          expected_w[k * 5 + i] += d * c.h[r * 5 + i];
          expected_h[r * 5 + i] += d * w[k * 5 + i];
        }
      }
    }
    EXPECT_NEAR(loss, expected, 1e-11);
    for (std::size_t i = 0; i < w.size(); ++i) ASSERT_NEAR(d_w[i], expected_w[i], 1e-13) << i;
    for (std::size_t k = 0; k < 1000; ++k) ASSERT_NEAR(c.d_bias[k], expected_b[k], 1e-13) << k;
    for (std::size_t i = 0; i < c.h.size(); ++i) ASSERT_NEAR(c.d_h[i], expected_h[i], 1e-13) << i;
    EXPECT_EQ(loss, head.loss(c.rows(1), nullptr)) << "without gradients the loss is the same to the bit";
  }
}

// 20,000 classes in float: at most 209 rows at a time, so chunks of steps with 50 lanes, of lanes with 230.
TEST(Head, BitsAreThoseOfAnyThreadsAndOfAnyCut) {
  for (const int lanes : {3, 50, 230}) {
    Case<float> c(18, 20000, lanes == 3 ? 2 : 5, lanes);
    ThreadPool one(1);
    Head<float> head(c.inputs, c.classes, kernels::kernels<float>(), one);
    head.bind(c.weights.data(), c.bias.data());
    const auto g = c.gradients(true);
    const double loss = head.loss(c.rows(), &g);
    for (const int threads : {1, 2, 3, 5}) {
      ThreadPool pool(threads);
      Head<float> other(c.inputs, c.classes, kernels::kernels<float>(), pool);
      other.bind(c.weights.data(), c.bias.data());
      Case<float> d(c.inputs, c.classes, c.steps, lanes);
      // Step by step from the last, as stretches are, added to what is there.
      double sum = 0;
      for (int t = c.steps - 1; t >= 0; --t) {
        const auto at = static_cast<std::size_t>(t * lanes);
        typename Head<float>::Rows rows{d.h.data() + at * 18, d.targets.data() + at, 1, lanes, 0};
        const typename Head<float>::Gradients part{0.5f, d.d_weights.data(), d.d_bias.data(),
                                                   d.d_h.data() + at * 18};
        sum += other.loss(rows, &part);
      }
      EXPECT_NEAR(sum, loss, 1e-9 * loss);
      EXPECT_TRUE(same_bits(c.d_weights, d.d_weights)) << lanes << " lanes, " << threads << " threads";
      EXPECT_TRUE(same_bits(c.d_bias, d.d_bias)) << lanes << " lanes, " << threads << " threads";
      EXPECT_TRUE(same_bits(c.d_h, d.d_h)) << lanes << " lanes, " << threads << " threads";
      EXPECT_EQ(other.loss(d.rows(), nullptr), loss) << "loss alone, " << threads << " threads";
    }
  }
}

// PTB small's window over 50,000 classes: logits of the window would be 80 MB. The transpose of the weights
// is counted too.
TEST(Head, HoldsLessThanTheLogitsOfAWindow) {
  Case<float> c(64, 50000, 20, 20);
  const std::size_t logits = std::size_t{20} * 20 * 50000 * sizeof(float);
  for (const int threads : {1, 2}) {
    ThreadPool pool(threads);
    Head<float> head(c.inputs, c.classes, kernels::kernels<float>(), pool);
    head.bind(c.weights.data(), c.bias.data());
    const auto alone = test::bytes_during([&] { head.loss(c.rows(), nullptr); });
    EXPECT_LT(alone, logits / 20) << "loss alone";
    const auto g = c.gradients(true);
    const auto both = test::bytes_during([&] { head.loss(c.rows(), &g); });
    EXPECT_LT(alone + both, logits / 2);
    EXPECT_LE(alone + both, head.fixed_bytes() + head.window_bytes(20, 20, true) +
                                static_cast<std::size_t>(threads) * (1 << 20))
        << "what is predicted";
    EXPECT_EQ(test::bytes_during([&] { head.loss(c.rows(), &g); }), 0u) << "nothing the second time";
  }
}

}  // namespace
}  // namespace cellwright
