// The suite's own teeth: a fault is shrunk to the smallest cell that shows it, and every wrong instruction in
// a plan is noticed.
#include <gtest/gtest.h>

#include "graph/op_table.h"
#include "language/check.h"
#include "language/parse.h"
#include "property/check_cell.h"
#include "property/random_cell.h"
#include "verify/verify.h"

namespace cellwright {
namespace {

/// Fails for cells that hold f(a) for which `wrong` says so, as a fault in one rule of the compiler would.
template <class F>
Check fault_where(const F& wrong) {
  return [wrong](const CellRecipe& recipe) -> Failure {
    try {
      const syntax::Cell cell = syntax::parse_cell(recipe_text(recipe), "random.cell");
      lower(cell, recipe_binding(recipe));
      bool found = false;
      for (const syntax::Statement& s : cell.statements)
        syntax::each_part(s.value, [&](const syntax::Expr& e) { found |= wrong(e); });
      return found ? Failure{"injected", "the injected fault"} : Failure{};
    } catch (const std::exception& e) {
      return {"refused", e.what()};
    }
  };
}

/// Shrinks the cells among the first 400 that show the fault; each must come down to one line of `terms`
/// terms and nothing else.
int shrunk(const Check& check, int terms) {
  int failing = 0;
  for (std::uint64_t seed = 1; seed <= 400 && failing < 20; ++seed) {
    const CellRecipe recipe = random_cell(seed);
    if (check(recipe).kind != "injected") continue;
    ++failing;
    const CellRecipe small = shrink(recipe, check);
    EXPECT_EQ(check(small).kind, "injected") << seed;
    const std::string text = report(small, check(small));
    EXPECT_EQ(small.lines.size(), 1u) << text;
    EXPECT_EQ(term_count(small), terms) << text;
    EXPECT_EQ(small.outputs.size(), 1u) << text;
    EXPECT_LE(small.inputs.size(), 1u) << text;
    EXPECT_EQ(small.remarks.size(), 0u) << text;
    EXPECT_EQ(small.sizes[0], 1) << text;
    EXPECT_EQ(small.steps, 2) << text;
    EXPECT_EQ(small.lanes, 1) << text;
  }
  return failing;
}

TEST(Shrink, LeavesOnlyTheFault) {
  const auto tanh_of_product = [](const syntax::Expr& e) {
    return e.kind == syntax::Expr::Kind::kCall && e.text == "tanh" &&
           e.args[0].kind == syntax::Expr::Kind::kProduct;
  };
  EXPECT_GE(shrunk(fault_where(tanh_of_product), 3), 15);  // h = tanh(W·x)
  const auto quotient_of_maximum = [](const syntax::Expr& e) {
    return e.kind == syntax::Expr::Kind::kBinary && e.text == "/" &&
           e.args[0].kind == syntax::Expr::Kind::kCall && e.args[0].text == "max";
  };
  EXPECT_GE(shrunk(fault_where(quotient_of_maximum), 5), 5);  // h = max(x, x) / x
}

/// Another op of the same arity that a mistaken derivative could hold.
bool exchange(Op& op) {
  switch (op) {
    case Op::kMul:
      op = Op::kAdd;
      return true;
    case Op::kAdd:
      op = Op::kSub;
      return true;
    case Op::kSub:
      op = Op::kAdd;
      return true;
    case Op::kDiv:
      op = Op::kMul;
      return true;
    case Op::kNegate:
      op = Op::kIdentity;
      return true;
    case Op::kSigmoid:
      op = Op::kTanh;
      return true;
    case Op::kTanh:
      op = Op::kSigmoid;
      return true;
    case Op::kSquare:
      op = Op::kIdentity;
      return true;
    case Op::kExp:
      op = Op::kSquare;
      return true;
    default:
      return false;
  }
}

TEST(Verify, NoticesEveryWrongInstruction) {
  static const char* kCell =
      "cell wrong(x) -> h\n"
      "f = σ(W_f·[h[t-1], x] + p_f ⊙ C[t-1] + b_f)\n"
      "g = tanh(W_g·(f ⊙ h[t-1]) + U_g·x)\n"
      "C = f ⊙ C[t-1] + (1 - f) ⊙ g\n"
      "h = C / (1 + exp(-C)) ⊙ tanh(p_o ⊙ C)\n";
  VerifyOptions options;
  options.binding = {3, {2}, {}, {}};
  options.steps = 3;
  options.lanes = 2;
  const Graph source = lower(syntax::parse_cell(kCell, "wrong.cell"), options.binding);
  const Plan training = make_plan(source, true), inference = make_plan(source, false);
  ASSERT_TRUE(verify_plans(source, training, inference, options).passed);

  int tried = 0;
  const auto expect_noticed = [&](const Plan& wrong, const std::string& what) {
    ++tried;
    const Verification v = verify_plans(source, wrong, inference, options);
    EXPECT_FALSE(v.passed) << what << "\n" << print_plan(wrong);
    // Both ways must see it: the naive evaluation and, without it, the differences.
    EXPECT_TRUE(v.forward_error > 1e-12 || v.backward_error > 1e-12) << what;
  };
  const auto gradient_rows_fail = [&](const Plan& wrong) {
    const Verification v = verify_plans(source, wrong, inference, options);
    bool failed = false;
    for (const GradientRow& row : v.full) failed |= !row.passed;
    return failed;
  };
  static Program Plan::*const kPrograms[] = {&Plan::forward_before, &Plan::forward_loop,
                                             &Plan::forward_after,  &Plan::backward_before,
                                             &Plan::backward_loop,  &Plan::backward_after};
  for (int p = 0; p < 6; ++p) {
    const bool backward = p >= 3;
    for (std::size_t i = 0; i < (training.*kPrograms[p]).instructions.size(); ++i) {
      const Instruction& code = (training.*kPrograms[p]).instructions[i];
      for (std::size_t t = 0; t < code.tiles.size(); ++t) {
        Plan wrong = training;
        if (!exchange((wrong.*kPrograms[p]).instructions[i].tiles[t].op)) continue;
        const std::string what = "program " + std::to_string(p) + ", tile " + std::to_string(t) + ": " +
                                 std::string(op_name(code.tiles[t].op));
        expect_noticed(wrong, what);
        if (backward) {
          EXPECT_TRUE(gradient_rows_fail(wrong)) << what;
        }
      }
      for (std::size_t o = 0; o < code.products.size(); ++o) {
        Plan wrong = training;
        (wrong.*kPrograms[p]).instructions[i].products[o].terms.clear();
        expect_noticed(wrong, "a product without its terms");
        if (backward) {
          EXPECT_TRUE(gradient_rows_fail(wrong));
        }
      }
    }
  }
  for (std::size_t w = 0; w < training.weight_gradients.size(); ++w) {
    Plan wrong = training;
    wrong.weight_gradients.erase(wrong.weight_gradients.begin() + static_cast<std::ptrdiff_t>(w));
    expect_noticed(wrong, "a weight gradient left out");
    EXPECT_TRUE(gradient_rows_fail(wrong));
  }
  for (std::size_t w = 0; w < training.vector_gradients.size(); ++w) {
    Plan wrong = training;
    wrong.vector_gradients.erase(wrong.vector_gradients.begin() + static_cast<std::ptrdiff_t>(w));
    expect_noticed(wrong, "a vector gradient left out");
    EXPECT_TRUE(gradient_rows_fail(wrong));
  }
  EXPECT_GE(tried, 25);
}

}  // namespace
}  // namespace cellwright
