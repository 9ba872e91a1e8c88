#include "language/print.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "cellwright/error.h"
#include "language/names.h"
#include "language/shapes.h"
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
            "  h_t &= o_t \\odot \\tanh\\left(C_t\\right) \\\\[1ex]\n"
            "  b_f &\\leftarrow 1\n"
            "\\end{aligned}\n");
  EXPECT_EQ(print_latex(parse_cell(shipped_cell_text("lstm"), "lstm"), {"C", "h"}),
            "\\begin{aligned}\n"
            "  C_t &= f_t \\odot C_{t-1} + i_t \\odot \\tilde{C}_t \\\\\n"
            "  h_t &= o_t \\odot \\tanh\\left(C_t\\right)\n"
            "\\end{aligned}\n");
  EXPECT_THROW(print_latex(parse_cell(shipped_cell_text("lstm"), "lstm"), {"g"}), SpecError);
}

TEST(Latex, OfEveryShippedCellHasARowALine) {
  using Kind = syntax::Statement::Kind;
  for (const std::string& name : shipped_cells()) {
    const syntax::Cell cell = test::shipped(name);
    const auto lines = std::count_if(cell.statements.begin(), cell.statements.end(), [](const auto& s) {
      return s.kind == Kind::kEquation || s.kind == Kind::kLoss || s.kind == Kind::kConst ||
             s.kind == Kind::kOption || s.kind == Kind::kSize || s.kind == Kind::kStart ||
             s.kind == Kind::kInit || s.kind == Kind::kWhere;
    });
    const std::string latex = print_latex(cell);
    // A row a line, between \begin and \end; nothing is left as it was typed, nothing that GitHub refuses.
    EXPECT_EQ(std::count(latex.begin(), latex.end(), '\n'), lines + 2) << latex;
    for (const char* typed : {"σ", "[t-1]", "⊙", "·", "\\operatorname", "\\\\\n  ["})
      EXPECT_EQ(latex.find(typed), std::string::npos) << latex;
    // Braces and \left … \right pair up.
    EXPECT_EQ(std::count(latex.begin(), latex.end(), '{'), std::count(latex.begin(), latex.end(), '}'))
        << latex;
  }
}

std::string latex_of(const std::string& expression) {
  const std::string latex =
      print_latex(parse_cell("cell c(x, y) -> h\nparam v, u'\nh = " + expression + "\n", "c"), {"h"});
  const std::size_t begin = latex.find("&= ") + 3;
  return latex.substr(begin, latex.find('\n', begin) - begin);
}

// What a reader would take otherwise has parentheses, whatever stood in the text.
TEST(Latex, ParenthesesSayWhatBelongsTogether) {
  EXPECT_EQ(latex_of("x - (y - v)"), "x_t - \\left(y_t - v\\right)");
  EXPECT_EQ(latex_of("(x + y) / (x - y)"), "\\frac{x_t + y_t}{x_t - y_t}");
  EXPECT_EQ(latex_of("(x / y) ⊙ v"), "\\frac{x_t}{y_t} \\odot v");
  EXPECT_EQ(latex_of("x ⊙ y / v"), "\\frac{x_t \\odot y_t}{v}");
  EXPECT_EQ(latex_of("x ⊙ -y"), "x_t \\odot \\left(-y_t\\right)");
  EXPECT_EQ(latex_of("x - -y ⊙ v"), "x_t - \\left(-y_t \\odot v\\right)");
  EXPECT_EQ(latex_of("--x"), "-\\left(-x_t\\right)");
  EXPECT_EQ(latex_of("-(x + y)"), "-\\left(x_t + y_t\\right)");
  EXPECT_EQ(latex_of("W·x ⊙ y"), "\\left(W \\cdot x_t\\right) \\odot y_t");
  EXPECT_EQ(latex_of("2 ⊙ x ⊙ 0.5"), "2\\, x_t \\odot 0.5");
  EXPECT_EQ(latex_of("square(x + y) + square(x)"), "\\left(x_t + y_t\\right)^2 + x_t^2");
  EXPECT_EQ(latex_of("square(u')"), "\\left(u'\\right)^2");  // a prime is an exponent already
  EXPECT_EQ(latex_of("abs(x) ⊙ sqrt(y) ⊙ reciprocal(v)"),
            "\\left|x_t\\right| \\odot \\sqrt{y_t} \\odot \\frac{1}{v}");
  EXPECT_EQ(latex_of("x ⊙ 1e-05 + 12e3"), "x_t \\odot 10^{-5} + 12 \\times 10^{3}");
}

TEST(Latex, LettersThatLatexHasNoWordFor) {
  EXPECT_EQ(syntax::latex_name("Α_ο", "t"), "\\mathrm{A}_{o,t}");
  EXPECT_EQ(syntax::latex_name("φ"), "\\varphi");
  EXPECT_EQ(syntax::latex_name("ϕ̂"), "\\hat{\\phi}");
}

TEST(Latex, SplitsClocksStartsIndicesAndLosses) {
  const auto row = [](const std::string& text, const std::string& wanted) {
    EXPECT_NE(print_latex(parse_cell(text, "c")).find(wanted), std::string::npos)
        << print_latex(parse_cell(text, "c"));
  };
  const auto shipped = [](const char* name) { return std::string(shipped_cell_text(name)); };
  row(shipped("lstm_depth_gated"),
      "\\begin{cases} C_{\\mathrm{below},t} & \\text{with } C_{\\mathrm{below}} \\\\ W_0 "
      "\\cdot x_t & \\text{otherwise} \\end{cases}");
  row(shipped("clockwork"),
      "\\tilde{h}_t & \\text{in group } k \\text{ if } \\mathrm{periods}_k \\text{ divides } t");
  row(shipped("lstm_layernorm"), "\\left[f_t, i_t, o_t, g_t\\right] &= g_x \\odot \\mathrm{LayerNorm}");
  row(shipped("slstm"), "m_{-1} &= -10^{30}");
  row(shipped("slstm"), "R_i, R_f, R_z, R_o &\\text{ block diagonal, } \\mathrm{heads} \\text{ blocks}");
  row(shipped("clockwork"), "|\\mathrm{periods}| \\text{ blocks a side}");
  row(shipped("rnn_relu"), "W|_{h} &\\leftarrow \\mathbf{I}");
  row(shipped("lstm_projected"), "C_t &\\in \\mathbb{R}^{\\mathrm{cells}}");
  row(test::kVrnn, "\\mu_{0,t} &= W_0 \\cdot h_{t-1} + b_0");
  row(test::kVrnn, "W_{\\mu} \\cdot [u_t, h_{t-1}]");
  row(test::kVrnn, "\\mathcal{L}_{\\mathrm{kl},t} &= ");
  row(test::kVrnn, "\\frac{s_t^2 + \\left(\\mu_t - \\mu_{0,t}\\right)^2}{2\\, s_{0,t}^2} - 0.5");
  row(test::kAttention,
      "\\alpha_{t,j} &= \\mathrm{softmax}_{j}\\left(\\left\\langle v, s_{t,j} \\right\\rangle\\right)");
  row(test::kAttention, "c_t &= \\sum_{j} \\alpha_{t,j} \\odot y_j \\\\\n");
}

TEST(Markdown, HasNameDescriptionEquationsAndParameters) {
  const std::string page = print_markdown(test::shipped("slstm"));
  EXPECT_EQ(page.rfind("# slstm\n\nsLSTM: exponential gates", 0), 0u);
  EXPECT_NE(page.find("```math\n\\begin{aligned}\n"), std::string::npos);
  EXPECT_NE(
      page.find(
          "| $`R_f`$ | $`H \\times H`$, block diagonal | $`\\frac{1}{2} H^2`$ | $`h_{t-1}`$ | default |\n"),
      std::string::npos)
      << page;
  const std::string lstm = print_markdown(test::shipped("lstm"), 2);
  EXPECT_EQ(lstm.rfind("## lstm\n", 0), 0u);
  EXPECT_NE(lstm.find("| $`b_f`$ | $`H`$ | $`H`$ |  | $`1`$ |\n"), std::string::npos) << lstm;
  EXPECT_NE(lstm.find("98,816 at $`H = 128`$, $`I = 64`$"), std::string::npos)
      << lstm;  // 4·128·(64 + 128 + 1)
}

TEST(Markdown, ProseCannotBreakThePage) {
  EXPECT_EQ(syntax::escape_markdown("a*b <i> |x| lstm_coupled _u_ # [1]"),
            "a\\*b \\<i\\> \\|x\\| lstm_coupled \\_u\\_ \\# \\[1\\]");
  EXPECT_EQ(syntax::escape_markdown("`a_b*` and `"), "\\`a_b\\*\\` and \\`");
  EXPECT_EQ(syntax::escape_markdown("`a*`"), "`a*`");
}

// The formulas against lowering itself, at sizes that they were not made from.
TEST(Shapes, GiveTheNumberOfParametersAtAnySize) {
  int compared = 0;
  for (const std::string& name : shipped_cells()) {
    SCOPED_TRACE(name);
    const syntax::Cell cell = test::shipped(name);
    for (const auto& [units, input] : {std::pair{8, 3}, {24, 10}}) {
      for (const CellBinding& binding : test::shipped_bindings(name, units, input)) {
        const bool present =
            binding.inputs.size() > 1 && binding.inputs[1] > 0 && signature(cell).inputs[1].optional;
        const auto shapes = shapes_of(cell, present);
        ASSERT_TRUE(shapes);
        std::vector<double> letters = {static_cast<double>(binding.units)};
        std::size_t sizes = 0;
        for (std::size_t l = 1; l < shapes->letters.size(); ++l) {
          const bool input_letter = shapes->letters[l].latex[0] == 'I';
          letters.push_back(input_letter
                                ? binding.inputs[0]
                                : std::next(binding.sizes.begin(), static_cast<long>(sizes++))->second);
        }
        EXPECT_EQ(shapes->total.value(letters), static_cast<double>(parameter_count(lower(cell, binding))));
        ++compared;
      }
    }
  }
  EXPECT_GE(compared, 68);
  EXPECT_FALSE(shapes_of(parse_cell(test::kAttention, "c"), false));
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
