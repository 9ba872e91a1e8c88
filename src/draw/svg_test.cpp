// What every picture relies on: the writer's text is well-formed whatever it is given.
#include "draw/svg.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cellwright/error.h"

namespace cellwright::draw {
namespace {

TEST(Svg, NumbersAreShortAndHaveNoNegativeZero) {
  EXPECT_EQ(number(3), "3");
  EXPECT_EQ(number(2.50), "2.5");
  EXPECT_EQ(number(1.0 / 3), "0.33");
  EXPECT_EQ(number(-0.001), "0");
  EXPECT_EQ(number(-12.5), "-12.5");
  EXPECT_EQ(number(100), "100");
  EXPECT_THROW(number(std::numeric_limits<double>::quiet_NaN()), InternalError);
  EXPECT_THROW(number(std::numeric_limits<double>::infinity()), InternalError);
}

TEST(Svg, TextIsEscapedAndWhatXmlCannotCarryIsReplaced) {
  EXPECT_EQ(escape("a < b & \"c\" > d"), "a &lt; b &amp; &quot;c&quot; &gt; d");
  EXPECT_EQ(escape("C̃ = tanh σ"), "C̃ = tanh σ");
  EXPECT_EQ(escape(std::string_view("\0\x01\x1b", 3)), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(escape("\xff\xc3"), "\uFFFD\uFFFD");
  EXPECT_EQ(escape("line\nline\ttab"), "line\nline\ttab");
}

TEST(Svg, PathsJoinTheirLettersByBlanks) {
  EXPECT_EQ(PathData().move(0, 1.25).line(10, 1.25).quadratic(12, 1, 12, 3).close().text(),
            "M0 1.25 L10 1.25 Q12 1 12 3 Z");
}

TEST(Svg, ADocumentHasTitleDescriptionAndOneElementALine) {
  Svg svg(100, 50.5, "a <title>", "what it shows", theme("light"), "en");
  svg.open("g", {{"id", "C̃"}, {"opacity", 0.5}});
  svg.title("candidate");
  svg.element("circle", {{"r", 3}});
  svg.text(1, 2, {{"C", {}}, {"t−1", {{"dy", 4}}}}, {{"fill", "#000000"}});
  svg.close();
  EXPECT_EQ(
      svg.finish(),
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100\" height=\"50.5\" viewBox=\"0 0 100 50.5\" "
      "role=\"img\" font-family=\"'DejaVu Sans', Verdana, 'Noto Sans', sans-serif\" font-size=\"14\" "
      "xml:lang=\"en\">\n"
      "  <title>a &lt;title&gt;</title>\n"
      "  <desc>what it shows</desc>\n"
      "  <rect width=\"100\" height=\"50.5\" fill=\"#ffffff\"/>\n"
      "  <g id=\"C̃\" opacity=\"0.5\">\n"
      "    <title>candidate</title>\n"
      "    <circle r=\"3\"/>\n"
      "    <text x=\"1\" y=\"2\" fill=\"#000000\">C<tspan dy=\"4\">t−1</tspan></text>\n"
      "  </g>\n"
      "</svg>\n");
}

TEST(Svg, GroupsMustBeClosedAndOnlyOnce) {
  Svg svg(1, 1, "t", "d", theme("light"));
  EXPECT_THROW(svg.close(), InternalError);
  svg.open("g");
  EXPECT_THROW(svg.finish(), InternalError);
}

/// WCAG 2's contrast of two colours, from its definition.
double contrast(const std::string& a, const std::string& b) {
  const auto luminance = [](const std::string& colour) {
    double sum = 0;
    const double weight[] = {0.2126, 0.7152, 0.0722};
    for (std::size_t k = 0; k < 3; ++k) {
      const double c = std::stoi(colour.substr(1 + 2 * k, 2), nullptr, 16) / 255.0;
      sum += weight[k] * (c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
  };
  const double x = luminance(a), y = luminance(b);
  return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

TEST(Theme, TextIsReadableOnEveryFill) {
  for (const std::string& name : theme_names()) {
    const Theme& t = theme(name);
    for (const std::string* fill : {&t.background, &t.panel, &t.layer, &t.op, &t.port, &t.clock}) {
      EXPECT_GE(contrast(t.ink, *fill), 4.5) << name << " ink on " << *fill;
    }
    EXPECT_GE(contrast(t.muted, t.background), 4.5) << name;
    EXPECT_GE(contrast(t.highlight, t.background), 3) << name;
  }
}

TEST(Theme, AnUnknownOneNamesThoseThereAre) {
  try {
    theme("sepia");
    FAIL();
  } catch (const SpecError& e) {
    EXPECT_STREQ(e.what(), "no theme 'sepia'; there are light, dark, print");
  }
}

TEST(Theme, MixingGoesFromOneColourToTheOther) {
  EXPECT_EQ(mix("#000000", "#ffffff", 0), "#000000");
  EXPECT_EQ(mix("#000000", "#ffffff", 1), "#ffffff");
  EXPECT_EQ(mix("#102030", "#304050", 0.5), "#203040");
}

}  // namespace
}  // namespace cellwright::draw
