// `cellwright completion`: the script of bash is run as bash would, those of other shells are looked at, and
// checked where the shell is there.
#include <gtest/gtest.h>

#include "app/run_app.h"
#include "support/data_path.h"

namespace cellwright::test {
namespace {

/// What bash offers for the last of `words`.
std::string offered(const std::vector<std::string>& words, const std::string& folder) {
  // compopt only works inside a completion that readline started.
  std::string script = "compopt() { :; }; source <(\"$1\" completion bash); cd \"$2\"; COMP_WORDS=(\"$1\"";
  for (std::size_t i = 1; i < words.size(); ++i) script += " '" + words[i] + "'";
  script += "); COMP_CWORD=" + std::to_string(words.size() - 1) +
            "; _cellwright; printf '%s\\n' \"${COMPREPLY[@]}\"";
  const AppResult r = run_program({"bash", "-c", script, "bash", CELLWRIGHT_APP, folder});
  EXPECT_EQ(r.err, "");
  return r.out;
}

TEST(Completion, BashOffersSubcommandsOptionsChoicesCellsAndFiles) {
  const TemporaryFolder folder;
  write_whole(folder / "lsmine.cell", "x");
  const std::string f = folder.path();
  EXPECT_EQ(offered({"cellwright", "ce"}, f), "cell\n");
  EXPECT_EQ(offered({"cellwright", "cell", "st"}, f), "step\n");
  EXPECT_EQ(offered({"cellwright", "cell", "step", "lstm", "--uni"}, f), "--units\n");
  EXPECT_EQ(offered({"cellwright", "cell", "step", "lstm", "--weights", ""}, f), "random\nones\n");
  EXPECT_EQ(offered({"cellwright", "completion", "z"}, f), "zsh\n");
  const std::string cells = offered({"cellwright", "cell", "show", "ls"}, f);
  EXPECT_NE(cells.find("lstm\n"), std::string::npos) << cells;
  EXPECT_NE(cells.find("lsmine.cell\n"), std::string::npos) << cells;
  EXPECT_EQ(offered({"cellwright", "train", "text", "--cell", "grid_edge,grid_l"}, f),
            "grid_edge,grid_lstm\n");
}

// Every option that some --help shows stands in each script: they are read off the same tree.
TEST(Completion, EveryShellKnowsAllOptions) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const AppResult r = run_app({"completion", shell});
    EXPECT_EQ(r.status, 0);
    for (const std::string word : {"latex", "markdown", "inference", "digits", "weights", "seed"}) {
      EXPECT_NE(r.out.find(word), std::string::npos) << shell << " " << word;
    }
  }
}

class Syntax : public testing::TestWithParam<const char*> {};

TEST_P(Syntax, IsAccepted) {
  const std::string shell = GetParam();
  try {
    if (run_program({shell, "-c", "true"}).status != 0) GTEST_SKIP() << "no " << shell;
  } catch (const std::runtime_error&) {
    GTEST_SKIP() << "no " << shell;
  }
  const TemporaryFolder folder;
  write_whole(folder / "script", run_app({"completion", shell}).out);
  const AppResult r = run_program({shell, "-n", folder / "script"});
  EXPECT_EQ(r.status, 0) << r.err;
}

INSTANTIATE_TEST_SUITE_P(Shells, Syntax, testing::Values("bash", "zsh", "fish"));

}  // namespace
}  // namespace cellwright::test
