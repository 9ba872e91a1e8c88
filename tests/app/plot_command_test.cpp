// `cellwright plot`: what stands in docs/plots.md can be drawn, and what cannot be drawn is told in one line.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "app/run_app.h"
#include "draw/raster.h"
#include "support/data_path.h"

namespace cellwright::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(PlotCommand, DrawsEveryJsonBlockOfItsPage) {
  const std::string page = read_whole(CELLWRIGHT_SOURCE_DIR "/docs/plots.md");
  int blocks = 0;
  for (std::size_t at = page.find("```json\n"); at != std::string::npos;
       at = page.find("```json\n", at + 1)) {
    const std::size_t begin = at + 8;
    const AppResult r = run_app({"plot", "-"}, page.substr(begin, page.find("```", begin) - begin));
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_EQ(r.out.rfind("<svg ", 0), 0u);
    EXPECT_TRUE(has(r.out, "</svg>\n"));
    ++blocks;
  }
  EXPECT_EQ(blocks, 3);
}

TEST(PlotCommand, OptionsGoBeforeTheFile) {
  const TemporaryFolder folder;
  write_whole(folder / "a.csv", "gap,rnn,lstm\n1,0.9,1\n10,0.2,0.9\n");
  const AppResult r = run_app({"plot",     folder / "a.csv", "--x",     "gap",     "--y",
                               "lstm,rnn", "--log-x",        "--title", "T & t",   "--y-label",
                               "accuracy", "--y-min",        "-1",      "--theme", "dark",
                               "--rtl",    "--language",     "en",      "--out",   folder / "a.svg"});
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(r.out.empty());
  const std::string svg = read_whole(folder / "a.svg");
  EXPECT_TRUE(has(svg, "<title>T &amp; t</title>")) << svg;
  EXPECT_TRUE(has(svg, "logarithmic x axis. lstm: from 1 at 1 to 0.9 at 10. rnn: ")) << svg;
  EXPECT_TRUE(has(svg, "xml:lang=\"en\""));
  EXPECT_TRUE(has(svg, ">−1.0</text>")) << svg;
}

TEST(PlotCommand, TheEndingOfTheNameChoosesTheFormat) {
  const TemporaryFolder folder;
  write_whole(folder / "a.csv", "gap,rnn,lstm\n1,0.9,1\n10,0.2,0.9\n");
  const auto plot = [&](const std::string& out) {
    return run_app({"plot", folder / "a.csv", "--width", "300", "--height", "200", "--scale", "2", "--out",
                    folder / out});
  };
  ASSERT_EQ(plot("a.svg").status, 0);
  const AppResult png = plot("a.png");
  if (!draw::have_raster()) {
    EXPECT_EQ(png.status, 1);
    EXPECT_TRUE(is_one_clear_line(png.err) && has(png.err, "librsvg")) << png.err;
    GTEST_SKIP() << "no module for PNG and PDF: " << png.err;
  }
  ASSERT_EQ(png.status, 0) << png.err;
  const std::string bytes = read_whole(folder / "a.png");
  ASSERT_EQ(bytes.substr(0, 8), "\x89PNG\r\n\x1a\n");
  EXPECT_EQ(bytes.substr(16, 8), std::string("\0\0\x02\x58\0\0\x01\x90", 8));  // 600 by 400, big endian
  ASSERT_EQ(plot("a.pdf").status, 0);
  EXPECT_EQ(read_whole(folder / "a.pdf").substr(0, 5), "%PDF-");
}

TEST(PlotCommand, WithoutTheModuleOneClearLineSaysWhatToInstall) {
  const TemporaryFolder folder;
  // A copy of the program finds no module beside it.
  std::filesystem::copy_file(CELLWRIGHT_APP, folder / "alone");
  write_whole(folder / "a.csv", "gap,rnn\n1,0.9\n10,0.2\n");
  for (const char* out : {"a.png", "a.pdf"}) {
    const AppResult r = run_program({folder / "alone", "plot", folder / "a.csv", "--out", folder / out});
    EXPECT_EQ(r.status, 1);
    EXPECT_TRUE(is_one_clear_line(r.err) && has(r.err, "install librsvg")) << r.err;
    EXPECT_FALSE(std::filesystem::exists(folder / out));
  }
  EXPECT_EQ(run_program({folder / "alone", "plot", folder / "a.csv", "--out", folder / "a.svg"}).status, 0);
}

TEST(PlotCommand, WrongInputGetsOneClearLine) {
  const TemporaryFolder folder;
  write_whole(folder / "a.csv", "gap,rnn\n1,0.9\n2,much\n");
  write_whole(folder / "empty.csv", " \n");
  write_whole(folder / "a.json", R"({"series": [{"x": [1], "y": [1]}]})");
  struct Wrong {
    std::vector<std::string> arguments;
    int status;
    std::string part;
  };
  const std::vector<Wrong> all = {
      {{folder / "a.csv"}, 1, "a.csv:3: column 'rnn' should hold numbers, found 'much'"},
      {{folder / "a.csv", "--y", "rn"}, 1, "did you mean 'rnn'?"},
      {{folder / "empty.csv"}, 1, "it is empty"},
      {{folder / "nowhere.csv"}, 1, "No such file"},
      {{folder / "a.json", "--x", "gap"}, 1, "--kind, --x and --y are for tables"},
      {{folder / "a.json", "--width", "10"}, 1, "200 … 4000"},
      {{folder / "a.json", "--out", folder / "no/such/place.svg"}, 1, "place.svg"},
      {{folder / "a.json", "--out", folder / "a.jpg"}, 1, "must end in .svg, .png or .pdf"},
      {{folder / "a.json", "--theme", "drak"}, 2, "did you mean 'dark'?"},
      {{folder / "a.csv", "--kind", "pie"}, 2, "pie"},
      {{}, 2, "no data given"},
  };
  for (const Wrong& w : all) {
    std::vector<std::string> arguments = {"plot"};
    arguments.insert(arguments.end(), w.arguments.begin(), w.arguments.end());
    const AppResult r = run_app(arguments);
    EXPECT_EQ(r.status, w.status) << w.part;
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
    EXPECT_TRUE(has(r.err, w.part)) << r.err;
    EXPECT_TRUE(r.out.empty()) << r.out;
  }
}

}  // namespace
}  // namespace cellwright::test
