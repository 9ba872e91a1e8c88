// Every shipped cell's picture keeps the grammar's rules, measured on its geometry (support/check_diagram.h).
#include <gtest/gtest.h>

#include <map>

#include "cellwright/error.h"
#include "draw/diagram.h"
#include "language/parse.h"
#include "support/check_diagram.h"
#include "support/shipped_bindings.h"

namespace cellwright::draw {
namespace {

using test::faults_of;

/// The last binding has the optional inputs.
Graph shipped_graph(const std::string& name) {
  return lower(test::shipped(name), test::shipped_bindings(name, 4, 3).back());
}

Graph graph_of(const std::string& text, int input = 3) {
  return lower(syntax::parse_cell(text, "test.cell"), {4, {input}, {}, {}});
}

std::vector<std::string> labels(const Diagram& d, const std::vector<int>& shapes) {
  std::vector<std::string> out;
  for (const int s : shapes) out.push_back(plain(test::shape(d, s).part.label));
  return out;
}

/// Names of the layers' lines from left to right.
std::vector<std::string> layers(const Diagram& d) {
  std::vector<const Shape*> found;
  for (const Shape& s : d.shapes) {
    if (s.part.kind == PartKind::kLayer) found.push_back(&s);
  }
  std::sort(found.begin(), found.end(),
            [](const Shape* a, const Shape* b) { return a->centre.x < b->centre.x; });
  std::vector<std::string> names;
  for (const Shape* s : found) names.push_back(s->part.name);
  return names;
}

const Shape& named(const Diagram& d, const std::string& id) {
  for (const Shape& s : d.shapes) {
    if (s.part.id == id) return s;
  }
  throw InternalError("no shape " + id);
}

using Names = std::vector<std::string>;

class ShippedDiagrams : public testing::TestWithParam<std::string> {};

TEST_P(ShippedDiagrams, KeepTheRulesFromEitherSide) {
  Diagram d = make_diagram(shipped_graph(GetParam()));
  for (const std::string& f : faults_of(d)) ADD_FAILURE() << f;
  mirror(d);
  for (const std::string& f : faults_of(d)) ADD_FAILURE() << "right to left: " << f;
}

TEST_P(ShippedDiagrams, CrossNoMoreThanBefore) {
  // The most that each may have; lower a number when a picture becomes better.
  const std::map<std::string, int> most = {
#include "draw/golden_crossings.inc"
  };
  ASSERT_EQ(most.count(GetParam()), 1U) << "add it to golden_crossings.inc";
  EXPECT_LE(test::count_crossings(make_diagram(shipped_graph(GetParam()))), most.at(GetParam()));
}

TEST_P(ShippedDiagrams, LayersStandInTheOrderOfTheirLines) {
  const syntax::Cell cell = test::shipped(GetParam());
  std::vector<std::string> lines;
  for (const syntax::Statement& s : cell.statements) {
    if (s.kind != syntax::Statement::Kind::kEquation) continue;
    for (const syntax::Name& n : s.names) lines.push_back(n.text);
  }
  std::size_t at = 0;
  for (const std::string& name : layers(make_diagram(shipped_graph(GetParam())))) {
    if (name.empty()) continue;
    const auto found = static_cast<std::size_t>(std::find(lines.begin(), lines.end(), name) - lines.begin());
    EXPECT_GE(found, at) << name;
    at = found;
  }
}

INSTANTIATE_TEST_SUITE_P(Cells, ShippedDiagrams, testing::ValuesIn(shipped_cells()),
                         [](const auto& info) { return info.param; });

// The four that a reader of Olah's post must recognise: where the post has what.

TEST(PostsGrammar, Lstm) {
  const Diagram d = make_diagram(shipped_graph("lstm"));
  ASSERT_EQ(d.belts.size(), 1U);
  EXPECT_EQ(test::shape(d, d.belts[0].next).part.name, "C");
  EXPECT_EQ(labels(d, d.belts[0].ops), (Names{"×", "+"}));
  EXPECT_EQ(layers(d), (Names{"f", "i", "C̃", "o"}));
  // × above f, + above C̃; tanh hangs from the belt behind +, above ×, above o.
  EXPECT_EQ(test::shape(d, d.belts[0].ops[0]).centre.x, named(d, "f").centre.x);
  EXPECT_EQ(test::shape(d, d.belts[0].ops[1]).centre.x, named(d, "C̃").centre.x);
  const Shape& out = named(d, "h");
  EXPECT_EQ(plain(out.part.label), "×");
  EXPECT_EQ(out.centre.x, named(d, "o").centre.x);
  const Shape& tap = test::shape(d, out.part.feeds[1].from);
  EXPECT_EQ(plain(tap.part.label), "tanh");
  EXPECT_EQ(tap.part.kind, PartKind::kOp);
  EXPECT_LT(tap.centre.y, out.centre.y);
  // h and x meet once, below all four.
  EXPECT_EQ(std::count_if(d.shapes.begin(), d.shapes.end(),
                          [](const Shape& s) { return s.part.kind == PartKind::kJoin; }),
            1);
  EXPECT_GT(named(d, "x").centre.y, named(d, "f").centre.y);
  EXPECT_LT(named(d, "h.output").centre.y, test::shape(d, d.belts[0].next).centre.y);
  EXPECT_EQ(named(d, "h.previous").centre.y, named(d, "h.next").centre.y);
}

TEST(PostsGrammar, PeepholesReadTheBeltBeforeItsFirstOperationAndBehindItsLast) {
  const Diagram d = make_diagram(shipped_graph("lstm_peephole"));
  const auto peephole = [&](const char* id) {
    for (const Feed& f : named(d, id).part.feeds) {
      if (f.side) return f;
    }
    return Feed{};
  };
  EXPECT_EQ(test::shape(d, peephole("f").from).part.id, "C.previous");
  EXPECT_EQ(test::shape(d, peephole("i").from).part.id, "C.previous");
  EXPECT_EQ(test::shape(d, peephole("o").from).part.id, "C");
  EXPECT_EQ(plain(peephole("o").tag), "p_o ×");
  EXPECT_EQ(peephole("C̃").from, -1);
  // The post's own, where C joins the concatenation, has no such marks but joins: [h, x], C[t-1] to it, C to
  // it.
  const Diagram full = make_diagram(shipped_graph("lstm_peephole_full"));
  EXPECT_EQ(std::count_if(full.shapes.begin(), full.shapes.end(),
                          [](const Shape& s) { return s.part.kind == PartKind::kJoin; }),
            3);
}

TEST(PostsGrammar, CoupledGatesAndGru) {
  const Diagram coupled = make_diagram(shipped_graph("lstm_coupled"));
  EXPECT_EQ(layers(coupled), (Names{"f", "C̃", "o"}));
  EXPECT_EQ(labels(coupled, coupled.belts[0].ops), (Names{"×", "+"}));
  const Diagram gru = make_diagram(shipped_graph("gru"));
  ASSERT_EQ(gru.belts.size(), 1U);
  EXPECT_EQ(test::shape(gru, gru.belts[0].next).part.name, "h");
  EXPECT_EQ(labels(gru, gru.belts[0].ops), (Names{"×", "+"}));
  EXPECT_EQ(layers(gru), (Names{"z", "r", "h̃"}));
}

TEST(Diagram, IsDrawnFromTheEquationsAndNotFromNames) {
  // The LSTM under other names, its lines in another order: the same geometry as the same order of ours.
  const char* ours =
      "cell a(x) -> h\nf = σ(W_f·[h[t-1], x] + b_f)\ni = σ(W_i·[h[t-1], x] + b_i)\n"
      "g = tanh(W_g·[h[t-1], x] + b_g)\nC = f ⊙ C[t-1] + i ⊙ g\no = σ(W_o·[h[t-1], x] + b_o)\nh = o ⊙ "
      "tanh(C)\n";
  const char* other =
      "cell b(u) -> y\nr = σ(W_r·[y[t-1], u] + b_r)\ns = σ(W_s·[y[t-1], u] + b_s)\n"
      "v = tanh(W_v·[y[t-1], u] + b_v)\nM = r ⊙ M[t-1] + s ⊙ v\nw = σ(W_w·[y[t-1], u] + b_w)\ny = w ⊙ "
      "tanh(M)\n";
  const Diagram a = make_diagram(graph_of(ours)), b = make_diagram(graph_of(other));
  ASSERT_EQ(a.shapes.size(), b.shapes.size());
  for (std::size_t i = 0; i < a.shapes.size(); ++i) {
    EXPECT_EQ(a.shapes[i].part.kind, b.shapes[i].part.kind);
    EXPECT_NEAR(a.shapes[i].centre.x - a.frame_from.x, b.shapes[i].centre.x - b.frame_from.x, 1e-9);
    EXPECT_EQ(a.shapes[i].centre.y, b.shapes[i].centre.y);
  }
}

TEST(Diagram, TellsOperandsThatMayNotBeExchanged) {
  const Diagram d =
      make_diagram(graph_of("cell a(x) -> h\nu = tanh(W_u·x)\nv = σ(W_v·x)\nh = u / v - h[t-1]\n"));
  EXPECT_TRUE(faults_of(d).empty());
  const Shape& minus = named(d, "h");
  EXPECT_EQ(plain(minus.part.feeds[0].tag), "");
  EXPECT_EQ(plain(minus.part.feeds[1].tag), "−");
  EXPECT_EQ(test::shape(d, minus.part.feeds[1].from).part.id, "h.previous");
  const Shape& over = test::shape(d, minus.part.feeds[0].from);
  EXPECT_EQ(plain(over.part.feeds[1].tag), "÷");
  EXPECT_EQ(test::shape(d, over.part.feeds[1].from).part.id, "v");
}

TEST(Diagram, KeepsAParametersPlaceBesideItsOperation) {
  const Diagram d = make_diagram(graph_of("cell a(x) -> h\nparam g\nh = 2 - g ⊙ tanh(W·x + U·h[t-1] + b)\n"));
  const Shape& h = named(d, "h");
  EXPECT_EQ(plain(h.part.label), "2−");
  EXPECT_EQ(plain(test::shape(d, h.part.feeds[0].from).part.label), "g×");
}

TEST(Diagram, DelaysAndLaggedInputsArePorts) {
  const Diagram d = make_diagram(graph_of("cell a(x) -> h\nh = tanh(W·[h[t-1], h[t-3], x, x[t-1]] + b)\n"));
  EXPECT_TRUE(faults_of(d).empty());
  EXPECT_EQ(plain(named(d, "h.previous.3").part.label), "h_t−3");
  EXPECT_EQ(plain(named(d, "x.previous").part.label), "x_t−1");
}

TEST(Diagram, IdsAreTheCellsNamesAndUnique) {
  const Diagram d = make_diagram(shipped_graph("lstm"));
  std::vector<std::string> ids;
  for (const Shape& s : d.shapes) ids.push_back(s.part.id);
  for (const char* id : {"f", "i", "C̃", "C", "o", "h", "x", "C.previous", "C.next", "h.output"})
    EXPECT_EQ(std::count(ids.begin(), ids.end(), id), 1) << id;
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
}

TEST(Diagram, MirrorsPlacesAndNotLetters) {
  const Diagram d = make_diagram(shipped_graph("lstm"));
  Diagram m = d;
  mirror(m);
  for (std::size_t i = 0; i < d.shapes.size(); ++i) {
    EXPECT_EQ(m.shapes[i].centre.x, d.width - d.shapes[i].centre.x);
    EXPECT_EQ(plain(m.shapes[i].part.label), plain(d.shapes[i].part.label));
  }
  const std::string svg = draw_cell(shipped_graph("lstm"), {"light", {}, 1, false, true});
  EXPECT_EQ(svg.find("scale("), std::string::npos);
  EXPECT_EQ(svg.find("matrix("), std::string::npos);
}

/// LSTMs upon each other, six lines each, and one line more.
std::string tower(int floors) {
  std::string text = "cell tower(x) -> h\n", sizes, below = "x";
  for (int k = 0; k < floors; ++k) {
    const std::string n = std::to_string(k), read = "·[h_" + n + "[t-1], " + below + "] + b_";
    for (const char* gate : {"f", "i", "o"})
      text += gate + ("_" + n + " = σ(W_") + gate + n + read + gate + n + ")\n";
    text += "g_" + n + " = tanh(W_g" + n + read + "g" + n + ")\n";
    text += "C_" + n + " = f_" + n + " ⊙ C_" + n + "[t-1] + i_" + n + " ⊙ g_" + n + "\n";
    text += "h_" + n + " = o_" + n + " ⊙ tanh(C_" + n + ")\n";
    sizes += "size f_" + n + ", h_" + n + " = units\n";
    below = "h_" + n;
  }
  return text + "h = tanh(W_z·[" + below + ", h[t-1]] + b_z)\n" + sizes;
}

// Work and not time: a clock would tell the machine's load.
TEST(Diagram, TheWorkGrowsLittleFasterThanTheCell) {
  const Diagram small = make_diagram(graph_of(tower(6))), large = make_diagram(graph_of(tower(13)));
  for (const Diagram* drawn : {&small, &large}) {
    for (const std::string& f : faults_of(*drawn)) ADD_FAILURE() << f;
  }
  EXPECT_LT(small.work, 1'200'000);
  EXPECT_LT(large.work, 3'000'000);
  EXPECT_LE(large.crossings, 520);
}

TEST(Diagram, RefusesCellsTooLargeToRead) {
  std::string text = "cell big(x) -> h\nv_0 = tanh(W_0·x)\n";
  constexpr int kLines = kMostParts / 2 + 1;  // of two parts each
  for (int i = 1; i <= kLines; ++i)
    text += "v_" + std::to_string(i) + " = exp(tanh(v_" + std::to_string(i - 1) + "))\n";
  text += "h = v_" + std::to_string(kLines) + " ⊙ 1\n";
  EXPECT_THROW(make_diagram(graph_of(text)), SpecError);
}

std::string message(const DiagramStyle& style) {
  try {
    draw_cell(shipped_graph("lstm"), style);
  } catch (const SpecError& e) {
    return e.what();
  }
  return "";
}

TEST(Diagram, SaysWhatIsWrongWithAStyle) {
  EXPECT_EQ(message({"light", {"ff"}, 1, false, false}),
            "cell 'lstm' has no line 'ff' to highlight; did you mean 'f'?");
  EXPECT_NE(message({"light", {"zebra"}, 1, false, false}).find("; there are "), std::string::npos);
  EXPECT_EQ(message({"sepia", {}, 1, false, false}), "no theme 'sepia'; there are light, dark, print");
  EXPECT_EQ(message({"light", {}, 0, false, false}), "an unrolled picture has 1 to 9 copies, not 0");
  EXPECT_EQ(message({"light", {"f", "C", "C[t-1]", "x", "h"}, 9, true, true}), "");
}

}  // namespace
}  // namespace cellwright::draw
