// `cellwright cell …`: what it prints, what it says of wrong input, and with which exit status.
#include <gtest/gtest.h>

#include <cmath>

#include "app/run_app.h"
#include "support/data_path.h"

namespace cellwright::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Runs of blanks made one: what a table says, whatever its widths.
std::string squeezed(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' || out.empty() || out.back() != ' ') out += c;
  }
  return out;
}

constexpr const char* kLeaky = R"(# A leaky average.
cell leaky(x) -> h
h = 0.5 ⊙ h[t-1] + W·x
)";

TEST(CellCommand, ListNamesShippedCellsWithTheirFirstSentence) {
  const AppResult r = run_app({"cell", "list"});
  EXPECT_EQ(r.status, 0);
  EXPECT_TRUE(has(r.out, "lstm                Long short-term memory\n")) << r.out;
  const AppResult names = run_app({"cell", "list", "--names"});
  EXPECT_TRUE(has("\n" + names.out, "\ngru\ngru_reset_after\nindrnn\n")) << names.out;
}

TEST(CellCommand, ShowPrintsEitherSpellingMarkdownAndLatex) {
  EXPECT_TRUE(has(run_app({"cell", "show", "lstm"}).out, "C = f ⊙ C[t-1] + i ⊙ C̃"));
  EXPECT_TRUE(has(run_app({"cell", "show", "lstm", "--ascii"}).out, "C = f * C[t-1] + i * C~"));
  EXPECT_TRUE(has(run_app({"cell", "show", "lstm", "--latex"}).out, "\\begin{aligned}"));
  EXPECT_TRUE(has(run_app({"cell", "show", "lstm", "--markdown"}).out, "```math\n"));
  EXPECT_TRUE(
      has(run_app({"cell", "show", "lstm", "--latex", "--lines", "C"}).out, "{aligned}\n  C_t &= f_t"));
  EXPECT_TRUE(has(run_app({"cell", "list", "--markdown"}).out, "\n## gru\n"));
}

TEST(CellCommand, PlanShowsWhatAScanCarries) {
  const AppResult r = run_app({"cell", "plan", "-", "--scan"}, kLeaky);
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "h [128], carried by a scan")) << r.out;
  EXPECT_TRUE(has(r.out, "scan       h = 0.5 ⊙ h[t-1] + %")) << r.out;
  EXPECT_TRUE(has(r.out, "last first, in chunks of 128 steps, from 512 steps on")) << r.out;
  EXPECT_FALSE(has(r.out, "each step")) << r.out;
  EXPECT_FALSE(has(run_app({"cell", "plan", "-"}, kLeaky).out, "scan"));
  const AppResult refused = run_app({"cell", "plan", "gru", "--scan"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_TRUE(has(refused.err, "a matrix mixes the units of 'h'")) << refused.err;
}

TEST(CellCommand, ReadsFilesAndStandardInput) {
  const TemporaryFolder folder;
  write_whole(folder / "my.cell", kLeaky);
  EXPECT_TRUE(has(run_app({"cell", "show", folder / "my.cell"}).out, "cell leaky(x) -> h"));
  EXPECT_TRUE(has(run_app({"cell", "show", "-"}, kLeaky).out, "cell leaky(x) -> h"));
}

TEST(CellCommand, WhatShowPrintsInAsciiIsACellAgain) {
  const std::string ascii = run_app({"cell", "show", "slstm", "--ascii"}).out;
  EXPECT_EQ(run_app({"cell", "show", "-"}, ascii).out, run_app({"cell", "show", "slstm"}).out);
}

TEST(CellCommand, CheckSaysThatDerivativesAreRight) {
  const AppResult r = run_app({"cell", "check", "gru", "--units", "3", "--inputs", "2"});
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "cell gru: 3 units, x 2")) << r.out;
  EXPECT_TRUE(has(squeezed(r.out), "W_z 15 ")) << r.out;  // 3 rows of 3 + 2 columns
  EXPECT_TRUE(has(r.out, "\nthe derivatives are right\n")) << r.out;
  EXPECT_TRUE(r.err.empty()) << r.err;
}

TEST(CellCommand, CheckTakesACellOfOnesOwnWithSizesAndOptions) {
  const AppResult own = run_app({"cell", "check", "-", "--units", "2"}, kLeaky);
  EXPECT_EQ(own.status, 0) << own.out << own.err;
  const AppResult heads =
      run_app({"cell", "check", "slstm", "--units", "4", "--inputs", "3", "--option", "heads=4"});
  EXPECT_EQ(heads.status, 0) << heads.out;
  EXPECT_TRUE(has(squeezed(heads.out), "R_i 4 ")) << heads.out;  // four blocks of one number
  const std::string sized =
      "cell narrow(x) -> h\nz = tanh(W_z·x)\nh = tanh(W·[z, h[t-1]])\nsize z = latent\n";
  const AppResult narrow =
      run_app({"cell", "check", "-", "--units", "2", "--inputs", "5", "--size", "latent=3"}, sized);
  EXPECT_EQ(narrow.status, 0) << narrow.err;
  EXPECT_TRUE(has(squeezed(narrow.out), "W_z 15 ")) << narrow.out;
}

TEST(CellCommand, PlanPrintsWhatStaysInTheLoop) {
  const AppResult r = run_app({"cell", "plan", "lstm", "--units", "16", "--inputs", "4"});
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "1344 parameters")) << r.out;  // 4·16·(4 + 16 + 1)
  EXPECT_TRUE(has(r.out, "each step")) << r.out;
  EXPECT_FALSE(has(run_app({"cell", "plan", "lstm", "--inference"}).out, "backward"));
}

// One lane starves a split by lanes; many lanes need no other.
TEST(CellCommand, PlanSaysHowThreadsSplitALoop) {
  const auto plan = [](const char* lanes) {
    return run_app(
        {"cell", "plan", "lstm", "--units", "256", "--steps", "100", "--threads", "2", "--lanes", lanes});
  };
  const AppResult one = plan("1"), many = plan("64");
  EXPECT_EQ(one.status, 0) << one.err;
  EXPECT_TRUE(has(one.out, "split over 2 threads, of a window of 100 steps and 1 lane:")) << one.out;
  const auto taken = [](const std::string& out) {  // lines, their numbers left out
    std::string lines;
    for (std::size_t end = out.find("<- taken"); end != std::string::npos;
         end = out.find("<- taken", end + 1)) {
      const std::size_t begin = out.rfind('\n', end) + 1;
      lines += out.substr(begin, out.find("  ", begin + 4) - begin) + "\n";
    }
    return lines;
  };
  EXPECT_EQ(taken(one.out), "    2 threads, each some units\n    2 threads, each some units\n") << one.out;
  EXPECT_EQ(taken(many.out), "    2 threads, each some lanes\n    2 threads, each some lanes\n") << many.out;
  EXPECT_TRUE(has(run_app({"cell", "plan", "lstm", "--threads", "0"}).err, "--threads"));
}

// With weights of 1: W·x = 3, so h = 0.5·0 + 3, then 0.5·3 + 3.
TEST(CellCommand, StepPutsNumbersIn) {
  const AppResult r =
      run_app({"cell", "step", "-", "--units", "1", "--x", "3", "--x", "-1,4", "--weights", "ones"}, kLeaky);
  EXPECT_EQ(r.status, 1);
  EXPECT_TRUE(has(r.err, "input 'x' has 1 numbers at one step and 2 at another")) << r.err;
  const AppResult two = run_app(
      {"cell", "step", "-", "--units", "1", "--x", "-1,4", "--x", "-1,4", "--weights", "ones"}, kLeaky);
  EXPECT_EQ(two.status, 0) << two.err;
  EXPECT_TRUE(has(two.out,
                  "step 1\n  x = [-1, 4]\n  h[t-1] = [0]\n\n"
                  "  h = 0.5 ⊙ h[t-1] + W·x\n    = 0.5 ⊙ [0] + W·[-1, 4]\n    = [0] + [3]\n    = [3]\n"))
      << two.out;
  EXPECT_TRUE(has(two.out, "step 2\n  x = [-1, 4]\n  h[t-1] = [3]\n")) << two.out;
  EXPECT_TRUE(has(two.out, "    = [1.5] + [3]\n    = [4.5]\n")) << two.out;
}

// One unit, all weights 1, x = 1: every gate is σ(0 + 1 + b) with b_f = 1 too, since "ones" sets all
// parameters.
TEST(CellCommand, StepWorksAnLstmOutAsByHand) {
  const AppResult r = run_app({"cell", "step", "lstm", "--units", "1", "--x", "1", "--weights", "ones"});
  const double gate = 1 / (1 + std::exp(-2.0)), c = gate * std::tanh(2.0), h = gate * std::tanh(c);
  char c_text[32], h_text[32];
  std::snprintf(c_text, sizeof c_text, "= [%.4g]\n", c);
  std::snprintf(h_text, sizeof h_text, "= [%.4g]\n", h);
  EXPECT_TRUE(
      has(r.out, "f = σ(W_f·[h[t-1], x] + b_f)\n    = σ(W_f·[0, 1] + [1])\n    = σ([2])\n    = [0.8808]\n"))
      << r.out;
  EXPECT_TRUE(has(r.out, c_text)) << r.out;
  EXPECT_TRUE(has(r.out, h_text)) << r.out;
}

TEST(CellCommand, StepWorksForEveryShippedCell) {
  const std::string names = run_app({"cell", "list", "--names"}).out;
  for (std::size_t begin = 0; begin < names.size();) {
    const std::size_t end = names.find('\n', begin);
    const AppResult r =
        run_app({"cell", "step", names.substr(begin, end - begin), "--x", "1,-0.5", "--x", "0,1"});
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_TRUE(has(r.out, "step 2")) << r.out;
    EXPECT_FALSE(has(r.out, "nan")) << r.out;
    begin = end + 1;
  }
}

TEST(CellCommand, StepShowsClocksSplitsConstantsAndLosses) {
  const std::string text =
      "cell many(x) -> h\noption periods = 1, 2\nconst k = 2\na, c = split(W·[h[t-1], x])\nn = tanh(k ⊙ a - "
      "c / -3)\n"
      "h = every(periods, n, h[t-1])\nloss l = sum(square(h))\n";
  const AppResult r = run_app({"cell", "step", "-", "--x", "1,0", "--x", "0,0", "--weights", "ones"}, text);
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "= split([1, 1, 1, 1])\n         = [1, 1], [1, 1]\n") ||
              has(r.out, "= [1, 1], [1, 1]\n"))
      << r.out;
  EXPECT_TRUE(has(r.out, "every([1, 0],")) << r.out;  // step 2 of 1-based steps: the second unit rests
  EXPECT_TRUE(has(r.out, "loss l = sum(square(h))")) << r.out;
}

struct Wrong {
  std::vector<std::string> arguments;
  int status;
  std::string part;
};

TEST(CellCommand, WrongInputGetsOneClearLine) {
  const std::vector<Wrong> all = {
      {{"cell", "show", "lsmt"}, 1, "did you mean 'lstm'?"},
      {{"cell", "show", "./nowhere/gru.cell"}, 1, "the shipped cell is called 'gru'"},
      {{"cell", "show", "/"}, 1, "cannot read '/'"},
      {{"cell", "check", "lstm", "--units", "0"}, 1, "units must lie in 1"},
      {{"cell", "check", "lstm", "--units", "-1"}, 1, "found -1"},
      {{"cell", "check", "lstm", "--inputs", "0"}, 1, "input 'x' needs a size"},
      {{"cell", "check", "lstm", "--inputs", "3,4"}, 1, "1 input, but sizes for 2"},
      {{"cell", "check", "slstm", "--option", "head=2"}, 1, "did you mean 'heads'?"},
      {{"cell", "check", "slstm", "--option", "heads"}, 1, "--option needs NAME=NUMBER"},
      {{"cell", "check", "slstm", "--option", "heads=two"}, 1, "found 'two'"},
      {{"cell", "check", "lstm", "--size", "z=1.5"}, 1, "--size z needs one whole number"},
      {{"cell", "step", "lstm", "--x", "1,,0"}, 1, "--x needs numbers"},
      {{"cell", "step", "lstm", "--units", "1000"}, 1, "at most 64"},
      {{"cell", "step", "lstm", "--input", "y=1"}, 1, "an input of cell 'lstm'"},
      {{"cell", "check", "lstm", "--unit", "3"}, 2, "did you mean '--units'?"},
      {{"cell", "check", "lstm", "--units", "many"}, 2, "--units cannot be 'many'"},
      {{"cell", "check", "lstm", "--units"}, 2, "--units"},
      {{"cell", "check"}, 2, "no cell given"},
      {{"cell", "chekc", "lstm"}, 2, "did you mean 'check'?"},
      {{"cell"}, 2, "needs one of: list, show, check, plan, step"},
      {{"cell", "show", "lstm", "gru"}, 2, "unexpected argument 'gru'"},
      {{"cell", "step", "lstm", "--weights", "one"}, 2, "did you mean 'ones'?"},
      {{"cell", "show", "lstm", "--ascii", "--latex"}, 2, "excludes"},
      {{"cell", "show", "lstm", "--latex", "--lines", "g"}, 1, "cell 'lstm' has no line 'g'"},
  };
  for (const Wrong& w : all) {
    const AppResult r = run_app(w.arguments);
    EXPECT_EQ(r.status, w.status) << w.part;
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
    EXPECT_TRUE(has(r.err, w.part)) << r.err;
    EXPECT_TRUE(r.out.empty()) << r.out;
  }
}

TEST(CellCommand, AWrongCellGetsItsDiagnostic) {
  const AppResult r = run_app({"cell", "check", "-"}, "cell bad(x) -> h\nh = tanh(W·x + hh[t-1])\n");
  EXPECT_EQ(r.status, 1);
  EXPECT_EQ(r.err.rfind("standard input:2:", 0), 0u) << r.err;
  EXPECT_TRUE(has(r.err, "^~")) << r.err;
  const AppResult nothing = run_app({"cell", "show", "-"}, "");
  EXPECT_EQ(nothing.status, 1);
  EXPECT_FALSE(nothing.err.empty());
}

TEST(CellCommand, WarningsGoToStandardError) {
  const AppResult r =
      run_app({"cell", "show", "-"}, "cell w(x) -> h\nu = tanh(V·x)\nh = tanh(W·x + U·h[t-1])\n");
  EXPECT_EQ(r.status, 0);
  EXPECT_TRUE(has(r.err, "warning")) << r.err;
  EXPECT_FALSE(has(r.out, "warning")) << r.out;
}

TEST(CellCommand, AFullDiskIsToldAndFails) {
  const AppResult r = run_app({"cell", "show", "lstm"}, "", "/dev/full");
  EXPECT_EQ(r.status, 1);
  EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
  EXPECT_TRUE(has(r.err, "No space left")) << r.err;
}

TEST(App, EverySubcommandHasHelpWithExamples) {
  for (const std::vector<std::string>& path : std::vector<std::vector<std::string>>{{},
                                                                                    {"cell"},
                                                                                    {"cell", "list"},
                                                                                    {"cell", "show"},
                                                                                    {"cell", "check"},
                                                                                    {"cell", "plan"},
                                                                                    {"cell", "step"},
                                                                                    {"completion"},
                                                                                    {"train"},
                                                                                    {"train", "text"},
                                                                                    {"sample"},
                                                                                    {"eval"},
                                                                                    {"plot"},
                                                                                    {"info"}}) {
    std::vector<std::string> arguments = path;
    arguments.emplace_back("--help");
    const AppResult r = run_app(arguments);
    EXPECT_EQ(r.status, 0);
    EXPECT_TRUE(has(r.out, "Examples:\n  cellwright") || has(r.out, "Examples:\n  source")) << r.out;
  }
}

TEST(CellCheck, TellsOverflowFromWrongDerivatives) {
  const AppResult r =
      run_app({"cell", "check", "-"}, "cell e(x) -> h\nh = exp(exp(W·[x, h[t-1]] + b)) + h[t-1]\n");
  EXPECT_EQ(r.status, 1);
  EXPECT_TRUE(has(r.out, "the numbers overflow")) << r.out;
  EXPECT_FALSE(has(r.out, "derivatives are wrong")) << r.out;
}

TEST(CellCheck, RefusesWhatWouldTakeHours) {
  const AppResult r = run_app({"cell", "check", "lstm", "--units", "2000"});
  EXPECT_EQ(r.status, 1);
  EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
}

TEST(App, VersionTellsSimdTargetsAndThreads) {
  const AppResult r = run_app({"--version"});
  EXPECT_EQ(r.status, 0);
  EXPECT_EQ(r.out.rfind("cellwright 0.", 0), 0u) << r.out;
  EXPECT_TRUE(has(r.out, "scalar")) << r.out;
  EXPECT_TRUE(has(r.out, "threads: ")) << r.out;
}

}  // namespace
}  // namespace cellwright::test
