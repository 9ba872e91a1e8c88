// Pages of docs/ that a command makes are up to date: docs/cells.md, and the formulas of docs/learn.
#include <gtest/gtest.h>

#include <sstream>

#include "app/run_app.h"

namespace cellwright::test {
namespace {

const std::string kDocs = CELLWRIGHT_SOURCE_DIR "/docs/";

TEST(Pages, CellsIsWhatItsCommandMakes) {
  EXPECT_EQ(read_whole(kDocs + "cells.md"), run_app({"cell", "list", "--markdown"}).out)
      << "make it again: build/app/cellwright cell list --markdown > docs/cells.md";
}

TEST(Pages, FormulasOfTheLessonAreWhatTheirMarksSay) {
  for (const char* language : {"en", "ar"}) {
    std::stringstream page(read_whole(kDocs + "learn/" + language + "/README.md"));
    int marks = 0;
    for (std::string line; std::getline(page, line);) {
      const std::string begin = "<!-- cellwright ", end = " -->";
      if (line.rfind(begin, 0) != 0) continue;
      std::stringstream words(line.substr(begin.size(), line.size() - begin.size() - end.size()));
      std::vector<std::string> arguments;
      for (std::string word; words >> word;) arguments.push_back(word);
      std::string block;
      while (std::getline(page, line) && line != "```") block += line + "\n";
      EXPECT_EQ(block, "```math\n" + run_app(arguments).out)
          << "make them again: scripts/learn-figures formulas";
      ++marks;
    }
    EXPECT_GE(marks, 10) << language;
  }
}

}  // namespace
}  // namespace cellwright::test
