// Whatever the text: a cell, or a CellError (SpecError for sizes); quickly, and without deep recursion.
#include <gtest/gtest.h>

#include <random>

#include "cellwright/error.h"
#include "language/print.h"
#include "language/test_cells.h"

namespace cellwright {
namespace {

// Runs the whole way; true if the text was accepted. Any other exception fails the test.
bool survives(const std::string& text) {
  try {
    const syntax::Cell cell = syntax::parse_cell(text, "hostile.cell");
    const std::string ascii = syntax::print_cell(cell, syntax::Spelling::kAscii);
    EXPECT_EQ(syntax::print_cell(syntax::parse_cell(ascii, "again"), syntax::Spelling::kAscii), ascii);
    syntax::print_latex(cell);
    syntax::print_markdown(cell);
    CellBinding binding{6, std::vector<int>(cell.inputs.size(), 6), {}, {}};
    std::vector<std::string> warnings;
    lower(cell, binding, &warnings);
  } catch (const CellError&) {
    return false;
  } catch (const SpecError&) {
    return false;
  }
  return true;
}

std::string repeated(const std::string& piece, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += piece;
  return out;
}

TEST(Hostile, DeepNestingIsRefused) {
  const std::string head = "cell c(x) -> h\nh = ";
  EXPECT_TRUE(survives(head + repeated("(", 100) + "x" + repeated(")", 100)));
  for (const auto& [open, close] : std::vector<std::pair<std::string, std::string>>{{"(", ")"},
                                                                                    {"[", "]"},
                                                                                    {"tanh(", ")"},
                                                                                    {"-", ""},
                                                                                    {"W·(", ")"},
                                                                                    {"(x | ", ")"},
                                                                                    {"x + (", ")"},
                                                                                    {"-(", ")"}}) {
    EXPECT_FALSE(survives(head + repeated(open, 400) + "x" + repeated(close, 400))) << open;
    EXPECT_FALSE(survives(head + repeated(open, 400))) << open;
  }
  EXPECT_FALSE(survives(head + "x" + repeated(" + x", 400)));
  EXPECT_FALSE(survives(head + "x" + repeated(" ⊙ x", 400)));
}

TEST(Hostile, LengthIsLimited) {
  EXPECT_FALSE(survives(std::string(syntax::kMaxBytes + 1, 'a')));
  EXPECT_FALSE(survives("cell c(x) -> h\nh = " + std::string(5000, 'a')));
  EXPECT_FALSE(survives("cell c(x) -> h\nh = x" + std::string(300, '\'')));
  EXPECT_FALSE(survives(repeated("\n", 2000)));
  EXPECT_FALSE(survives("cell c(x) -> h\n" + repeated("\xCC\x83", 1500)));
  EXPECT_FALSE(survives("cell c(x) -> h\nh = a" + repeated("\xCC\x83", 1500)));
}

TEST(Hostile, LongChainsOfLinesDoNotRecurse) {
  std::string text = "cell c(x) -> h\nh = a0\n";
  for (int i = 0; i < 900; ++i) text += "a" + std::to_string(i) + " = tanh(a" + std::to_string(i + 1) + ")\n";
  EXPECT_TRUE(survives(text + "a900 = x\n"));
  EXPECT_FALSE(survives(text + "a900 = a0\n"));
}

TEST(Hostile, CellsCutAtEveryByte) {
  std::vector<std::string> texts = {test::kVrnn, test::kAttention};
  for (const test::Sample& sample : test::samples()) texts.push_back(sample.text);
  for (const std::string& text : texts) {
    for (std::size_t n = 0; n < text.size(); ++n) survives(text.substr(0, n));
  }
}

TEST(Hostile, RandomBytesAndRandomTokens) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (unsigned i = random() % 60; i > 0; --i) bytes.push_back(static_cast<char>(random()));
    survives(bytes);
    survives("cell c(x) -> h\n" + bytes);
  }
  const std::vector<std::string> tokens = {
      "h",     "x",     "W",       "b",     "C",         "[t-1]",       "[",
      "]",     "(",     ")",       "·",     "⊙",         "+",           "-",
      "/",     ",",     "=",       "|",     "?",         "->",          "\n",
      "σ",     "tanh",  "split",   "every", "sum",       "normal()",    "0.5",
      "1e30",  "init",  "size",    "start", "zone",      "where",       "option",
      "const", "share", "param",   "loss",  "units",     "block_upper", "when generating",
      "~",     "#",     "\\alpha", "y[j]",  "softmax_j", "\t"};
  for (int round = 0; round < 4000; ++round) {
    std::string text = "cell c(x, y?) -> h\nh = tanh(W_x·x)\n";
    for (unsigned i = random() % 25; i > 0; --i)
      text += tokens[random() % tokens.size()] + (random() % 2 ? " " : "");
    survives(text);
  }
}

TEST(Hostile, OneTokenChangedInARealCell) {
  std::mt19937 random(11);
  const std::vector<std::string> pieces = {"",  "(", ")",     "[", "]", "h", "C",  "x", "0", "⊙",
                                           "·", "-", "[t-2]", "σ", ",", "|", "\n", "=", " "};
  for (const test::Sample& sample : test::samples()) {
    for (int round = 0; round < 150; ++round) {
      std::string text = sample.text;
      const std::size_t at = random() % text.size();
      text.replace(at, random() % 4, pieces[random() % pieces.size()]);
      survives(text);
    }
  }
}

TEST(Hostile, HugeSizesAreRefusedBeforeAnythingIsAllocated) {
  const std::string text = "cell c(x) -> h\nA = [x, x, x]\nh = tanh(W·[A, A, A, A])\n";
  EXPECT_THROW(test::make(text, {4, {syntax::kMaxBytes * 200}, {}, {}}), CellError);
  EXPECT_THROW(test::make(text, {2147483647, {3}, {}, {}}), SpecError);
  EXPECT_THROW(test::make("cell c(x) -> h\nh = x\nsize h = 99999999\n", {4, {3}, {}, {}}), CellError);
}

}  // namespace
}  // namespace cellwright
