// Every diagnostic with its place: the first line of the message is compared whole.
#include <gtest/gtest.h>

#include "cellwright/error.h"
#include "language/test_cells.h"

namespace cellwright {
namespace {

std::string message(const std::string& text, const CellBinding& binding = {4, {3}, {}, {}}) {
  try {
    lower(syntax::parse_cell(text, "my.cell"), binding);
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

std::string first_line(const std::string& text, const CellBinding& binding = {4, {3}, {}, {}}) {
  const std::string whole = message(text, binding);
  return whole.substr(0, whole.find('\n'));
}

// A cell with these lines behind its header.
std::string cell(const std::string& lines) { return "cell c(x) -> h\n" + lines + "\n"; }

TEST(Diagnostic, HasFileLineColumnTextCaretAndHint) {
  const std::string text =
      "cell c(x) -> h\ni = σ(W_i·x)\nf = σ(W_f·x)\nC̃ = tanh(W_C·x)\nC = ff ⊙ C[t-1] + i ⊙ C̃\nh = tanh(C) ⊙ "
      "f\n";
  EXPECT_EQ(message(text),
            "my.cell:5:5: error: unknown name 'ff'\n"
            "  C = ff ⊙ C[t-1] + i ⊙ C̃\n"
            "      ^~ did you mean 'f'? A parameter is W… left of ·, b… or p…, or declared with 'param'.");
  try {
    syntax::parse_cell(text, "my.cell");
    FAIL();
  } catch (const CellError& e) {
    EXPECT_EQ(e.file(), "my.cell");
    EXPECT_EQ(e.line(), 5);
    EXPECT_EQ(e.column(), 5);
  }
}

TEST(Diagnostic, ColumnsCountGraphemesAndTheCaretStandsBelow) {
  EXPECT_EQ(message(cell("h = tanh(W·x)\nC̃ = σ(C̃[t-1]) ⊙ ĩĩ")),
            "my.cell:3:17: error: unknown name 'ĩĩ'\n"
            "  C̃ = σ(C̃[t-1]) ⊙ ĩĩ\n"
            "                  ^~ A parameter is W… left of ·, b… or p…, or declared with 'param'.");
}

TEST(Diagnostic, HidesWhatWouldDisturbATerminal) {
  const std::string whole = message(cell("h = \x1B[31m x"));
  EXPECT_EQ(whole.find('\x1B'), std::string::npos);
  EXPECT_EQ(whole.substr(0, 40), "my.cell:2:5: error: character U+001B has");
}

TEST(Errors, Characters) {
  EXPECT_EQ(first_line("cell c(x) -> h\nh = x \xFF"), "my.cell:2:7: error: the text is not UTF-8 at byte 21");
  EXPECT_EQ(first_line(cell("h = x ^ 2")), "my.cell:2:7: error: character U+005E '^' has no meaning here");
  EXPECT_EQ(first_line(cell("h = \\alfa ⊙ x")), "my.cell:2:5: error: unknown letter '\\alfa'");
  EXPECT_EQ(first_line(cell("h = \\u{20} ⊙ x")), "my.cell:2:5: error: \\u{…} names no letter");
  EXPECT_EQ(first_line(cell("h = 2x")), "my.cell:2:5: error: a name starts with a letter");
  EXPECT_EQ(first_line(cell("h = 1e39 ⊙ x")), "my.cell:2:5: error: number 1e39 is too large for a float");
  EXPECT_EQ(first_line(cell("h = 1e99999 ⊙ x")),
            "my.cell:2:5: error: number 1e99999 is too large for a float");
  EXPECT_EQ(first_line(cell("h = nan ⊙ x")), "my.cell:2:5: error: 'nan' is no number that a cell can hold");
}

TEST(Errors, Shape) {
  EXPECT_EQ(first_line(""), "my.cell:1:1: error: the text holds no cell");
  EXPECT_EQ(first_line("# only a comment\n"), "my.cell:2:1: error: the text holds no cell");
  EXPECT_EQ(first_line("h = x\n"),
            "my.cell:1:1: error: equations come after the line 'cell NAME(inputs) -> outputs'");
  EXPECT_EQ(first_line("cell c(x) -> h\ncell d(x) -> h\nh = x"), "my.cell:2:1: error: a second 'cell' line");
  EXPECT_EQ(first_line("cell c(x -> h\n"),
            "my.cell:1:10: error: expected ')' to close the inputs, found '->'");
  EXPECT_EQ(first_line("cell c(x)\n"),
            "my.cell:1:10: error: expected '->' and then the outputs, found the end of the line");
  EXPECT_EQ(first_line("language 2\ncell c(x) -> h\nh = x\n"),
            "my.cell:1:10: error: language 2 is not known here");
  EXPECT_EQ(first_line(cell("h = (x")),
            "my.cell:2:7: error: expected ')' to close the ( at column 5, found the end of the line");
  EXPECT_EQ(first_line(cell("h = x x")), "my.cell:2:7: error: expected the end of the line, found 'x'");
  EXPECT_EQ(first_line(cell("h = x +")), "my.cell:2:8: error: expected a value, found the end of the line");
  EXPECT_EQ(first_line(cell("h x")), "my.cell:2:3: error: expected '=' after the name, found 'x'");
  EXPECT_EQ(first_line(cell("h = x | 0")), "my.cell:2:7: error: expected the end of the line, found '|'");
  EXPECT_EQ(first_line(cell("h = W·V·x")),
            "my.cell:2:8: error: · takes one name, a list or a parenthesis on its right");
  EXPECT_EQ(first_line(cell("h = W·2")),
            "my.cell:2:7: error: · takes one name, a list or a parenthesis on its right, not '2'");
  EXPECT_EQ(first_line(cell("h = (W)·x")), "my.cell:2:5: error: left of · stands the name of one matrix");
  EXPECT_EQ(first_line(cell("tanh = x")), "my.cell:2:1: error: 'tanh' is a function of the language");
  EXPECT_EQ(first_line(cell("size = x")), "my.cell:2:1: error: 'size' is a word of the language");
  EXPECT_EQ(first_line(cell("h = tanh")), "my.cell:2:5: error: function 'tanh' needs its arguments");
  EXPECT_EQ(first_line(cell("h = x[t-9]")), "my.cell:2:9: error: a delay is 1 to 8 steps, found 9");
  EXPECT_EQ(first_line(cell("h = x[t+1]")), "my.cell:2:8: error: a step cannot read the future");
  EXPECT_EQ(first_line(cell("h = x[t]")), "my.cell:2:6: error: the value at step t is the bare name");
  EXPECT_EQ(first_line(cell("h[t] = x")), "my.cell:2:2: error: a line defines the value at step t");
}

TEST(Errors, Functions) {
  EXPECT_EQ(first_line(cell("h = tahn(x)")), "my.cell:2:5: error: unknown function 'tahn'");
  EXPECT_NE(message(cell("h = tahn(x)")).find("did you mean 'tanh'?"), std::string::npos);
  EXPECT_EQ(first_line(cell("h = tanh(x, x)")),
            "my.cell:2:5: error: function 'tanh' takes 1 argument, found 2");
  EXPECT_EQ(first_line(cell("h = x ⊙ max(x)")),
            "my.cell:2:9: error: function 'max' takes 2 arguments, found 1");
  EXPECT_EQ(first_line(cell("h = normal(x)")),
            "my.cell:2:5: error: function 'normal' takes 0 arguments, found 1");
  EXPECT_EQ(first_line(cell("h = x + softmax(sum(x))")),
            "my.cell:2:17: error: softmax(…) works over the units of a vector, found a single number");
}

TEST(Errors, Names) {
  EXPECT_EQ(first_line(cell("h = tanh(W·x)\nh = x")), "my.cell:3:1: error: 'h' is assigned twice");
  EXPECT_EQ(first_line(cell("x = tanh(W·x)")), "my.cell:2:1: error: 'x' is an input");
  EXPECT_EQ(first_line(cell("g = tanh(W·x)")), "my.cell:1:14: error: output 'h' is never assigned");
  EXPECT_EQ(first_line(cell("h = tanh(W·x + U·q[t-1])")), "my.cell:2:18: error: state 'q' is never assigned");
  EXPECT_EQ(first_line(cell("h = f·x\nf = tanh(W·x)")), "my.cell:2:5: error: 'f' is not a matrix");
  EXPECT_EQ(first_line(cell("h = w·x")), "my.cell:2:5: error: unknown matrix 'w'");
  EXPECT_EQ(first_line(cell("h = W·x + W")), "my.cell:2:11: error: 'W' is a matrix at 2:5");
  EXPECT_EQ(first_line(cell("h = W·x + b[t-1]")),
            "my.cell:2:11: error: parameter 'b' has no past and no index");
  EXPECT_EQ(first_line(cell("h = W_c·x + W_C·x")),
            "my.cell:2:13: error: parameters 'W_c' and 'W_C' differ only in case");
  EXPECT_EQ(first_line(cell("h = W·x + b\ninit a = 1")),
            "my.cell:3:6: error: 'a' is not the name of a parameter");
  EXPECT_EQ(first_line(cell("h = W·x\nstart h = 1")), "my.cell:3:7: error: 'h' is not a state");
  EXPECT_EQ(first_line(cell("h = W·x\nzone h")), "my.cell:3:6: error: 'h' is not a state");
  EXPECT_EQ(first_line(cell("h = W·[x, h[t-1]]\ninit W[hh] = identity")),
            "my.cell:3:6: error: 'W' meets no operand 'hh'");
  EXPECT_EQ(first_line(cell("a, h = tanh(W·x)")), "my.cell:2:4: error: 2 names need split(…) on the right");
  EXPECT_EQ(first_line(cell("h = split(W·x)")),
            "my.cell:2:5: error: split(…) needs at least two names on the left");
  EXPECT_EQ(first_line(cell("h = W·x\nloss l = h")), "my.cell:3:10: error: loss 'l' is a vector");
  EXPECT_EQ(first_line(cell("h = bernoulli(x)")),
            "my.cell:2:5: error: bernoulli(…) stands only in a line 'when generating'");
  EXPECT_EQ(first_line(cell("h = W·x\nh = x when generating\nh = 0 when generating")),
            "my.cell:4:1: error: 'h' has two forms when generating");
  EXPECT_EQ(first_line(cell("h = W·x\nq = x when generating")),
            "my.cell:3:1: error: 'q' has no form to replace when generating");
  EXPECT_EQ(first_line(cell("h = W·x[j]")), "my.cell:2:7: error: 'x' has no index 'j'");
}

TEST(Errors, APastedParameterIsCaught) {
  const std::string text = cell("f = σ(W_f·[h[t-1], x] + b_f)\ni = σ(W_f·[h[t-1], x] + b_i)\nh = f ⊙ i");
  EXPECT_EQ(first_line(text), "my.cell:3:7: error: parameter 'W_f' is used twice");
  EXPECT_NE(message(text).find("it stands at 2:7 too"), std::string::npos);
  EXPECT_EQ(message(text + "share W_f\n"), "no error");
}

TEST(Errors, ACycleShowsItsPath) {
  EXPECT_EQ(first_line(cell("h = tanh(W·x) ⊙ a\na = σ(c)\nc = h + a[t-1]")),
            "my.cell:2:1: error: 'h' depends on itself within one step: h → a → c → h");
  EXPECT_EQ(first_line(cell("h = h + x")),
            "my.cell:2:1: error: 'h' depends on itself within one step: h → h");
}

TEST(Errors, Sizes) {
  EXPECT_EQ(first_line(cell("h = tanh(W·x) + x")),
            "my.cell:2:5: error: size conflict: 'h' has size 4 (units, output 'h' at 1:14), its right side "
            "has size 3 (input 'x' at 1:8)");
  EXPECT_EQ(first_line(cell("h = tanh(h[t-1] ⊙ x)")),
            "my.cell:2:10: error: size conflict: 'h[t-1]' has size 4 (units, output 'h' at 1:14), 'x' has "
            "size 3 (input 'x' at 1:8)");
  EXPECT_EQ(first_line(cell("h = tanh(W·z)\nz = V·x")),
            "my.cell:3:1: error: the size of 'z' follows from nothing");
  EXPECT_EQ(first_line(cell("h = tanh(W·normal())")),
            "my.cell:2:12: error: the size of this value follows from nothing");
  EXPECT_EQ(first_line(cell("a, b_0 = split(x)\nh = W·[a, b_0]")),
            "my.cell:2:10: error: split does not divide: size 3 (input 'x' at 1:8) into 2 equal parts");
  EXPECT_EQ(first_line(cell("h = every(p_s, W·x, 0)\noption p_s = 1, 2, 4")),
            "my.cell:2:11: error: 4 units do not fall into 3 equal groups, one a period");
  EXPECT_EQ(first_line(cell("h = every(p_s, W·x, 0)\noption p_s = 1, 2, 3, 4")),
            "my.cell:2:11: error: periods of 'p_s' do not divide: 3 is no multiple of 2");
  EXPECT_EQ(first_line(cell("h = every(p_s, W·x, 0)\noption p_s = 0.5")),
            "my.cell:2:11: error: a period of 'p_s' is no whole number of steps");
  EXPECT_EQ(first_line(cell("h = U·h[t-1] + W·x\nwhere U = block_diagonal(3)")),
            "my.cell:3:7: error: matrix 'U', 4 × 4, does not fall into 3 equal blocks");
  EXPECT_EQ(first_line(cell("h = U·[h[t-1], x]\nwhere U = block_diagonal(1)")),
            "my.cell:3:7: error: block matrix 'U' meets a list");
  EXPECT_EQ(first_line(cell("h = W·x + W·h[t-1]\nshare W")),
            "my.cell:2:11: error: size conflict: 'W' has size 3 (input 'x' at 1:8), 'h[t-1]' has size 4 "
            "(units, output 'h' at 1:14)");
}

TEST(Errors, Constants) {
  EXPECT_EQ(first_line(cell("h = x / 0")), "my.cell:2:5: error: division by zero");
  EXPECT_EQ(first_line(cell("h = x + log(-1)")), "my.cell:2:9: error: this constant is not a finite number");
  EXPECT_EQ(first_line(cell("h = x ⊙ (1e38 ⊙ 10)")),
            "my.cell:2:9: error: this constant is not a finite number");
}

TEST(Errors, OptionalInputs) {
  const std::string text = "cell c(x, y?) -> h\na = y ⊙ 2\nh = tanh(W·x) + a\n";
  EXPECT_EQ(first_line(text), "my.cell:2:5: error: 'y' is absent in this layer");
  EXPECT_EQ(first_line(text, {4, {3, 4}, {}, {}}), "no error");
  EXPECT_EQ(first_line(cell("h = (x | W·x)")),
            "my.cell:2:6: error: the left of | reads no optional input, so the right is never taken");
}

TEST(Errors, NotYetSupported) {
  EXPECT_EQ(first_line(test::kAttention, {4, {3, 3}, {}, {}}),
            "my.cell:1:24: error: an input over a sequence, y[j], is not yet supported");
  EXPECT_EQ(first_line(test::kVrnn), "my.cell:8:1: error: 'when generating' is not yet supported");
}

TEST(Errors, OfTheLayerAreSpecErrors) {
  const auto spec = [](const CellBinding& binding,
                       const std::string& text = cell("h = tanh(W·(V·x)) + k\nconst k = 1")) {
    EXPECT_THROW(lower(syntax::parse_cell(text, "my.cell"), binding), SpecError);
    return message(text, binding);
  };
  EXPECT_EQ(spec({0, {3}, {}, {}}), "cell 'c': units must lie in 1 … 16777216, found 0");
  EXPECT_EQ(spec({4, {}, {}, {}}), "cell 'c': input 'x' needs a size in 1 … 16777216, found none");
  EXPECT_EQ(spec({4, {0}, {}, {}}), "cell 'c': input 'x' needs a size in 1 … 16777216, found 0");
  EXPECT_EQ(spec({4, {3, 3}, {}, {}}), "cell 'c' has 1 input, but sizes for 2 were given");
  EXPECT_EQ(spec({4, {3}, {{"z", 3}}, {}}), "cell 'c' has no size 'z'");
  EXPECT_EQ(spec({4, {3}, {}, {{"heads", {2}}}}), "cell 'c' has no option 'heads'");
  const std::string latent = cell("z = V·x\nh = tanh(W·z)\nsize z = latent");
  EXPECT_EQ(spec({4, {3}, {}, {}}, latent), "cell 'c' needs a number for its size 'latent'");
  EXPECT_EQ(spec({4, {3}, {{"latent", 2}, {"latnet", 2}}, {}}, latent),
            "cell 'c' has no size 'latnet'; did you mean 'latent'?");
  EXPECT_THROW(shipped_cell_text("lsmt"), SpecError);
}

TEST(Warnings, SayWhatIsProbablyNotMeant) {
  std::vector<std::string> warnings;
  test::make("cell c(x, y) -> h\nparam v\nr = σ(R·x)\nq = r + 1\nh = W·r ⊙ h[t-1] + (U·r) ⊙ r\n",
             {4, {3, 3}, {}, {}}, &warnings);
  ASSERT_EQ(warnings.size(), 4u);
  const auto head = [&](std::size_t i) { return warnings[i].substr(0, warnings[i].find('\n')); };
  EXPECT_EQ(head(0), "test.cell:1:11: warning: input 'y' reaches no output and no loss");
  EXPECT_EQ(head(1), "test.cell:2:7: warning: parameter 'v' is declared but never used");
  EXPECT_EQ(head(2), "test.cell:4:1: warning: line 'q' reaches no output and no loss");
  EXPECT_EQ(warnings[3],
            "test.cell:5:5: warning: · binds before ⊙ here: (W·r) ⊙ h[t-1]\n"
            "  h = W·r ⊙ h[t-1] + (U·r) ⊙ r\n"
            "      ^~~~~~~~~~~~ write these parentheses, or W·(r ⊙ h[t-1])");
  for (const test::Sample& sample : test::samples()) {
    warnings.clear();
    test::make(sample.text, sample.binding, &warnings);
    EXPECT_TRUE(warnings.empty()) << sample.name << "\n" << warnings[0];
  }
}

}  // namespace
}  // namespace cellwright
