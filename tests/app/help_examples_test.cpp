// help_examples_test.cpp: what the helps and the documents show can be typed: every example is run where its
// files are missing, so that it fails for these (status 1) and never for its options (status 2).
#include <gtest/gtest.h>

#include <sstream>

#include "app/run_app.h"
#include "support/data_path.h"

namespace cellwright::test {
namespace {

/// Lines that begin with `indent` and "cellwright ", those that end in '\' joined with the next; what stands
/// behind two blanks or '#' explains.
std::vector<std::string> examples_in(const std::string& text, const std::string& indent) {
  std::vector<std::string> examples;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.compare(0, indent.size() + 11, indent + "cellwright ") != 0) continue;
    std::string whole = line.substr(indent.size());
    while (!whole.empty() && whole.back() == '\\' && std::getline(lines, line))
      whole.replace(whole.size() - 1, 1, line.substr(line.find_first_not_of(' ')));
    whole = whole.substr(0, std::min(whole.find("   "), whole.find(" # ")));
    for (std::size_t at = 0; at < whole.size();) {  // several commands in a line
      const std::size_t end = std::min(whole.find("; ", at), whole.size());
      const std::string one = whole.substr(at, end - at);
      if (one.find('[') == std::string::npos || one.find('\'') != std::string::npos) examples.push_back(one);
      at = end + 2;
    }
  }
  return examples;
}

/// In an empty folder, by a shell, which knows quotes.
void expect_usable(const std::string& example, const TemporaryFolder& folder) {
  const AppResult r =
      run_program({"sh", "-c", "cellwright() { \"" CELLWRIGHT_APP "\" \"$@\"; }; cd \"$0\" && " + example,
                   folder.path()});
  EXPECT_EQ(r.status, 1) << example << "\n" << r.err;
  EXPECT_NE(r.err.find("cellwright: "), std::string::npos) << example << "\n" << r.err;
}

TEST(HelpExamples, OfEveryWordThatReadsFilesCanBeTyped) {
  const TemporaryFolder folder;
  int found = 0;
  for (const char* words :
       {"train", "train text", "train music", "train classify", "train tag", "train audio", "train series",
        "compare", "compare text", "compare music", "compare classify", "compare tag", "compare series",
        "forecast", "backtest", "predict", "render", "sample"}) {
    std::vector<std::string> command;
    std::istringstream split(words);
    for (std::string word; split >> word;) command.push_back(word);
    command.push_back("--help");
    const AppResult help = run_app(command);
    ASSERT_EQ(help.status, 0) << words;
    const std::vector<std::string> examples = examples_in(help.out, "  ");
    EXPECT_FALSE(examples.empty()) << words;
    for (const std::string& example : examples) expect_usable(example, folder);
    found += static_cast<int>(examples.size());
  }
  EXPECT_GT(found, 40);
}

TEST(HelpExamples, OfTheDocumentsCanBeTyped) {
  const TemporaryFolder folder;
  for (const char* page : {"sequences.md", "series.md", "compare.md"}) {
    const std::vector<std::string> examples =
        examples_in(read_whole(std::string(CELLWRIGHT_SOURCE_DIR "/docs/") + page), "");
    EXPECT_FALSE(examples.empty()) << page;
    for (const std::string& example : examples) expect_usable(example, folder);
  }
}

TEST(HelpDefaults, OfUnitsAreThoseOfTheWord) {
  for (const auto& [word, part] :
       std::vector<std::pair<std::string, std::string>>{{"music", "layer (128)"},
                                                        {"classify", "layer (128)"},
                                                        {"tag", "layer (128)"},
                                                        {"audio", "layer (24)"},
                                                        {"series", "layer (64)"}})
    EXPECT_NE(run_app({"train", word, "--help"}).out.find(part), std::string::npos) << word;
}

}  // namespace
}  // namespace cellwright::test
