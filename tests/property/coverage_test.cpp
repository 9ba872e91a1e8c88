// What the suite's random cells are made of: every op and every construct of the language appears often
// enough to be tested by them.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "compile/plan.h"
#include "graph/op_table.h"
#include "language/parse.h"
#include "property/random_cell.h"

namespace cellwright {
namespace {

constexpr std::uint64_t kCells = 1000;
constexpr int kOften = 20;  ///< cells

bool skips_rows(const Plan& plan) {
  for (const Program* program : {&plan.forward_before, &plan.forward_loop, &plan.forward_after}) {
    for (const Instruction& i : program->instructions) {
      for (const ProductOutput& o : i.products) {
        if (o.period > 1) return true;
      }
    }
  }
  return false;
}

/// Constructs of one cell.
std::set<std::string> constructs(const CellRecipe& recipe, const syntax::Cell& cell, const Graph& graph) {
  using Statement = syntax::Statement::Kind;
  std::set<std::string> found;
  for (const syntax::Statement& s : cell.statements) {
    switch (s.kind) {
      case Statement::kParam:
        found.insert("param");
        break;
      case Statement::kConst:
        found.insert("const");
        break;
      case Statement::kOption:
        found.insert("option");
        break;
      case Statement::kSize:
        found.insert("size");
        break;
      case Statement::kStart:
        found.insert(s.word.text.empty() ? s.numbers.size() > 1 ? "start, a list" : "start, a number"
                                         : "start, learned");
        break;
      case Statement::kInit:
        found.insert(s.names[0].block.empty() ? "init" : "init of a block");
        break;
      case Statement::kWhere:
        found.insert("where " + s.word.text);
        break;
      case Statement::kShare:
        found.insert("share");
        break;
      case Statement::kZone:
        found.insert("zone");
        break;
      case Statement::kLoss:
        found.insert("loss");
        break;
      case Statement::kEquation:
        if (s.names.size() > 1) found.insert("split");
        break;
      default:
        break;
    }
  }
  for (const Line& line : recipe.lines) {
    if (line.type.scalar() && !line.loss) found.insert("a line that is one number");
    each_term(line.value, [&](const Term& t) {
      using Kind = Term::Kind;
      const auto input = [&] {
        for (const InputPort& p : recipe.inputs) {
          if (p.name == t.text) return true;
        }
        return false;
      };
      if (t.kind == Kind::kName && t.delay > 0)
        found.insert((input() ? "input [t-" : "state [t-") + std::to_string(t.delay) + "]");
      if (t.kind == Kind::kEvery) found.insert("every");
      if (t.kind == Kind::kNormal) found.insert("normal");
      if (t.kind == Kind::kCall) found.insert("function " + t.text);
      if (t.kind == Kind::kNegate) found.insert("operator minus of one value");
      if (t.kind == Kind::kBinary) found.insert("operator " + t.text);
      if (t.kind == Kind::kList) found.insert(t.args.size() > 1 ? "a list" : "a list of one");
      if (t.kind == Kind::kAlternative) found.insert("an alternative");
      if (t.kind == Kind::kProduct && t.args[0].type.scalar() && t.args[0].kind != Kind::kList)
        found.insert("a product with one number");
    });
  }
  for (const InputPort& p : recipe.inputs) {
    if (p.optional) found.insert(p.present ? "an optional input, given" : "an optional input, absent");
  }
  if (graph.inputs.size() > 1) found.insert("several inputs");
  if (graph.outputs.size() > 1) found.insert("several outputs");
  if (graph.states.empty()) found.insert("no state");
  for (const State& s : graph.states) {
    bool output = false;
    for (const Port& p : graph.outputs) output |= p.node == s.next;
    found.insert(output ? "a state that is an output" : "a state that is no output");
  }
  for (const Port& p : graph.outputs) {
    if (graph[p.node].op == Op::kIdentity) found.insert("an output that is another value's name");
  }
  // Affine values of a step that lie behind one another.
  std::vector<int> stage(graph.nodes.size());
  int stages = 0;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const NodeId input : graph.nodes[i].inputs)
      stage[i] = std::max(stage[i], stage[static_cast<std::size_t>(input)]);
    if (graph.nodes[i].op == Op::kMatmul) ++stage[i];
    stages = std::max(stages, stage[i]);
  }
  if (stages >= 2) found.insert("two affine stages a step");
  if (stages >= 3) found.insert("three affine stages a step");
  if (recipe.sizes[0] == 1) found.insert("one unit");
  if (recipe.sizes[0] > 16) found.insert("more than a panel");
  found.insert(recipe.differences ? "differences" : "no differences");
  return found;
}

constexpr Program Plan::*kPrograms[] = {&Plan::forward_before,  &Plan::forward_loop,  &Plan::forward_after,
                                        &Plan::backward_before, &Plan::backward_loop, &Plan::backward_after};

TEST(RandomCellsCover, EveryOpAndConstruct) {
  std::map<std::string, int> seen;
  std::vector<int> ops(kOpCount);
  for (std::uint64_t seed = 1; seed <= kCells; ++seed) {
    const CellRecipe recipe = random_cell(seed);
    const syntax::Cell cell = syntax::parse_cell(recipe_text(recipe), "random.cell");
    const Graph graph = lower(cell, recipe_binding(recipe));
    for (const std::string& what : constructs(recipe, cell, graph)) ++seen[what];
    std::set<Op> of_cell;
    for (const Node& n : graph.nodes) of_cell.insert(n.op);
    const Plan plan = make_plan(graph, true);
    for (const Node& n : plan.graph.nodes) of_cell.insert(n.op);
    // Fused ops stand in no graph, only in what runs; some only where no gradient needs what is between.
    const Plan inference = make_plan(graph, false);
    for (const Plan* runs : {&plan, &inference}) {
      for (Program Plan::* const program : kPrograms) {
        for (const Instruction& code : (runs->*program).instructions) {
          for (const TileInstruction& tile : code.tiles) of_cell.insert(tile.op);
        }
      }
    }
    if (skips_rows(plan)) ++seen["a product that a clock skips"];
    for (const Op op : of_cell) ++ops[static_cast<std::size_t>(op)];
  }
  for (std::size_t i = 0; i < kOpCount; ++i) {
    const Op op = static_cast<Op>(i);
    // No cell's text has these: regularise() and with_step_mask() write them into its graph, and are tested
    // with it.
    if (op == Op::kDropMask || op == Op::kStepMask) continue;
    EXPECT_GE(ops[i], kOften) << op_name(op);
  }
  static const char* kWanted[] = {"param",
                                  "const",
                                  "option",
                                  "size",
                                  "start, a number",
                                  "start, a list",
                                  "start, learned",
                                  "init",
                                  "init of a block",
                                  "where block_diagonal",
                                  "where block_upper",
                                  "share",
                                  "zone",
                                  "loss",
                                  "split",
                                  "a line that is one number",
                                  "state [t-1]",
                                  "state [t-2]",
                                  "state [t-3]",
                                  "input [t-1]",
                                  "input [t-2]",
                                  "every",
                                  "a product that a clock skips",
                                  "normal",
                                  "operator +",
                                  "operator -",
                                  "operator *",
                                  "operator /",
                                  "operator minus of one value",
                                  "a list",
                                  "a list of one",
                                  "an alternative",
                                  "a product with one number",
                                  "an optional input, given",
                                  "an optional input, absent",
                                  "several inputs",
                                  "several outputs",
                                  "a state that is an output",
                                  "a state that is no output",
                                  "an output that is another value's name",
                                  "no state",
                                  "two affine stages a step",
                                  "three affine stages a step",
                                  "one unit",
                                  "more than a panel",
                                  "differences",
                                  "no differences"};
  for (const char* what : kWanted) EXPECT_GE(seen[what], kOften) << what;
  for (const char* f : {"sigmoid",
                        "tanh",
                        "relu",
                        "exp",
                        "log",
                        "log_sigmoid",
                        "softplus",
                        "sqrt",
                        "square",
                        "abs",
                        "reciprocal",
                        "hard_sigmoid",
                        "hard_sigmoid_keras",
                        "softsign",
                        "elu",
                        "identity",
                        "max",
                        "min",
                        "sum",
                        "mean",
                        "dot",
                        "softmax",
                        "layernorm",
                        "rmsnorm"}) {
    EXPECT_GE(seen[std::string("function ") + f], kOften) << f;
  }
}

TEST(RandomCell, IsAFunctionOfItsSeed) {
  EXPECT_EQ(recipe_text(random_cell(5)), recipe_text(random_cell(5)));
  EXPECT_NE(recipe_text(random_cell(5)), recipe_text(random_cell(6)));
}

}  // namespace
}  // namespace cellwright
