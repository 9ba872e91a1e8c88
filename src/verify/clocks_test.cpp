// Groups of units whose clock is not due are left out of products and of gradients, and nothing but the work
// changes.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "language/parse.h"
#include "verify/trial.h"

namespace cellwright {
namespace {

struct Clocked {
  const char* name;
  const char* text;
  int units = 12;
};

const std::vector<Clocked>& cells() {
  static const std::vector<Clocked> all = {
      {"clockwork",
       "cell clockwork(x) -> h\n"
       "option periods = 1, 2, 4\n"
       "g = tanh(W·x + U·h[t-1] + b)\n"
       "h = every(periods, g, h[t-1])\n"
       "where U = block_upper(periods)\n"},
      // More units a group than a panel, and not a multiple of one.
      {"wide",
       "cell wide(x) -> h\n"
       "option periods = 1, 3\n"
       "g = tanh(W·x + U·h[t-1] + b)\n"
       "h = every(periods, g, h[t-1])\n"
       "where U = block_upper(periods)\n",
       38},
      // No group is due at most steps.
      {"lazy",
       "cell lazy(x) -> h\n"
       "option periods = 2, 6\n"
       "g = tanh(W·[h[t-1], x] + b)\n"
       "h = every(periods, g, h[t-1])\n"},
      // Gates cut from one matrix, two states by one clock, peepholes.
      {"gates",
       "cell gates(x) -> h\n"
       "option periods = 1, 2, 4, 4\n"
       "f, i, o, g = split(W·[h[t-1], x] + b)\n"
       "C = every(periods, σ(f + p_f ⊙ C[t-1]) ⊙ C[t-1] + σ(i) ⊙ tanh(g), C[t-1])\n"
       "h = every(periods, σ(o + p_o ⊙ C) ⊙ tanh(C), h[t-1])\n"},
      // Blocks that do not mix groups; what lies behind the loop; a matrix in two places.
      {"diagonal",
       "cell diagonal(x) -> y\n"
       "option periods = 1, 2, 4\n"
       "h = every(periods, tanh(V·h[t-1] + U·x), h[t-1])\n"
       "y = every(periods, σ(R·h + p ⊙ (U·x)), h)\n"
       "where V, R = block_diagonal(periods)\n"
       "share U\n"},
      // A clock below a clock, and one that leaves zeros.
      {"nested",
       "cell nested(x) -> h\n"
       "option periods = 1, 2\n"
       "option rare = 1, 4\n"
       "g = every(rare, tanh(W·x + U·h[t-1]), 0.5)\n"
       "z = every(rare, σ(R·h[t-1]), 0)\n"
       "h = every(periods, g ⊙ h[t-1] + tanh(Q·z), h[t-1])\n"
       "size z = units\n"},
  };
  return all;
}

Graph graph_of(const std::string& text, int units = 12) {
  CellBinding binding;
  binding.units = units;
  binding.inputs = {5};
  return lower(syntax::parse_cell(text, "clocks.cell"), binding);
}

constexpr Program Plan::*kPrograms[] = {&Plan::forward_before,  &Plan::forward_loop,  &Plan::forward_after,
                                        &Plan::backward_before, &Plan::backward_loop, &Plan::backward_after};

/// Every period of a plan.
std::vector<int*> periods_of(Plan& plan) {
  std::vector<int*> all;
  for (auto program : kPrograms) {
    for (Instruction& i : (plan.*program).instructions) {
      for (ProductOutput& o : i.products) {
        all.push_back(&o.period);
        for (ProductTerm& t : o.terms) all.push_back(&t.period);
      }
    }
  }
  for (WeightGradientTask& t : plan.weight_gradients) all.push_back(&t.period);
  for (VectorGradientTask& t : plan.vector_gradients) all.push_back(&t.period);
  return all;
}

template <class T>
void expect_equal(const TrialResult<T>& a, const TrialResult<T>& b, const std::string& where) {
  EXPECT_EQ(a.outputs, b.outputs) << where;
  EXPECT_EQ(a.final_states, b.final_states) << where;
  EXPECT_EQ(a.d_parameters, b.d_parameters) << where;
  EXPECT_EQ(a.d_inputs, b.d_inputs) << where;
  EXPECT_EQ(a.d_start, b.d_start) << where;
}

class ClockedCell : public testing::TestWithParam<Clocked> {};

TEST_P(ClockedCell, HasRightPlanAndGradients) {
  VerifyOptions options;
  options.differences = GetParam().units <= 12;
  const Graph graph = graph_of(GetParam().text, GetParam().units);
  const Verification v = verify_plans(graph, make_plan(graph, true), make_plan(graph, false), options);
  EXPECT_TRUE(v.passed) << v.failure;
}

TEST_P(ClockedCell, SkipsWithoutChangingABit) {
  VerifyOptions options;
  const Graph graph = graph_of(GetParam().text, GetParam().units);
  const Plan plan = make_plan(graph, true);
  Plan awake = plan;
  int skipping = 0;
  for (int* period : periods_of(awake)) {
    skipping += *period > 1;
    *period = 1;
  }
  EXPECT_GT(skipping, 0) << print_plan(plan);
  for (const int steps : {1, 9}) {
    for (const int lanes : {1, 2, 7}) {
      for (const int first_step : {0, 3, 4}) {
        options.steps = steps;
        options.lanes = lanes;
        for (const int threads : {1, 3}) {
          Trial<float> skipped(plan, options, threads), all(awake, options, 1);
          skipped.first_step = all.first_step = first_step;
          expect_equal(skipped.run(true), all.run(true),
                       "steps " + std::to_string(steps) + ", lanes " + std::to_string(lanes) + ", from " +
                           std::to_string(first_step) + ", threads " + std::to_string(threads));
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ClockedCell, testing::ValuesIn(cells()),
                         [](const auto& cell) { return cell.param.name; });

/// Multiply-adds that went through the kernels.
struct Work {
  std::int64_t products = 0, gradients = 0, sums = 0;
};
Work work;

const kernels::Kernels<float>& counting_kernels() {
  static const kernels::Kernels<float>& real = kernels::kernels<float>();
  static const kernels::Kernels<float> counting = [] {
    kernels::Kernels<float> k = real;
    k.product = [](int rows, const kernels::ProductPanel<float>* panels, int count) {
      for (int p = 0; p < count; ++p) {
        for (int t = 0; t < panels[p].term_count; ++t)
          work.products += std::int64_t{rows} * panels[p].width * panels[p].terms[t].k;
      }
      real.product(rows, panels, count);
    };
    k.loop_product = [](int rows, const kernels::ProductPanel<float>* panels, int count, const kernels::Ahead*,
                        int, bool) { counting_kernels().product(rows, panels, count); };
    k.weight_gradient = [](const kernels::WeightGradient<float>& g) {
      for (int t = 0; t < g.term_count; ++t) {
        const bool sum = g.terms[t].a_step == 0 && g.terms[t].a_lane == 0;
        (sum ? work.sums : work.gradients) += std::int64_t{g.steps} * g.lanes * g.n * g.terms[t].k;
      }
      real.weight_gradient(g);
    };
    k.row_sum = [](const kernels::RowSum<float>& g) {
      work.sums += std::int64_t{g.steps} * g.lanes * (g.last - g.first);
      real.row_sum(g);
    };
    return k;
  }();
  return counting;
}

TEST(Clocks, WorkIsDoneForGroupsThatAreDueAlone) {
  constexpr int kUnits = 60, kGroup = 20, kInputs = 5, kSteps = 11, kLanes = 3, kFirst = 3;
  const Plan plan = make_plan(graph_of(cells()[0].text, kUnits), true);
  ThreadPool pool(1);
  Runner<float> runner(plan, counting_kernels(), pool);
  runner.prepare(kSteps, kLanes);
  AlignedArray<float> parameters(runner.layout().size()), gradients(parameters.size());
  AlignedArray<float> x(kSteps * kLanes * kInputs), d_x(x.size()), d_h(kSteps * kLanes * kUnits);
  runner.bind(parameters.data());
  LayerState<float> state = make_state<float>(plan, kLanes);
  state.step = kFirst;

  // By hand: a due group of 20 units meets the inputs, its own units and those of slower groups.
  std::int64_t input_part = 0, recurrent_part = 0, units = 0;
  for (int step = kFirst; step < kFirst + kSteps; ++step) {
    for (int g = 0; g < 3; ++g) {
      if (step % (1 << g) != 0) continue;
      input_part += kLanes * kGroup * kInputs;
      recurrent_part += kLanes * kGroup * kGroup * (3 - g);
      units += kLanes * kGroup;
    }
  }
  work = {};
  const float* input = x.data();
  runner.forward(kSteps, &input, state);
  EXPECT_EQ(work.products, input_part + recurrent_part);

  work = {};
  Runner<float>::Backward b;
  const float* d_out = d_h.data();
  float* d_in = d_x.data();
  b.d_outputs = &d_out;
  b.gradients = gradients.data();
  b.d_inputs = &d_in;
  runner.backward(b);
  EXPECT_EQ(work.products, input_part + recurrent_part);
  EXPECT_EQ(work.gradients, input_part + recurrent_part);
  EXPECT_EQ(work.sums, units);
}

/// Every wrong period changes a number that verification looks at.
TEST(Clocks, VerificationNoticesAWrongPeriod) {
  const Graph graph = graph_of(cells()[0].text);
  const Plan training = make_plan(graph, true), inference = make_plan(graph, false);
  VerifyOptions options;
  options.differences = false;
  Plan wrong = training;
  for (int* period : periods_of(wrong)) {
    *period *= 8;  // beyond that of the output that a term belongs to
    const Verification v = verify_plans(graph, wrong, inference, options);
    EXPECT_FALSE(v.passed) << print_plan(wrong);
    *period /= 8;
  }
  EXPECT_TRUE(verify_plans(graph, wrong, inference, options).passed);
}

// A left-out product is 0. Its log, or what it divides, is not computed from that.
TEST(Clocks, ProductsBelowAPoleAreComputed) {
  const Graph graph = graph_of(
      "cell poles(x) -> h\n"
      "option periods = 1, 2, 4\n"
      "g = log(square(W_a·x)) + 1 / (W_b·h[t-1]) + sqrt(abs(W_c·x)) + h[t-1] / (W_d·x) + exp(W_e·x)\n"
      "h = every(periods, tanh(g) + tanh(W_f·x), h[t-1])\n");
  Plan plan = make_plan(graph, true);
  int outputs = 0;
  for (auto program : {&Plan::forward_before, &Plan::forward_loop}) {
    for (const Instruction& i : (plan.*program).instructions) {
      for (const ProductOutput& o : i.products) {
        ++outputs;
        for (const ProductTerm& t : o.terms) {
          const std::string& name = plan.graph
                                        .parameters[static_cast<std::size_t>(
                                            plan.pieces[static_cast<std::size_t>(t.piece)].parameter)]
                                        .name;
          const int row = plan.pieces[static_cast<std::size_t>(t.piece)].row;
          EXPECT_EQ(o.period, name == "W_f" ? 1 << row / 4 : 1) << name;
        }
      }
    }
  }
  EXPECT_EQ(outputs, 5 + 3);
  VerifyOptions options;
  options.differences = false;
  for (const auto& gradient : Trial<double>(plan, options, 1).run(true).d_parameters) {
    for (const double g : gradient) EXPECT_TRUE(std::isfinite(g));
  }
  EXPECT_TRUE(verify_plans(graph, plan, make_plan(graph, false), options).passed);
}

// A value that something else reads too is computed for all units.
TEST(Clocks, ValuesWithOtherReadersAreComputed) {
  for (const char* text : {"cell out(x) -> g, h\n"
                           "option periods = 1, 2, 4\n"
                           "g = tanh(W·x + U·h[t-1])\n"
                           "h = every(periods, g, h[t-1])\n",
                           "cell state(x) -> h\n"
                           "option periods = 1, 2, 4\n"
                           "g = tanh(W·x + U·h[t-1]) + 0.1 ⊙ g[t-1]\n"
                           "h = every(periods, g, h[t-1])\n",
                           "cell old(x) -> h\n"
                           "option periods = 1, 2, 4\n"
                           "g = tanh(W·x + U·h[t-1])\n"
                           "h = every(periods, g, 0.5 ⊙ g)\n"}) {
    const Plan plan = make_plan(graph_of(text), true);
    for (auto program : {&Plan::forward_before, &Plan::forward_loop, &Plan::forward_after}) {
      for (const Instruction& i : (plan.*program).instructions) {
        for (const ProductOutput& o : i.products) EXPECT_EQ(o.period, 1) << print_plan(plan);
      }
    }
  }
}

TEST(Clocks, PlanSaysHowOftenAProductIsMade) {
  const std::string text = print_plan(make_plan(graph_of(cells()[0].text), true));
  EXPECT_NE(text.find("g = b + W[8:12,0:5]·x + U[8:12,8:12]·h[t-1], every 4 steps"), std::string::npos) << text;
  EXPECT_NE(text.find("(every 2 steps)"), std::string::npos) << text;
  EXPECT_NE(text.find("d_W[4:8,0:5] += "), std::string::npos) << text;
}

}  // namespace
}  // namespace cellwright
