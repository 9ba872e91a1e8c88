// fuse_tiles_test.cpp: fused ops have the bits of their parts, and are found where a cell's graph has them.
#include "compile/fuse_tiles.h"

#include <gtest/gtest.h>

#include <set>

#include "graph/op_table.h"
#include "kernels/test_help.h"
#include "language/lower.h"
#include "language/parse.h"
#include "language/shipped.h"

namespace cellwright {
namespace {

template <class T>
void expect_the_bits_of_parts(const kernels::TileFunction<T> (&tile)[kOpCount], const std::string& where) {
  constexpr std::size_t n = 77;
  const auto at = [&](Op op) { return tile[static_cast<std::size_t>(op)]; };
  AlignedArray<T> x[3];
  for (std::uint32_t i = 0; i < 3; ++i) {
    x[i] = kernels::test::random_array<T>(n, i + 1);
    for (T& v : x[i]) v *= 3;
  }
  AlignedArray<T> ones(n), parts(n), found(n);
  ones.fill(1);
  at(Op::kSub)(parts.data(), ones.data(), x[0].data(), nullptr, n);
  at(Op::kComplement)(found.data(), x[0].data(), nullptr, nullptr, n);
  EXPECT_TRUE(kernels::test::same_bits(found.data(), parts.data(), n)) << where << " complement";
  for (const Fusion& f : fusions()) {
    const int of_inner = op_row(f.inner).arity, arity = op_row(f.fused).arity;
    ASSERT_EQ(arity, f.same ? 1 : of_inner + op_row(f.outer).arity - 1) << op_name(f.fused);
    const T* operands[3] = {x[0].data(), x[1].data(), x[2].data()};
    AlignedArray<T> inner(n);
    at(f.inner)(inner.data(), operands[0], of_inner > 1 ? operands[1] : nullptr,
                of_inner > 2 ? operands[2] : nullptr, n);
    const T* outer[3] = {};
    int rest = f.same ? 0 : of_inner;
    for (int p = 0; p < op_row(f.outer).arity; ++p) {
      outer[p] = p == std::max(f.at, 0) ? inner.data() : operands[rest++];
    }
    at(f.outer)(parts.data(), outer[0], outer[1], outer[2], n);
    at(f.fused)(found.data(), operands[0], operands[1], operands[2], n);
    EXPECT_TRUE(kernels::test::same_bits(found.data(), parts.data(), n)) << where << ' ' << op_name(f.fused);
  }
}

TEST(FuseTiles, EveryFusedOpHasTheBitsOfItsParts) {
  for (const std::string& target : kernels::available_targets()) {
    const auto& k = kernels::kernels<float>(target);
    expect_the_bits_of_parts<float>(k.tile, target + " fast");
    expect_the_bits_of_parts<float>(k.tile_accurate, target + " accurate");
    expect_the_bits_of_parts<double>(kernels::kernels<double>(target).tile, target + " double");
  }
}

TEST(FuseTiles, EitherOperandOfACommutativeOpIsFusedAndNoOther) {
  for (const Fusion& f : fusions()) {
    EXPECT_TRUE(f.at >= 0 || op_row(f.outer).commutative) << op_name(f.fused);
  }
}

TEST(FuseTiles, EveryFusedOpHasAFusion) {
  std::set<Op> made = {Op::kComplement};
  for (const Fusion& f : fusions()) made.insert(f.fused);
  for (std::size_t i = 0; i < kOpCount; ++i)
    EXPECT_EQ(made.count(static_cast<Op>(i)) > 0, is_fused(static_cast<Op>(i))) << op_name(static_cast<Op>(i));
}

Plan plan_of(const std::string& text, bool training) {
  return make_plan(lower(syntax::parse_cell(text, "test.cell"), CellBinding{8, {8}, {}, {}}), training);
}

std::vector<Op> ops_of(const Program& program) {
  std::vector<Op> ops;
  for (const Instruction& i : program.instructions) {
    for (const TileInstruction& t : i.tiles) ops.push_back(t.op);
  }
  return ops;
}

TEST(FuseTiles, AnLstmGoesBackInEightPasses) {
  const Plan plan = plan_of(std::string(shipped_cell_text("lstm")), true);
  EXPECT_EQ(ops_of(plan.backward_loop),
            (std::vector<Op>{Op::kAdd, Op::kMulTanhBack, Op::kAdd, Op::kMulSigmoidBack, Op::kMul,
                             Op::kMulTanhBack, Op::kMulSigmoidBack, Op::kMulSigmoidBack}));
}

TEST(FuseTiles, NothingIsReadBehindAStepThatWritesOverIt) {
  // Two values in one array, as a gate in its sum's: a + b·c may not wait until b's array holds another.
  Graph graph;
  const auto node = [&](Op op, std::vector<NodeId> inputs) {
    Node n;
    n.op = op;
    n.inputs = std::move(inputs);
    n.size = 4;
    return graph.add(std::move(n));
  };
  const NodeId a = node(Op::kInput, {}), b = node(Op::kInput, {}), c = node(Op::kInput, {});
  const NodeId product = node(Op::kMul, {b, c}), other = node(Op::kNegate, {a}), sum = node(Op::kAdd, {product, a});
  const std::vector<Buffer> buffers(5);
  std::vector<Place> places = {{0, 0}, {1, 0}, {2, 0}, {}, {3, 0}, {4, 0}};
  const std::vector<bool> materialized = {true, true, true, false, true, true};
  const std::vector<TileStep> steps = {
      {product, Op::kMul, {b, c}}, {other, Op::kNegate, {a}}, {sum, Op::kAdd, {product, a}}};
  EXPECT_EQ(fuse_tiles(graph, steps, places, materialized, buffers).size(), 2u);
  places[4] = places[1];  // `other` goes where b stands
  EXPECT_EQ(fuse_tiles(graph, steps, places, materialized, buffers).size(), 3u);
  places[4] = places[0];  // where a stands, which the sum reads behind it anyway
  EXPECT_EQ(fuse_tiles(graph, steps, places, materialized, buffers).size(), 2u);
}

TEST(Recompute, ADifferenceBesideItsGateIsNotKept) {
  const Plan plan = plan_of(
      "cell mix(x) -> h\n\nz = σ(W_z·[h[t-1], x] + b_z)\nh = (1 - z) ⊙ h[t-1] + z ⊙ tanh(W·x)\n", true);
  for (const Buffer& b : plan.buffers) {
    if (b.node == kNoNode || b.kind != Buffer::Kind::kValue || b.size == 0) continue;
    EXPECT_NE(plan.graph[b.node].op, Op::kSub) << b.name;
  }
}

TEST(Recompute, AGatesSlopeWaitsForItsReader) {
  // The gradient of s comes from a product of the second stage, its slope from s alone.
  const Plan plan = plan_of(
      "cell chained(x) -> h\n\ns = σ(W_s·[h[t-1], x] + b_s)\nh = tanh(W_r·[s ⊙ h[t-1], x] + b_r)\n", true);
  const std::vector<Op> ops = ops_of(plan.backward_loop);
  EXPECT_EQ(std::count(ops.begin(), ops.end(), Op::kSigmoidSlope), 0);
  EXPECT_EQ(std::count(ops.begin(), ops.end(), Op::kMulSigmoidBack), 1);
}

}  // namespace
}  // namespace cellwright
