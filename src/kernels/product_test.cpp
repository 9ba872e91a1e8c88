// product_test.cpp: products, weight gradients and row sums against the scalar reference, and that bits do
// not depend on how the work is cut.
#include <gtest/gtest.h>

#include "cellwright/error.h"
#include "kernels/test_help.h"

namespace cellwright::kernels::test {
namespace {

/// A product of several terms into [rows, n], with everything that varies.
template <class T>
struct ProductCase {
  int rows, n;
  std::vector<int> depths;
  Start start;
  int gap;              ///< between rows, beside the row itself
  bool looped = false;  ///< fetching something beside it, from the last panel to the first

  std::vector<AlignedArray<T>> a{}, weights{};
  AlignedArray<T> bias{}, out{};
  std::ptrdiff_t out_stride = 0;
  int panels = 0;

  void prepare(std::uint32_t seed) {
    panels = (n + kPanel<T> - 1) / kPanel<T>;
    out_stride = n + gap;
    for (int k : depths) {
      a.push_back(random_array<T>(static_cast<std::size_t>(rows) * (k + gap), ++seed));
      const AlignedArray<T> matrix = random_array<T>(static_cast<std::size_t>(n) * k, ++seed);
      weights.emplace_back(packed_size<T>(n, k));
      pack(matrix.data(), k, 0, n, 0, k, weights.back().data());
    }
    bias = random_array<T>(static_cast<std::size_t>(panels) * kPanel<T>, ++seed);
    out = random_array<T>(static_cast<std::size_t>(rows * out_stride), ++seed);
  }

  /// Rows [first, last) by the table; the rest of `result` stays as in `out`.
  void run(const Kernels<T>& k, int first, int last, AlignedArray<T>& result) const {
    std::vector<std::vector<ProductTerm<T>>> terms(panels);
    std::vector<ProductPanel<T>> list(panels);
    for (int p = 0; p < panels; ++p) {
      for (std::size_t t = 0; t < depths.size(); ++t) {
        const std::ptrdiff_t stride = depths[t] + gap;
        const T* w = weights[t].data() + static_cast<std::ptrdiff_t>(p) * depths[t] * kPanel<T>;
        terms[p].push_back({a[t].data() + first * stride, stride, w, depths[t]});
      }
      list[p].out = result.data() + first * out_stride + p * kPanel<T>;
      list[p].out_stride = out_stride;
      list[p].width = std::min(kPanel<T>, n - p * kPanel<T>);
      list[p].start = start;
      list[p].bias = bias.data() + p * kPanel<T>;
      list[p].terms = terms[p].data();
      list[p].term_count = static_cast<int>(depths.size());
    }
    if (!looped) return k.product(last - first, list.data(), panels);
    const Ahead fetched[] = {{a[0].data(), 5000}, {bias.data(), 1}};
    k.loop_product(last - first, list.data(), panels, fetched, 2, true);
  }
};

template <class T>
void expect_equal(const Kernels<T>& k, const AlignedArray<T>& found, const AlignedArray<T>& expected,
                  double scale) {
  ASSERT_EQ(found.size(), expected.size());
  if (is_fused(k)) {
    for (std::size_t i = 0; i < found.size(); ++i)
      ASSERT_TRUE(same_bits(&found[i], &expected[i], 1)) << "at " << i;
  } else {
    const double tolerance = scale * std::numeric_limits<T>::epsilon();
    for (std::size_t i = 0; i < found.size(); ++i)
      ASSERT_NEAR(found[i], expected[i], tolerance) << "at " << i;
  }
}

template <class T>
class Products : public testing::Test {};
using Numbers = testing::Types<float, double>;
TYPED_TEST_SUITE(Products, Numbers);

TYPED_TEST(Products, EqualTheReferenceForAllShapesAndStarts) {
  using T = TypeParam;
  for_each_simd<T>([](const Kernels<T>& k) {
    std::uint32_t seed = 1;
    for (int rows = 1; rows <= 14; ++rows) {
      for (int n : {1, 2, 3, 5, 7, 8, 9, 11, 13, 15, 16, 17, 31, 33, 64, 70, 130}) {
        const std::vector<std::vector<int>> all_depths = {{1 + (rows * n) % 70}, {3, 1, 17}, {0, 5}};
        const auto& depths = all_depths[(rows + n) % 3];
        for (Start start : {Start::kZero, Start::kBias, Start::kAccumulate}) {
          ProductCase<T> c{rows, n, depths, start, (rows + n) % 4};
          c.prepare(seed += 100);
          AlignedArray<T> expected = c.out, found = c.out;
          c.run(kernels<T>("scalar"), 0, rows, expected);
          c.run(k, 0, rows, found);
          SCOPED_TRACE(testing::Message()
                       << rows << " rows, " << n << " columns, start " << static_cast<int>(start));
          expect_equal(k, found, expected, 200);
          if (testing::Test::HasFatalFailure()) return;
          c.looped = true;
          AlignedArray<T> looped = c.out;
          c.run(k, 0, rows, looped);
          ASSERT_TRUE(same_bits(looped.data(), found.data(), found.size()));
        }
      }
    }
  });
}

TYPED_TEST(Products, OfAStepHaveTheBitsOfOneRow) {
  using T = TypeParam;
  for_each_simd<T>([](const Kernels<T>& k) {
    Kernels<T> step = k;
    static auto product_of_step = k.step_product;
    product_of_step = k.step_product;
    step.product = [](int, const ProductPanel<T>* panels, int count) { product_of_step(panels, count); };
    std::uint32_t seed = 1;
    for (int n : {1, 8, 15, 16, 17, 33, 64, 70, 112, 130}) {
      for (const std::vector<int>& depths : std::vector<std::vector<int>>{{33}, {1, 16}, {3, 0, 70}}) {
        for (Start start : {Start::kZero, Start::kBias, Start::kAccumulate}) {
          ProductCase<T> c{1, n, depths, start, 0};
          c.prepare(seed += 100);
          AlignedArray<T> expected = c.out, found = c.out;
          c.run(k, 0, 1, expected);
          c.run(step, 0, 1, found);
          ASSERT_TRUE(same_bits(found.data(), expected.data(), found.size())) << n << " columns";
        }
      }
    }
  });
}

TYPED_TEST(Products, ManyRowsOfGreatDepthEqualTheReference) {
  using T = TypeParam;
  for_each_simd<T>([](const Kernels<T>& k) {
    ProductCase<T> c{131, 20, {700, 900}, Start::kBias, 0};  // more than one block of rows
    c.prepare(5);
    AlignedArray<T> expected = c.out, found = c.out;
    c.run(kernels<T>("scalar"), 0, c.rows, expected);
    c.run(k, 0, c.rows, found);
    expect_equal(k, found, expected, 4000);
  });
}

TYPED_TEST(Products, BitsDoNotDependOnHowRowsAreSplit) {
  using T = TypeParam;
  for_each_simd<T>([](const Kernels<T>& k) {
    ProductCase<T> c{29, 75, {37, 12}, Start::kAccumulate, 1};
    c.prepare(9);
    AlignedArray<T> whole = c.out;
    c.run(k, 0, c.rows, whole);
    for (int piece = 1; piece <= 13; ++piece) {
      AlignedArray<T> found = c.out;
      for (int row = 0; row < c.rows; row += piece) c.run(k, row, std::min(c.rows, row + piece), found);
      EXPECT_TRUE(same_bits(found.data(), whole.data(), whole.size())) << "pieces of " << piece;
    }
  });
}

TYPED_TEST(Products, PanelsOfDifferentOperandsMayStandSideBySide) {
  using T = TypeParam;
  for_each_simd<T>([](const Kernels<T>& k) {
    // Two panels read x, one reads y of another depth, one both.
    const AlignedArray<T> x = random_array<T>(5, 1), y = random_array<T>(7, 2);
    const AlignedArray<T> w = random_array<T>(12 * kPanel<T>, 3);
    const ProductTerm<T> terms[] = {{x.data(), 5, w.data(), 5}, {y.data(), 7, w.data() + 5 * kPanel<T>, 7}};
    AlignedArray<T> found(4 * kPanel<T>), expected(4 * kPanel<T>);
    for (auto [table, out] : {std::pair{&k, &found}, {&kernels<T>("scalar"), &expected}}) {
      ProductPanel<T> panels[4];
      for (int p = 0; p < 4; ++p) {
        panels[p].out = out->data() + p * kPanel<T>;
        panels[p].width = kPanel<T>;
        panels[p].terms = terms + (p == 2 ? 1 : 0);
        panels[p].term_count = p == 3 ? 2 : 1;
      }
      table->product(1, panels, 4);
    }
    expect_equal(k, found, expected, 20);
  });
}

TYPED_TEST(Products, NaNReachesExactlyTheRowsThatHoldIt) {
  using T = TypeParam;
  for_each_simd<T>([](const Kernels<T>& k) {
    ProductCase<T> c{7, 18, {9}, Start::kZero, 0};
    c.prepare(3);
    c.a[0][2 * 9 + 4] = std::numeric_limits<T>::quiet_NaN();
    AlignedArray<T> found = c.out;
    c.run(k, 0, 7, found);
    for (int r = 0; r < 7; ++r) {
      for (int j = 0; j < 18; ++j) EXPECT_EQ(std::isnan(found[r * 18 + j]), r == 2);
    }
  });
}

template <class T>
void run_gradient(const Kernels<T>& k, WeightGradient<T> g, const std::vector<GradientTerm<T>>& terms,
                  int cuts) {
  AlignedArray<T> scratch(weight_gradient_scratch<T>());
  g.scratch = scratch.data();
  g.terms = terms.data();
  g.term_count = static_cast<int>(terms.size());
  const int panels = (g.n + kPanel<T> - 1) / kPanel<T>;
  for (int c = 0; c < cuts; ++c) {
    g.first_panel = panels * c / cuts;
    g.last_panel = panels * (c + 1) / cuts;
    k.weight_gradient(g);
  }
}

TYPED_TEST(Products, WeightGradientEqualsTheReference) {
  // Two matrices and a bias that share d.
  using T = TypeParam;
  for_each_simd<T>([](const Kernels<T>& k) {
    struct Shape {
      int n, k, steps, lanes;
    };
    for (const Shape s : {Shape{1, 1, 1, 1},
                          {16, 6, 2, 3},
                          {17, 7, 5, 1},
                          {70, 13, 3, 4},
                          {100, 200, 2, 5},
                          {9, 400, 7, 3},
                          {33, 11, 90, 7},
                          {40, 5, 1, 300}}) {
      const std::ptrdiff_t d_lane = s.n + 3, d_step = d_lane * s.lanes + 5, a_lane = s.k + 1,
                           a_step = a_lane * s.lanes;
      const AlignedArray<T> d = random_array<T>(static_cast<std::size_t>(d_step * s.steps), 1);
      const AlignedArray<T> a = random_array<T>(static_cast<std::size_t>(a_step * s.steps), 2);
      const T one = 1;
      const int depths[] = {s.k, s.k > 2 ? s.k - 2 : 1, 1};
      WeightGradient<T> g;
      g.n = s.n, g.steps = s.steps, g.lanes = s.lanes;
      g.d = d.data(), g.d_step = d_step, g.d_lane = d_lane;
      std::vector<GradientTerm<T>> terms = {{nullptr, depths[0], a.data(), a_step, a_lane},
                                            {nullptr, depths[1], a.data() + 1, a_step, a_lane},
                                            {nullptr, 1, &one, 0, 0}};
      std::vector<AlignedArray<T>> expected;
      for (const int depth : depths) {
        expected.emplace_back(packed_size<T>(s.n, depth));
        const AlignedArray<T> matrix = random_array<T>(static_cast<std::size_t>(s.n) * depth, 3);
        pack(matrix.data(), depth, 0, s.n, 0, depth, expected.back().data());
      }
      std::vector<AlignedArray<T>> found = expected, in_parts = expected;
      const auto run = [&](const Kernels<T>& with, std::vector<AlignedArray<T>>& gradients, int cuts) {
        for (std::size_t i = 0; i < terms.size(); ++i) terms[i].gradient = gradients[i].data();
        run_gradient(with, g, terms, cuts);
      };
      run(kernels<T>("scalar"), expected, 1);
      run(k, found, 1);
      run(k, in_parts, 3);
      for (std::size_t i = 0; i < terms.size(); ++i) {
        SCOPED_TRACE(testing::Message() << "n " << s.n << ", k " << depths[i] << ", steps " << s.steps
                                        << ", lanes " << s.lanes << ", term " << i);
        expect_equal(k, found[i], expected[i], 2000);
        EXPECT_TRUE(same_bits(found[i].data(), in_parts[i].data(), found[i].size())) << "split over threads";
      }
    }
  });
}

TYPED_TEST(Products, WeightGradientIsOneChainAcrossCalls) {
  // The later steps first, then the earlier: the bits of one call over all.
  using T = TypeParam;
  for_each_simd<T>([](const Kernels<T>& k) {
    const int n = 20, depth = 9, steps = 40, lanes = 11;
    const AlignedArray<T> d = random_array<T>(steps * lanes * n, 1),
                          a = random_array<T>(steps * lanes * depth, 2);
    AlignedArray<T> whole(packed_size<T>(n, depth)), parts(packed_size<T>(n, depth));
    const auto add = [&](int first, int count, AlignedArray<T>& gradient) {
      WeightGradient<T> g;
      g.n = n, g.lanes = lanes, g.d_step = lanes * n, g.d_lane = n, g.steps = count,
      g.d = d.data() + first * g.d_step;
      run_gradient(k, g, {{gradient.data(), depth, a.data() + first * lanes * depth, lanes * depth, depth}},
                   1);
    };
    add(0, steps, whole);
    add(13, steps - 13, parts);
    add(0, 13, parts);
    EXPECT_TRUE(same_bits(whole.data(), parts.data(), whole.size()));
  });
}

TYPED_TEST(Products, PaddingOfAGradientStaysZeroBesideInfinity) {
  using T = TypeParam;
  for_each_simd<T>([](const Kernels<T>& k) {
    const T d[3] = {1, 2, 3};
    const T a[2] = {std::numeric_limits<T>::infinity(), 1};
    AlignedArray<T> gradient(packed_size<T>(3, 2));
    WeightGradient<T> g;
    g.n = 3, g.steps = 1, g.lanes = 1, g.d = d;
    run_gradient(k, g, {{gradient.data(), 2, a, 0, 0}}, 1);
    EXPECT_TRUE(std::isinf(gradient[0]));
    EXPECT_EQ(gradient[kPanel<T> + 2], T(3));
    for (int i = 0; i < 2 * kPanel<T>; ++i) EXPECT_TRUE(i % kPanel<T> < 3 || gradient[i] == 0);
  });
}

TYPED_TEST(Products, RowSumEqualsTheReferenceWhereverItIsCut) {
  using T = TypeParam;
  for_each_simd<T>([](const Kernels<T>& k) {
    for (int n = 1; n <= 150; n += n < 40 ? 1 : 11) {
      const int steps = 5, lanes = 3;
      const AlignedArray<T> d = random_array<T>(static_cast<std::size_t>(steps * lanes * n), 1);
      const AlignedArray<T> times = random_array<T>(static_cast<std::size_t>(steps * lanes * (n + 2)), 2);
      const AlignedArray<T> start = random_array<T>(static_cast<std::size_t>(n), 3);
      for (bool with_times : {false, true}) {
        RowSum<T> g;
        g.d = d.data(), g.d_step = lanes * n, g.d_lane = n, g.steps = steps, g.lanes = lanes;
        if (with_times) g.times = times.data(), g.times_step = lanes * (n + 2), g.times_lane = n + 2;
        AlignedArray<T> expected = start, found = start;
        g.last = n;
        g.gradient = expected.data();
        kernels<T>("scalar").row_sum(g);
        g.gradient = found.data();
        g.first = 0, g.last = n / 3;
        k.row_sum(g);
        g.first = n / 3, g.last = n;
        k.row_sum(g);
        expect_equal(k, found, expected, 20);
      }
    }
  });
}

TYPED_TEST(Products, PackedLayoutIsTheDocumentedOne) {
  using T = TypeParam;
  const int rows = kPanel<T> + 3, columns = 5, stride = 9;
  std::vector<T> matrix(40 * stride);
  for (std::size_t i = 0; i < matrix.size(); ++i) matrix[i] = static_cast<T>(i + 1);
  AlignedArray<T> packed(packed_size<T>(rows, columns));
  ASSERT_EQ(packed.size(), static_cast<std::size_t>(2 * columns * kPanel<T>));
  pack(matrix.data(), stride, 2, rows, 3, columns, packed.data());
  for (int p = 0; p < 2; ++p) {
    for (int c = 0; c < columns; ++c) {
      for (int j = 0; j < kPanel<T>; ++j) {
        const int r = p * kPanel<T> + j;
        const T expected = r < rows ? matrix[(2 + r) * stride + 3 + c] : T(0);
        EXPECT_EQ(packed[(p * columns + c) * kPanel<T> + j], expected);
      }
    }
  }
}

TYPED_TEST(Products, UnpackAndTransposeAreInverses) {
  using T = TypeParam;
  for (int rows : {1, 3, 8, 16, 17, 33, 50}) {
    for (int columns : {1, 7, 8, 16, 31, 48}) {
      const AlignedArray<T> matrix = random_array<T>(static_cast<std::size_t>(rows * columns), 4);
      AlignedArray<T> packed(packed_size<T>(rows, columns)), direct(packed_size<T>(columns, rows));
      AlignedArray<T> transposed = random_array<T>(packed_size<T>(columns, rows), 5),
                      back(packed_size<T>(rows, columns));
      pack(matrix.data(), columns, 0, rows, 0, columns, packed.data());
      std::vector<T> turned(static_cast<std::size_t>(rows * columns)), unpacked(turned.size());
      for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < columns; ++c) turned[c * rows + r] = matrix[r * columns + c];
      }
      pack(turned.data(), rows, 0, columns, 0, rows, direct.data());
      pack_transpose(packed.data(), rows, columns, transposed.data());
      EXPECT_TRUE(same_bits(transposed.data(), direct.data(), direct.size())) << rows << " x " << columns;
      pack_transpose(transposed.data(), columns, rows, back.data());
      EXPECT_TRUE(same_bits(back.data(), packed.data(), packed.size())) << rows << " x " << columns;
      for (const std::string& target : available_targets()) {  // in two parts
        const int border = rows / 2 / kPanel<T> * kPanel<T>;
        transposed = random_array<T>(transposed.size(), 6);
        kernels<T>(target).pack_transpose(packed.data(), rows, columns, 0, border, transposed.data());
        kernels<T>(target).pack_transpose(packed.data(), rows, columns, border, rows, transposed.data());
        EXPECT_TRUE(same_bits(transposed.data(), direct.data(), direct.size()))
            << target << ' ' << rows << " x " << columns;
      }
      unpack(packed.data(), 0, rows, 0, columns, unpacked.data(), columns);
      EXPECT_TRUE(same_bits(unpacked.data(), matrix.data(), unpacked.size())) << rows << " x " << columns;
    }
  }
}

TEST(Targets, UnknownTargetIsRefusedByName) {
  try {
    kernels<float>("avx1024");
    FAIL();
  } catch (const SpecError& e) {
    EXPECT_NE(std::string(e.what()).find("avx1024"), std::string::npos);
    EXPECT_NE(std::string(e.what()).find("scalar"), std::string::npos);
  }
}

TEST(Targets, EveryAvailableTargetIsGivenByItsName) {
  const std::vector<std::string> names = available_targets();
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(names.back(), "scalar");
  EXPECT_EQ(kernels<float>("").target, names.front());
  EXPECT_EQ(kernels<double>("auto").target, names.front());
  for (const std::string& name : names) {
    EXPECT_EQ(kernels<float>(name).target, name);
    EXPECT_EQ(kernels<double>(name).target, name);
  }
}

}  // namespace
}  // namespace cellwright::kernels::test
