// `cellwright cell draw`: the pictures in the documents are what it draws today, in every style; PNG and PDF;
// wrong input.
#include <gtest/gtest.h>

#include <cstdint>

#include "app/run_app.h"
#include "draw/raster.h"
#include "language/shipped.h"
#include "support/data_path.h"

namespace cellwright::test {
namespace {

const std::string kRoot = CELLWRIGHT_SOURCE_DIR;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class DrawCommand : public testing::TestWithParam<std::string> {};

TEST_P(DrawCommand, DrawsThePictureInTheDocuments) {
  const AppResult r = run_app({"cell", "draw", GetParam()});
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(r.out == read_whole(kRoot + "/docs/images/cells/" + GetParam() + ".svg"))
      << "the picture changed: look at it, then run scripts/draw_cells";
}

INSTANTIATE_TEST_SUITE_P(Cells, DrawCommand, testing::ValuesIn(shipped_cells()),
                         [](const auto& info) { return info.param; });

TEST(DrawStyles, AreTheStoredOnes) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> styles = {
      {"lstm_unrolled", {"cell", "draw", "lstm", "--unrolled", "3"}},
      {"gru_rtl_dark_legend", {"cell", "draw", "gru", "--rtl", "--theme", "dark", "--legend"}},
      {"lstm_peephole_print_highlight",
       {"cell", "draw", "lstm_peephole", "--theme", "print", "--highlight", "f,C"}},
      {"lstm_depth_gated_without", {"cell", "draw", "lstm_depth_gated", "--without", "C_below"}},
      {"rnn_unrolled_rtl", {"cell", "draw", "rnn", "--unrolled", "4", "--rtl"}},
  };
  for (const auto& [name, command] : styles) {
    const AppResult r = run_app(command);
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_TRUE(r.out == read_whole(kRoot + "/tests/golden/diagrams/" + name + ".svg"))
        << name << ": the picture changed: look at it, then run scripts/draw_cells";
  }
}

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
  std::uint32_t n = 0;
  for (std::size_t i = at; i < at + 4; ++i) n = n << 8 | static_cast<unsigned char>(bytes[i]);
  return n;
}

TEST(DrawFiles, TheEndingOfTheNameChoosesTheFormat) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_app({"cell", "draw", "gru", "--out", folder / "gru.svg"}).status, 0);
  const std::string svg = read_whole(folder / "gru.svg");
  EXPECT_EQ(svg, run_app({"cell", "draw", "gru"}).out);
  const AppResult png = run_app({"cell", "draw", "gru", "--out", folder / "gru.png", "--scale", "2"});
  if (!draw::have_raster()) {
    EXPECT_NE(png.status, 0);
    GTEST_SKIP() << "no module for PNG and PDF: " << png.err;
  }
  ASSERT_EQ(png.status, 0) << png.err;
  const std::string bytes = read_whole(folder / "gru.png");
  EXPECT_EQ(bytes.substr(0, 8), "\x89PNG\r\n\x1a\n");
  const double width = std::stod(svg.substr(svg.find("width=\"") + 7)),
               height = std::stod(svg.substr(svg.find("height=\"") + 8));
  EXPECT_EQ(big_endian(bytes, 16), static_cast<std::uint32_t>(2 * width));
  EXPECT_EQ(big_endian(bytes, 20), static_cast<std::uint32_t>(2 * height));
  ASSERT_EQ(run_app({"cell", "draw", "gru", "--out", folder / "gru.pdf"}).status, 0);
  EXPECT_EQ(read_whole(folder / "gru.pdf").substr(0, 5), "%PDF-");
}

TEST(DrawFiles, WrongInputIsOneClearLine) {
  const TemporaryFolder folder;
  const auto fails = [](const std::vector<std::string>& command, int status, const std::string& says) {
    const AppResult r = run_app(command);
    EXPECT_EQ(r.status, status) << r.err;
    EXPECT_TRUE(has(r.err, says)) << r.err;
  };
  fails({"cell", "draw", "lstm", "--out", folder / "lstm.jpg"}, 1, "must end in .svg, .png or .pdf");
  fails({"cell", "draw", "lstm", "--highlight", "ff"}, 1,
        "cell 'lstm' has no line 'ff' to highlight; did you mean 'f'?");
  fails({"cell", "draw", "lstm", "--theme", "sepia"}, 2, "sepia");
  fails({"cell", "draw", "lstm", "--unrolled", "0"}, 1, "1 to 9 copies");
  fails({"cell", "draw", "lstm", "--without", "x"}, 1,
        "--without needs an optional input of cell 'lstm', found 'x'");
  fails({"cell", "draw", "lsmt"}, 1, "did you mean 'lstm'?");
  fails({"cell", "draw", "lstm", "--out", folder / "none/lstm.svg"}, 1, "none/lstm.svg");
}

TEST(DrawFiles, ACellOfYourOwn) {
  const AppResult r =
      run_app({"cell", "draw", "-"}, "cell leaky(x) -> h\nh = 0.5 ⊙ h[t-1] + tanh(W·x + b)\n");
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(
      has(r.out, "<desc>A picture of the cell leaky. Its equations: h = 0.5 ⊙ h[t-1] + tanh(W·x + b)</desc>"))
      << r.out;
  EXPECT_TRUE(has(r.out, "<g id=\"h\"")) << r.out;
}

}  // namespace
}  // namespace cellwright::test
