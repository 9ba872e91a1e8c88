#include "language/print.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "language/signature.h"
#include "language/test_cells.h"

namespace cellwright {
namespace {

using syntax::parse_cell;
using syntax::print_cell;
using syntax::Spelling;

TEST(Print, BothSpellingsMakeTheSameGraph) {
  for (const test::Sample& sample : test::samples()) {
    SCOPED_TRACE(sample.name);
    const std::string graph = test::dump(test::make(sample.text, sample.binding));
    const syntax::Cell cell = parse_cell(sample.text, "a.cell");
    for (const Spelling spelling : {Spelling::kUnicode, Spelling::kAscii}) {
      const std::string printed = print_cell(cell, spelling);
      const syntax::Cell again = parse_cell(printed, "b.cell");
      EXPECT_EQ(test::dump(lower(again, sample.binding)), graph) << printed;
      EXPECT_EQ(print_cell(again, spelling), printed);
      EXPECT_EQ(again.description, cell.description);
    }
  }
}

TEST(Print, CellsThatCannotYetRunPrintToo) {
  for (const char* text : {test::kAttention, test::kVrnn}) {
    const syntax::Cell cell = parse_cell(text, "a.cell");
    const std::string ascii = print_cell(cell, Spelling::kAscii);
    EXPECT_TRUE(std::all_of(ascii.begin(), ascii.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x80;
    })) << ascii;
    EXPECT_EQ(print_cell(parse_cell(ascii, "b.cell"), Spelling::kUnicode), text);
  }
}

TEST(Print, ShippedTextsAreInTheirPrintedForm) {
  for (const std::string& name : shipped_cells()) {
    EXPECT_EQ(print_cell(parse_cell(shipped_cell_text(name), name), Spelling::kUnicode),
              shipped_cell_text(name));
  }
}

TEST(Print, AsciiSpellingOfALine) {
  const syntax::Cell cell =
      parse_cell("cell c(x) -> h\nC̃ = σ(W_μ·[x, h[t−1]] ⊙ 2)\nh = C̃ ∘ h[t-1]  # keeps ⊙", "c");
  EXPECT_EQ(print_cell(cell, Spelling::kAscii),
            "cell c(x) -> h\nC~ = sigmoid(W_\\mu@[x, h[t-1]] * 2)\nh = C~ * h[t-1]  # keeps ⊙\n");
  EXPECT_EQ(print_cell(cell, Spelling::kUnicode),
            "cell c(x) -> h\nC̃ = σ(W_μ·[x, h[t-1]] ⊙ 2)\nh = C̃ ⊙ h[t-1]  # keeps ⊙\n");
}

TEST(Print, LookAlikesAreOneCell) {
  const std::string plain =
      print_cell(parse_cell("cell c(x) -> h\nμ' = sqrt(W·x) ⊙ x / 2 - x\nC̃ = σ(V·x)\nh = C̃ ⊙ μ'\n", "c"),
                 Spelling::kUnicode);
  for (const char* other :
       {"cell c(x) → h\nµ′ = √(W⋅x) ∘ x ÷ 2 − x\nC˜ = sigmoid(V∙x)\nh = C̃ × µ'\n",
        "\xEF\xBB\xBF"
        "cell c(x)->h\r\n\\mu'=sqrt(W@x)*x/2-x\r\nC~=\\sigma(V@x)\r\nh=C~*\\mu'",
        "cell  c ( x ) ⟶ h\n\tμ' = sqrt(W·x)⊗x ∕ 2 – x\nC\\u{303} = σ( V•x )\nh = C∼ ∗ \\u{3BC}'\n\n\n"}) {
    EXPECT_EQ(print_cell(parse_cell(other, "c"), Spelling::kUnicode), plain);
  }
}

TEST(Print, EveryNameHasAnAsciiSpelling) {
  // A Greek letter before a Latin one, marks with and without a composed form, a letter of another alphabet.
  for (const std::string name : {"αx", "x_Λ", "ĥ", "C̃_ñ", "ж", "f'", "ℓ", "Ã̂", "日"}) {
    const std::string text = "cell c(" + name + ") -> h\nh = tanh(W·" + name + ")\n";
    const std::string ascii = print_cell(parse_cell(text, "c"), Spelling::kAscii);
    EXPECT_TRUE(std::all_of(ascii.begin(), ascii.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x80;
    })) << ascii;
    const syntax::Cell again = parse_cell(ascii, "c");
    EXPECT_EQ(again.inputs[0].name, parse_cell(text, "c").inputs[0].name) << ascii;
  }
}

TEST(Print, ParenthesesStandWhereATreeNeedsThem) {
  syntax::Cell cell = parse_cell("cell c(x) -> h\nh = x - (x - (x + x)) / (x ⊙ x) - -(x + x)\n", "c");
  const std::string whole = syntax::print_expression(cell.statements[1].value, Spelling::kUnicode);
  // The same tree made by a program, which marks nothing as parenthesised.
  const std::function<void(syntax::Expr&)> unmark = [&](syntax::Expr& e) {
    e.parenthesised = false;
    for (syntax::Expr& part : e.args) unmark(part);
  };
  unmark(cell.statements[1].value);
  EXPECT_EQ(syntax::print_expression(cell.statements[1].value, Spelling::kUnicode), whole);
}

TEST(Latex, OfTheLstm) {
  EXPECT_EQ(print_latex(parse_cell(shipped_cell_text("lstm"), "lstm")),
            "\\begin{aligned}\n"
            "  f_t &= \\sigma\\left(W_f \\cdot [h_{t-1}, x_t] + b_f\\right) \\\\\n"
            "  i_t &= \\sigma\\left(W_i \\cdot [h_{t-1}, x_t] + b_i\\right) \\\\\n"
            "  \\tilde{C}_t &= \\tanh\\left(W_C \\cdot [h_{t-1}, x_t] + b_C\\right) \\\\\n"
            "  C_t &= f_t \\odot C_{t-1} + i_t \\odot \\tilde{C}_t \\\\\n"
            "  o_t &= \\sigma\\left(W_o \\cdot [h_{t-1}, x_t] + b_o\\right) \\\\\n"
            "  h_t &= o_t \\odot \\tanh\\left(C_t\\right)\n"
            "\\end{aligned}\n");
}

TEST(Latex, OfEveryShippedCellHasARowALine) {
  for (const std::string& name : shipped_cells()) {
    const syntax::Cell cell = test::shipped(name);
    const auto lines = std::count_if(cell.statements.begin(), cell.statements.end(), [](const auto& s) {
      return s.kind == syntax::Statement::Kind::kEquation || s.kind == syntax::Statement::Kind::kLoss;
    });
    const std::string latex = print_latex(cell);
    // A row a line, between \begin and \end; nothing is left as it was typed.
    EXPECT_EQ(std::count(latex.begin(), latex.end(), '\n'), lines + 2) << latex;
    EXPECT_EQ(std::count(latex.begin(), latex.end(), '&'), lines) << latex;
    EXPECT_EQ(latex.find("σ"), std::string::npos) << latex;
    EXPECT_EQ(latex.find("[t-1]"), std::string::npos) << latex;
  }
}

TEST(Latex, FractionsSubscriptsIndicesAndLosses) {
  const auto row = [](const std::string& text, const std::string& wanted) {
    EXPECT_NE(print_latex(parse_cell(text, "c")).find(wanted), std::string::npos)
        << print_latex(parse_cell(text, "c"));
  };
  row(std::string(shipped_cell_text("lstm_depth_gated")),
      "d_t \\odot \\left(C_{\\mathrm{below},t} \\;\\middle|\\; W_0 \\cdot x_t\\right)");
  row(test::kVrnn, "\\mu_{0,t} &= W_0 \\cdot h_{t-1} + b_0");
  row(test::kVrnn, "W_{\\mu} \\cdot [u_t, h_{t-1}]");
  row(test::kVrnn, "\\mathcal{L}_{\\mathrm{kl}} &= ");
  row(test::kVrnn, "\\frac{s_t^2 + \\left(\\mu_t - \\mu_{0,t}\\right)^2}{2 \\odot s_{0,t}^2} - 0.5");
  row(test::kAttention,
      "\\alpha_{t,j} &= \\operatorname{softmax}_{j}\\left(\\operatorname{dot}\\left(v, "
      "s_{t,j}\\right)\\right)");
  row(test::kAttention, "c_t &= \\sum_{j} \\alpha_{t,j} \\odot y_j \\\\\n");
}

TEST(Markdown, HasNameDescriptionEquationsAndParameters) {
  const std::string page = print_markdown(parse_cell(shipped_cell_text("slstm"), "slstm"));
  EXPECT_EQ(page.rfind("# slstm\n\nsLSTM: exponential gates", 0), 0u);
  EXPECT_NE(page.find("$$\n\\begin{aligned}\n"), std::string::npos);
  EXPECT_NE(page.find("| $R_f$ | matrix, block_diagonal(heads) | `h[t-1]` | default |\n"), std::string::npos)
      << page;
  EXPECT_NE(print_markdown(parse_cell(shipped_cell_text("lstm"), "l")).find("| $b_f$ | vector |  | 1 |\n"),
            std::string::npos);
}

TEST(Signature, SaysWhatALayerMustAsk) {
  const Signature vrnn = signature(parse_cell(test::kVrnn, "c"));
  EXPECT_EQ(vrnn.size_names, std::vector<std::string>{"latent"});
  EXPECT_EQ(vrnn.outputs, std::vector<std::string>{"h"});
  const Signature depth = signature(test::shipped("lstm_depth_gated"));
  ASSERT_EQ(depth.inputs.size(), 2u);
  EXPECT_FALSE(depth.inputs[0].optional);
  EXPECT_TRUE(depth.inputs[1].optional);
  EXPECT_EQ(depth.outputs, (std::vector<std::string>{"h", "C"}));
  const Signature slstm = signature(parse_cell(shipped_cell_text("slstm"), "c"));
  ASSERT_EQ(slstm.options.size(), 1u);
  EXPECT_EQ(slstm.options[0].first, "heads");
  EXPECT_EQ(slstm.options[0].second, std::vector<double>{2});
  EXPECT_TRUE(signature(parse_cell(test::kAttention, "c")).inputs[1].sequence);
}

}  // namespace
}  // namespace cellwright
