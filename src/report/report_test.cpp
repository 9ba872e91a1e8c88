// The report's data, unpacked again as a browser does: exact numbers, equations that hold, a diagram for
// every cell, the promised size.
#include "report/report.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "cellwright/error.h"
#include "explain/explain_test_help.h"
#include "explain/predictions.h"
#include "graph/evaluate.h"
#include "report/beads.h"
#include "report/layer_values.h"
#include "report/packed.h"

namespace cellwright {
namespace {

using Json = nlohmann::json;

std::string unbase64(const std::string& text) {
  static const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t group = 0;
  int bits = 0;
  for (char c : text) {
    if (c == '=') break;
    group = group << 6 | static_cast<std::uint32_t>(letters.find(c));
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>(group >> bits & 0xFF);
  }
  return out;
}

struct Unpacked {
  Json meta;
  std::string data;
  std::vector<std::size_t> at;

  explicit Unpacked(const std::string& payload) {
    const std::string packed = unbase64(payload);
    std::string all(64 << 20, '\0');
    uLongf size = static_cast<uLongf>(all.size());
    if (uncompress(reinterpret_cast<Bytef*>(all.data()), &size, reinterpret_cast<const Bytef*>(packed.data()),
                   static_cast<uLong>(packed.size())) != Z_OK)
      throw std::runtime_error("the payload is not zlib's");
    std::uint32_t length = 0;
    for (int i = 3; i >= 0; --i)
      length = length << 8 | static_cast<unsigned char>(all[static_cast<std::size_t>(i)]);
    meta = Json::parse(all.substr(4, length));
    data = all.substr(4 + length, size - 4 - length);
    std::size_t next = 0;
    for (const Json& a : meta["arrays"]) {
      at.push_back(next);
      next += a[0].get<std::size_t>() * a[1].get<std::size_t>();
    }
    if (next != data.size()) throw std::runtime_error("arrays and data differ in length");
  }

  static Unpacked of_page(const std::string& page) {
    const std::string mark = "id=\"data\">";
    const std::size_t from = page.find(mark) + mark.size();
    return Unpacked(page.substr(from, page.find('<', from) - from));
  }

  std::vector<double> array(int id) const {
    const auto i = static_cast<std::size_t>(id);
    const auto width = meta["arrays"][i][0].get<std::size_t>(),
               count = meta["arrays"][i][1].get<std::size_t>();
    if (width == 0) {
      const Json& product = meta["arrays"][i];
      const std::vector<double> a = array(product[2][0]), b = array(product[3][0]);
      const auto lag_a = product[2][1].get<std::size_t>(), lag_b = product[3][1].get<std::size_t>();
      std::vector<double> values;
      for (std::size_t k = 0; k < count; ++k)
        values.push_back(static_cast<double>(
            static_cast<float>((k < lag_a ? 0 : a[k - lag_a]) * (k < lag_b ? 0 : b[k - lag_b]))));
      return values;
    }
    std::vector<double> out;
    for (std::size_t k = 0; k < count; ++k) {
      std::uint32_t bits = 0;
      for (std::size_t b = 0; b < width; ++b)
        bits = bits << 8 | static_cast<unsigned char>(data[at[i] + b * count + k]);
      if (width == 4) {
        float v = 0;
        std::memcpy(&v, &bits, 4);
        out.push_back(static_cast<double>(v));
      } else if (width == 2) {
        const int exponent = bits >> 10 & 31;
        const double m = bits & 1023;
        const double v = exponent == 31 ? (m > 0 ? NAN : INFINITY)
                         : exponent > 0 ? std::ldexp(1 + m / 1024, exponent - 15)
                                        : std::ldexp(m / 1024, -14);
        out.push_back(bits & 0x8000 ? -v : v);
      } else {
        out.push_back(bits);
      }
    }
    return out;
  }

  /// As page/data.js: numberOf.
  double number(const Json& layer, int value, int step, int unit) const {
    const Json& v = layer["values"][static_cast<std::size_t>(value)];
    const int size = v["size"].get<int>(), k = size == 1 ? 0 : unit;
    const std::vector<double> all = array(v["array"].get<int>());
    if (v.value("fixed", false)) return all[static_cast<std::size_t>(k)];
    const int s = step - v.value("lag", 0);
    if (s >= 0) return all[static_cast<std::size_t>(s * size + k)];
    const Json& start = v["starts"][static_cast<std::size_t>(step)];
    return start[start.size() == 1 ? 0 : static_cast<std::size_t>(k)].get<double>();
  }
};

Vocabulary letters(int classes) {
  std::string text;
  for (int i = 0; i < classes; ++i) text += static_cast<char>('a' + i);
  return Vocabulary::build(text, {});
}

Unpacked report_of(Model<float>& model, const std::vector<std::int32_t>& tokens) {
  return Unpacked::of_page(make_report(model, letters(model.spec().classes), tokens, {}));
}

TEST(Packed, HalvesAreTheNearest) {
  const std::pair<float, int> known[] = {{0.0f, 0},
                                         {-0.0f, 0x8000},
                                         {1.0f, 0x3C00},
                                         {-2.0f, 0xC000},
                                         {65504.0f, 0x7BFF},
                                         {65519.0f, 0x7BFF},
                                         {65520.0f, 0x7C00},
                                         {1e9f, 0x7C00},
                                         {1.0f / 3, 0x3555},
                                         {std::ldexp(1.0f, -24), 1},
                                         {std::ldexp(1.0f, -25), 0},
                                         {std::ldexp(3.0f, -25), 2},
                                         {std::ldexp(1.0f, -14), 0x0400},
                                         {1e-30f, 0},
                                         {1.0f + 1.0f / 2048, 0x3C00},
                                         {1.0f + 3.0f / 2048, 0x3C02}};
  for (const auto& [value, half] : known) EXPECT_EQ(to_half(value), half) << value;
  EXPECT_EQ(to_half(-INFINITY), 0xFC00);
  EXPECT_EQ(to_half(std::nanf("")) & 0x7C00, 0x7C00);
  EXPECT_NE(to_half(std::nanf("")) & 0x03FF, 0);
}

TEST(Packed, ComesBackAsItWas) {
  EXPECT_EQ(base64("M"), "TQ==");
  EXPECT_EQ(base64("Ma"), "TWE=");
  EXPECT_EQ(base64("Man"), "TWFu");
  Packed packed;
  const std::vector<float> a = {0.1f, -3e-9f, 1e30f, INFINITY}, b = {0.5f, -0.25f, 7, 1024};
  const int first = packed.exact(a), second = packed.rounded(b), third = packed.bytes({0, 255, 7});
  EXPECT_EQ(packed.exact(a), first) << "equal arrays are kept once";
  EXPECT_EQ(packed.rounded(a), first) << "what is there exactly is not rounded";
  EXPECT_EQ(packed.product({0.2f}, {first, 0}, {first, 0}), -1) << "of another length";
  EXPECT_EQ(packed.product({1, 2, 3, 4}, {first, 0}, {first, 0}), -1) << "not the product";
  const int squares = packed.product({0, -3e-9f * 0.1f, 1e30f * -3e-9f, INFINITY}, {first, 0}, {first, 1});
  EXPECT_GE(squares, 0);
  EXPECT_TRUE(packed.in_full(squares) && packed.in_full(first) && !packed.in_full(second));
  const Unpacked u(packed.payload({{"hello", "«é"}}));
  EXPECT_EQ(u.array(squares)[1], static_cast<double>(-3e-9f * 0.1f));
  EXPECT_EQ(u.meta["hello"], "«é");
  const std::vector<double> back = u.array(first);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(back[i], static_cast<double>(a[i]));
  EXPECT_EQ(u.array(second), (std::vector<double>{0.5, -0.25, 7, 1024}));
  EXPECT_EQ(u.array(third), (std::vector<double>{0, 255, 7}));
}

/// Parts without a name are evaluated from recorded lines; here against the whole cell run by the reference.
TEST(LayerValues, PartsAreThoseOfTheReference) {
  for (const std::string cell : {"lstm", "gru", "lstm_peephole", "lstm_coupled"}) {
    auto model = test::random_model<float>({test::layer(cell, 5)}, 7, 4, 11);
    const auto tokens = test::random_tokens(9, 7, 2);
    TraceOptions all;
    const Trace<float> seen = trace(*model, tokens.data(), 9, 1, all);
    TraceOptions only_x;
    only_x.lines = {"x"};
    LayerRun run;
    run.graph = model->inside().stack.wiring().tracks[0].graph;
    run.steps = 9;
    for (const TracedLine<float>& l : seen.lines) run.lines[l.line] = l.values;
    run.inputs = {trace(*model, tokens.data(), 9, 1, only_x).lines[0].values};
    Sequence x;
    for (std::size_t t = 0; t < 9; ++t)
      x.push_back({Vector(run.inputs[0].begin() + static_cast<std::ptrdiff_t>(4 * t),
                          run.inputs[0].begin() + static_cast<std::ptrdiff_t>(4 * t + 4))});
    for (const Parameter& p : run.graph.parameters) {
      for (std::size_t i = 0; i < model->tensors().size(); ++i) {
        if (model->tensors()[i].name != "layers.0." + p.name) continue;
        const std::vector<float> values = model->get(i);
        run.parameters.emplace_back(values.begin(), values.end());
      }
    }
    std::vector<NodeId> every;
    for (std::size_t i = 0; i < run.graph.nodes.size(); ++i) every.push_back(static_cast<NodeId>(i));
    const LayerValues values(run, every);
    const NaiveForward whole = naive_forward(run.graph, run.parameters, {x}, 9, 1);
    int evaluated = 0;
    for (NodeId id : every) {
      evaluated += !values.recorded(id);
      for (std::size_t t = 0; t < 9; ++t) {
        const Vector& expected = whole.values[t][0][static_cast<std::size_t>(id)];
        for (std::size_t k = 0; k < expected.size(); ++k)
          EXPECT_NEAR(static_cast<double>(values.of(id)[t * expected.size() + k]), expected[k], 2e-5)
              << cell << " node " << id << " step " << t;
      }
    }
    EXPECT_GT(evaluated, 5) << cell;
  }
}

TEST(Report, LinesAreTheTraceToTheBitAndEquationsHold) {
  auto model = test::random_model<float>({test::layer("lstm", 6), test::layer("gru", 5)}, 7, 4, 3);
  const auto tokens = test::random_tokens(12, 7, 5);
  const Unpacked u = report_of(*model, tokens);
  const Trace<float> seen = trace(*model, tokens.data(), 12, 1, {});
  ASSERT_EQ(u.meta["layers"].size(), 2u);
  for (const TracedLine<float>& l : seen.lines) {
    const Json& layer = u.meta["layers"][static_cast<std::size_t>(l.layer)];
    bool found = false;
    for (const Json& line : layer["lines"]) {
      if (line["name"] != l.line) continue;
      found = true;
      const std::vector<double> values =
          u.array(layer["values"][line["value"].get<std::size_t>()]["array"].get<int>());
      ASSERT_EQ(values.size(), l.values.size());
      for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], static_cast<double>(l.values[i]));
    }
    EXPECT_TRUE(found) << l.name;
  }
  // C = f ⊙ C[t-1] + i ⊙ C̃: the numbers of each stage make those of the next.
  const Json& layer = u.meta["layers"][0];
  const Json* belt = nullptr;
  for (const Json& e : layer["equations"]) {
    if (e["names"][0] == "C") belt = &e;
  }
  ASSERT_NE(belt, nullptr);
  const Json& stages = (*belt)["stages"];
  ASSERT_EQ(stages.size(), 4u) << stages.dump();
  EXPECT_EQ(stages[0], Json::parse(R"(["f ⊙ C[t-1] + i ⊙ C̃"])"));
  ASSERT_EQ(stages[1].size(), 7u) << stages.dump();
  for (int t = 0; t < 12; ++t) {
    const auto at = [&](int stage, int piece) {
      return u.number(
          layer, stages[static_cast<std::size_t>(stage)][static_cast<std::size_t>(piece)].get<int>(), t, 4);
    };
    EXPECT_NEAR(at(1, 0) * at(1, 2), at(2, 0), 1e-3 * std::fabs(at(2, 0)) + 1e-6);
    EXPECT_NEAR(at(1, 4) * at(1, 6), at(2, 2), 1e-3 * std::fabs(at(2, 2)) + 1e-6);
    EXPECT_NEAR(at(2, 0) + at(2, 2), at(3, 0), 2e-3);
  }
  // A gate's argument is one number, and its sigmoid the gate.
  const Json& gate = layer["equations"][0]["stages"];
  ASSERT_EQ(gate.size(), 3u) << gate.dump();
  EXPECT_EQ(gate[1][0], "σ(");
  const double argument = u.number(layer, gate[1][1].get<int>(), 7, 2);
  EXPECT_NEAR(1 / (1 + std::exp(-argument)), u.number(layer, gate[2][0].get<int>(), 7, 2), 1e-3);
}

TEST(Report, EveryPartOfTheDiagramHasItsNumber) {
  auto model = test::random_model<float>({test::layer("lstm", 6)}, 7, 4, 3);
  const Unpacked u = report_of(*model, test::random_tokens(5, 7, 5));
  const Json& layer = u.meta["layers"][0];
  for (const auto& [id, part] : layer["parts"].items()) {
    EXPECT_TRUE(part.contains("value")) << id << ": " << part.dump();
    if (part["kind"] == "op" || part["kind"] == "layer") {
      EXPECT_TRUE(part.contains("equation")) << id;
    }
    if (part["kind"] == "previous" || part["kind"] == "next") continue;  // named at the ends of the row alone
    const std::string svg = layer["diagram"]["light"].get<std::string>();
    EXPECT_NE(svg.find("id=\"" + id + "\""), std::string::npos) << id;
  }
  EXPECT_EQ(layer["beads"].size(), 12u);
  EXPECT_EQ(layer["horizons"]["C"].size(), 6u);
}

TEST(Report, EveryShippedCellThatReadsTextHasOne) {
  int made = 0;
  for (const std::string& name : shipped_cells()) {
    std::unique_ptr<Model<float>> model;
    for (int units = 8; units <= 24 && !model; units += 4) {
      for (const int embedding : {5, units}) {
        try {
          if (!model) model = test::random_model<float>({test::layer(name, units)}, 7, embedding, 3);
        } catch (const Error&) {  // sizes to be named, several inputs: no layer on a text
        }
      }
    }
    if (!model) continue;
    ++made;
    const auto tokens = test::random_tokens(6, 7, 5);
    EXPECT_NO_THROW({
      const Unpacked u = report_of(*model, tokens);
      EXPECT_FALSE(u.meta["layers"][0]["lines"].empty()) << name;
      EXPECT_FALSE(u.meta["layers"][0]["equations"].empty()) << name;
    }) << name;
  }
  EXPECT_GE(made, 25);
}

TEST(Report, IsSmall) {
  auto model = test::random_model<float>({test::layer("lstm", 128)}, 65, 32, 3);
  const auto tokens = test::random_tokens(300, 65, 5);
  std::string text;
  for (int i = 0; i < 65; ++i) text += static_cast<char>('0' + i);
  const std::string page = make_report(*model, Vocabulary::build(text, {}), tokens, {});
  EXPECT_LT(page.size(), 2000000u);
  EXPECT_EQ(make_report(*model, Vocabulary::build(text, {}), tokens, {}), page);
}

TEST(Report, ShortAndOddTexts) {
  auto one_hot = test::random_model<float>({test::layer("rnn", 4)}, 7, 0, 3);
  const Unpacked u = report_of(*one_hot, {3});
  EXPECT_TRUE(u.meta["gradients"].is_null());
  EXPECT_EQ(report_of(*one_hot, {3, 1}).meta["gradients"]["lags"], 0);
  ReportOptions options;
  options.steps = 4;
  options.name = "</script><b>&";
  const std::string page = make_report(*one_hot, letters(7), test::random_tokens(9, 7, 1), options);
  EXPECT_EQ(Unpacked::of_page(page).meta["steps"], 4);
  EXPECT_EQ(Unpacked::of_page(page).meta["of"], 9);
  EXPECT_EQ(page.find("</script><b>"), std::string::npos);
  EXPECT_THROW(make_report(*one_hot, letters(7), {}, {}), SpecError);
  options.top = 0;
  EXPECT_THROW(make_report(*one_hot, letters(7), {1, 2}, options), SpecError);
}

TEST(Beads, CoverNothing) {
  for (const std::string cell : {"lstm", "gru", "lstm_peephole", "lstm_coupled", "rnn", "min_gru"}) {
    auto model = test::random_model<float>({test::layer(cell, 4)}, 7, 4, 3);
    const draw::Diagram d = draw::make_diagram(model->inside().stack.wiring().tracks[0].graph);
    const std::vector<draw::Point> beads = bead_places(d);
    ASSERT_EQ(beads.size(), d.wires.size());
    for (std::size_t i = 0; i < beads.size(); ++i) {
      const auto bare = [&](std::size_t w) {
        const draw::PartKind from = d.shapes[static_cast<std::size_t>(d.wires[w].from)].part.kind;
        return from == draw::PartKind::kJoin || from == draw::PartKind::kConstant;
      };
      if (bare(i)) continue;
      for (const draw::Shape& s : d.shapes) {
        const bool apart = std::fabs(s.centre.x - beads[i].x) >= s.half_width + kBeadWidth / 2 ||
                           std::fabs(s.centre.y - beads[i].y) >= s.half_height + kBeadHeight / 2;
        EXPECT_TRUE(s.half_width == 0 || apart) << cell << ": the bead of wire " << i << " on " << s.part.id;
      }
      for (std::size_t j = 0; j < i; ++j)
        EXPECT_TRUE(bare(j) || std::fabs(beads[j].x - beads[i].x) >= kBeadWidth ||
                    std::fabs(beads[j].y - beads[i].y) >= kBeadHeight)
            << cell << " beads " << i << ", " << j;
    }
  }
}

/// The probabilities against the loss that evaluation sums up.
TEST(Predictions, AreTheModelsOwn) {
  auto model = test::random_model<float>({test::layer("lstm", 6)}, 9, 4, 3);
  const auto tokens = test::random_tokens(300, 9, 5);
  const Predictions p = predict(*model, tokens.data(), 300, 9);
  double nats = 0;
  for (int t = 0; t + 1 < 300; ++t)
    nats -= std::log(static_cast<double>(p.of_next[static_cast<std::size_t>(t)]));
  ModelState<float> state = model->make_state(1);
  const WindowLoss loss = model->evaluate_window({299, 1, tokens.data(), tokens.data() + 1, 0}, state);
  EXPECT_NEAR(nats, loss.nats, 1e-3);
  EXPECT_EQ(p.of_next[299], -1);
  for (std::size_t t = 0; t < 300; ++t) {
    double sum = 0;
    for (std::size_t k = 0; k < 9; ++k) {
      sum += static_cast<double>(p.probabilities[9 * t + k]);
      if (k > 0) {
        EXPECT_GE(p.probabilities[9 * t + k - 1], p.probabilities[9 * t + k]);
      }
    }
    EXPECT_NEAR(sum, 1, 1e-5);
    if (t < 299) {
      EXPECT_EQ(p.tokens[9 * t + static_cast<std::size_t>(p.rank[t]) - 1], tokens[t + 1]);
    }
  }
  EXPECT_THROW(predict(*model, tokens.data(), 0, 3), SpecError);
}

}  // namespace
}  // namespace cellwright
