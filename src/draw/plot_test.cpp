// Plots: shapes stand where the numbers say, texts stay whole, and wrong data is told in a sentence.
#include "draw/plot.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <regex>

#include "cellwright/error.h"
#include "draw/theme.h"

namespace cellwright::draw {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

/// Every value of an attribute in elements of one tag that hold `mark`, as numbers.
std::vector<double> numbers(const std::string& svg, const std::string& tag, const std::string& attribute,
                            const std::string& mark = "") {
  std::vector<double> all;
  const std::regex element("<" + tag + " [^>]*>"), value(" " + attribute + "=\"([-0-9.]+)\"");
  for (auto e = std::sregex_iterator(svg.begin(), svg.end(), element); e != std::sregex_iterator(); ++e) {
    const std::string text = e->str();
    std::smatch found;
    if (has(text, mark) && std::regex_search(text, found, value)) all.push_back(std::stod(found[1]));
  }
  return all;
}

Plot bars() {
  Plot plot;
  plot.kind = PlotKind::kBar;
  plot.categories = {"rnn", "lstm"};
  plot.series = {{"a", {}, {1.0, 2.0}}, {"b", {}, {4.0, kMissing}, {3.5, kMissing}, {4.5, kMissing}}};
  return plot;
}

Plot line() {
  Plot plot;
  plot.x = {"gap", true};
  plot.y = {"accuracy"};
  plot.series = {{"rnn", {5, 10, 100}, {1.0, 0.5, 0.1}}, {"lstm", {5, 10, 100}, {1.0, 1.0, 0.97}}};
  return plot;
}

TEST(Plot, BarsAreAsHighAsTheirValues) {
  const std::string svg = plot_svg(bars());
  std::vector<double> heights = numbers(svg, "rect", "height", "stroke-width=\"0.5\"");
  // The legend's two swatches, then three bars: one value is missing.
  ASSERT_EQ(heights.size(), 5u) << svg;
  EXPECT_NEAR(heights[3] / heights[2], 2, 0.01);
  EXPECT_NEAR(heights[4] / heights[2], 4, 0.01);
  EXPECT_TRUE(has(svg, "<title>b, rnn: 4</title>"));
}

TEST(Plot, PointsStandAtTheLogarithmOfTheirPlace) {
  Plot plot = line();
  plot.series.resize(1);
  const std::vector<double> x = numbers(plot_svg(plot), "circle", "cx");
  ASSERT_EQ(x.size(), 3u);
  EXPECT_NEAR((x[1] - x[0]) / (x[2] - x[0]), std::log10(2) / std::log10(20), 1e-3);
}

TEST(Plot, RightToLeftMirrorsPlacesAndKeepsTexts) {
  Plot plot = line();
  const std::string left = plot_svg(plot);
  plot.rtl = true;
  const std::string right = plot_svg(plot);
  const std::vector<double> a = numbers(left, "circle", "cx"), b = numbers(right, "circle", "cx");
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i] + b[i], plot.width, 0.02);
  EXPECT_TRUE(has(right, ">accuracy</text>"));
}

TEST(Plot, AnArabicLabelIsOneTextThatReadsFromTheRight) {
  Plot plot = line();
  plot.title = "دقة التنبؤ (LSTM) مقابل الفجوة";
  plot.x.label = "الفجوة";
  const std::string svg = plot_svg(plot);
  EXPECT_TRUE(has(svg, ">دقة التنبؤ (LSTM) مقابل الفجوة</text>"));
  EXPECT_EQ(count(svg, "direction=\"rtl\""), 2u) << svg;
}

TEST(Plot, SaysInWordsWhatItShows) {
  const std::string svg = plot_svg(line());
  EXPECT_TRUE(has(svg, "<title>accuracy against gap</title>"));
  EXPECT_TRUE(
      has(svg,
          "<desc>Line plot of accuracy against gap, logarithmic x axis. rnn: from 1 at 5 to 0.1 at 100. "
          "lstm: from 1 at 5 to 0.97 at 100.</desc>"))
      << svg;
}

TEST(Plot, AGapCutsALine) {
  Plot plot = line();
  plot.series = {{"", {1, 2, 3, 4, 5}, {1.0, 2.0, kMissing, 2.0, 1.0}}};
  EXPECT_EQ(count(plot_svg(plot), "stroke-linejoin"), 2u);
}

TEST(Plot, AMillionPointsStaySmall) {
  Plot plot;
  plot.series.resize(1);
  for (int i = 0; i < 1000000; ++i) {
    plot.series[0].x.push_back(i);
    plot.series[0].y.push_back(i == 777777 ? 9.0 : i % 7 * 0.1);
  }
  const std::string svg = plot_svg(plot);
  EXPECT_LT(svg.size(), 100000u);
  EXPECT_TRUE(has(svg, "highest 9 at 777,777")) << svg.substr(0, 1000);
}

TEST(Plot, EqualNeighboursOfAHeatMapAreOneRectangle) {
  Plot plot;
  plot.kind = PlotKind::kHeat;
  plot.heat.values = {{0.0, 0.0, 0.0, 1.0}, {1.0, kMissing, 1.0, 1.0}};
  const std::string svg = plot_svg(plot);
  // Per row: three zeros and a one; a one, a gap, two ones.
  const std::string body = svg.substr(svg.find("crispEdges"), svg.find("</g>") - svg.find("crispEdges"));
  EXPECT_EQ(count(body, "<rect"), 4u) << body;
}

TEST(Plot, TheSamePlotGivesTheSameBytesInEveryTheme) {
  for (const std::string& name : theme_names()) {
    Plot plot = line();
    plot.theme = name;
    EXPECT_EQ(plot_svg(plot), plot_svg(plot));
  }
}

std::string told(const Plot& plot) {
  try {
    plot_svg(plot);
  } catch (const SpecError& e) {
    return e.what();
  }
  return "nothing";
}

TEST(Plot, WrongNumbersAreToldInASentence) {
  Plot plot = line();
  plot.series[0].y[1] = 0;
  plot.y.log = true;
  EXPECT_TRUE(has(told(plot), "series 'rnn' holds 0, which a logarithmic y axis cannot show"));
  plot = line();
  plot.series[1].y.pop_back();
  EXPECT_EQ(told(plot), "series 'lstm' has 2 y for 3 x; give as many");
  plot = line();
  plot.series[1].y[0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(has(told(plot), "holds nan"));
  plot = line();
  plot.series[1].low = {0.0, 0.0, 0.0};
  EXPECT_TRUE(has(told(plot), "neither"));
  plot = bars();
  plot.series[0].y.push_back(1.0);
  EXPECT_EQ(told(plot), "series 'a' has 3 y for 2 categories; give as many");
  EXPECT_TRUE(has(told({}), "no series"));
  Plot heat;
  heat.kind = PlotKind::kHeat;
  heat.heat.values = {{1.0, 2.0}, {3.0}};
  EXPECT_TRUE(has(told(heat), "row 2 of the heat map has 1 values and the first 2"));
  plot = line();
  plot.width = 1;
  EXPECT_TRUE(has(told(plot), "200 … 4000"));
}

std::string told_json(const std::string& text) {
  try {
    plot_svg(plot_from_json(text, "a.json"));
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing";
}

TEST(PlotJson, ReadsEveryKind) {
  EXPECT_EQ(told_json(R"({"x": {"values": [1, 2]}, "y": "loss", "series": [{"name": "a", "y": [1, null]}],
                          "marks": [{"y": 0.5, "label": "chance"}, {"x": 1.5}], "theme": "dark", "rtl": true})"),
            "nothing");
  EXPECT_EQ(told_json(R"({"kind": "bar", "categories": ["a", 2],
                          "series": [{"y": [1, 2], "low": [0.5, 1], "high": [2, 3]}]})"),
            "nothing");
  EXPECT_EQ(
      told_json(
          R"({"kind": "heat", "values": [[-1, 2], [0, null]], "columns": ["t", "t+1"], "rows": ["a", "b"],
                          "scale": {"label": "f", "min": -2, "balanced": true}})"),
      "nothing");
}

TEST(PlotJson, TellsWhatIsWrongAndWhere) {
  EXPECT_EQ(told_json(R"({"series": [{"name": "a", "x": [1], "y": ["one"]}]})"),
            "a.json: series 'a', y: entry 1 should be a number or null, found the text 'one'");
  EXPECT_EQ(told_json(R"({"serie": []})"), "a.json: unknown key 'serie'; did you mean 'series'?");
  EXPECT_EQ(told_json(R"({"series": [{"y": [1]}]})"),
            "a.json: series 1: it has no x; give one here, or \"x\": {\"values\": […]} for all");
  EXPECT_TRUE(has(told_json(R"({"series": [{"x": [1], "y": [NaN]}]})"), "NaN and Infinity"));
  EXPECT_TRUE(has(told_json(R"({"series": [{"x": [1e999], "y": [1]}]})"), "too large"));
  EXPECT_TRUE(has(told_json(R"({"kind": "pie"})"), "no kind of plot 'pie'"));
  EXPECT_TRUE(has(told_json("[1]"), "expected an object"));
  EXPECT_TRUE(has(told_json("{}"), "no \"series\""));
  EXPECT_TRUE(has(told_json(R"({"series": [], "width": 1e9})"), "whole number"));
  EXPECT_TRUE(has(told_json(R"({"series": 3})"), "expected a list"));
  EXPECT_TRUE(has(told_json(R"({"kind": "heat", "values": [[]]})"), "at least one"));
  EXPECT_TRUE(has(told_json(R"({"theme": "sepia", "series": [{"x": [1], "y": [1]}]})"), "no theme 'sepia'"));
  EXPECT_TRUE(has(told_json(std::string(200000, '[')), "nested"));
  EXPECT_TRUE(has(told_json("{\"series\": [{\"x\": [1], \"y\": [1]}]"), "byte"));
}

Plot from_table(const std::string& text, const TableColumns& columns = {}) {
  return plot_from_table(read_csv(text, "a.csv"), columns);
}

std::string told_table(const std::string& text, const TableColumns& columns = {}) {
  try {
    plot_svg(from_table(text, columns));
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing";
}

TEST(PlotTable, ColumnsBecomeSeriesAndTheirErrors) {
  const Plot plot = from_table("epoch,train,train_low,train_high,valid\r\n1,2.5,2,3,2.7\r\n2,2,1.5,2.5,\r\n");
  EXPECT_EQ(plot.kind, PlotKind::kLine);
  ASSERT_EQ(plot.series.size(), 2u);
  EXPECT_EQ(plot.series[0].name, "train");
  EXPECT_EQ(plot.series[0].x, (std::vector<double>{1, 2}));
  EXPECT_EQ(plot.series[0].high, (std::vector<Value>{3.0, 2.5}));
  EXPECT_EQ(plot.series[1].y, (std::vector<Value>{2.7, kMissing}));
  EXPECT_EQ(plot.x.label, "epoch");
}

TEST(PlotTable, NamesInTheFirstColumnMakeBars) {
  const Plot plot = from_table(
      "\xEF\xBB\xBF"
      "cell\tspeed\n\"a \"\"b\"\"\"\t3\n");
  EXPECT_EQ(plot.kind, PlotKind::kBar);
  EXPECT_EQ(plot.categories, std::vector<std::string>{"a \"b\""});
  EXPECT_EQ(plot.y.label, "speed");
}

TEST(PlotTable, WhatIsWrittenForAMissingNumberIsAGap) {
  const Plot plot = from_table("x,y\n1,2\n2,nan\n3,NA\n4,5\n");
  ASSERT_EQ(plot.series.size(), 1u);
  ASSERT_EQ(plot.series[0].y.size(), 4u);
  EXPECT_FALSE(plot.series[0].y[1].has_value());
  EXPECT_FALSE(plot.series[0].y[2].has_value());
  EXPECT_EQ(plot.series[0].y[3], 5.0);
}

TEST(PlotTable, TellsWhatIsWrongAndWhere) {
  EXPECT_EQ(told_table("x,y\n1,2\n2,two\n"),
            "a.csv:3: column 'y' should hold numbers, found 'two'; leave the field empty for a gap");
  EXPECT_TRUE(has(told_table("x,y\n1,inf\n"), "found 'inf'"));
  EXPECT_TRUE(has(told_table("x,y\n1,0x10\n"), "found '0x10'"));
  EXPECT_TRUE(has(told_table("x,y\n1,1e999\n"), "found '1e999'"));
  EXPECT_TRUE(has(told_table("x,loss\n1,2\n", {{}, "x", {"los"}}), "did you mean 'loss'?"));
  EXPECT_TRUE(has(told_table("x,loss\n1,2\n", {{}, "gap", {}}), "no column 'gap'; there are x, loss"));
  EXPECT_TRUE(has(told_table("x,y\n1\n"), "a.csv:2: 1 field, but 2 columns"));
  EXPECT_TRUE(has(told_table(""), "empty"));
  EXPECT_TRUE(has(told_table("x,y\n"), "no rows"));
  EXPECT_TRUE(has(told_table("x\n1\n"), "nothing to plot"));
  EXPECT_TRUE(has(told_table("x,x\n1,2\n"), "two columns"));
  EXPECT_TRUE(has(told_table("x,y\n\"1,2\n"), "never closed"));
  EXPECT_TRUE(has(told_table("x,y\n1,\xFF\n"), "UTF-8"));
  EXPECT_TRUE(has(told_table("x,y\n,2\n", {PlotKind::kLine, "", {}}), "every point needs an x"));
  EXPECT_TRUE(has(told_table("x,y\n1,\n"), "every series is empty"));
}

}  // namespace
}  // namespace cellwright::draw
