// plot.h: line, bar and heat-map plots as SVG. Every figure with axes that cellwright makes goes through
// here.
//
// Where to start: fill a Plot and call plot_svg(); from a file, plot_from_json() (the form is in
// docs/plots.md) or read_csv() (data/csv.h) and plot_from_table(). Always holds: colours are the theme's;
// series can be told apart without colour too (markers, and dashes where the theme is grey); a text is one
// <text>, so that joined letters stay joined; `rtl` mirrors geometry and never letters; the same Plot gives
// the same bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/csv.h"

namespace cellwright::draw {

/// A value that is not there: a gap in a line, a bar left out, an empty field of a heat map.
inline constexpr std::nullopt_t kMissing = std::nullopt;
using Value = std::optional<double>;

enum class PlotKind { kLine, kBar, kHeat };

struct Axis {
  std::string label;
  bool log = false;                          ///< base 10; every value must then be > 0
  std::optional<double> min = {}, max = {};  ///< default: from the values, widened to round numbers
};

struct Series {
  std::string name;              ///< in the legend
  std::vector<double> x = {};    ///< lines: as long as y. Bars: empty
  std::vector<Value> y;          ///< bars: one a category
  std::vector<Value> low = {};   ///< ends of the error bar (bars) or band (lines), as values and not as
  std::vector<Value> high = {};  ///< differences; both empty, or both as long as y
};

/// A straight line across the plot with a name, as "chance" at 0.1.
struct Mark {
  bool at_x = false;  ///< vertical at this x, else horizontal at this y
  double value = 0;
  std::string label;
};

struct Heat {
  std::vector<std::vector<Value>> values;  ///< [rows][columns]; the first row stands on top
  std::vector<std::string> rows, columns;  ///< names; empty, or as many as there are
  Axis scale;                              ///< of the colours
  bool balanced = false;                   ///< colours for values on both sides of 0, which is their middle
};

struct Plot {
  PlotKind kind = PlotKind::kLine;
  std::string title;           ///< default: "y against x"
  std::string description;     ///< for screen readers; default: what the series do, in a sentence each
  Axis x, y;                   ///< of bars only x.label; of heat maps only the labels
  std::vector<Series> series;  ///< lines and bars; at least one
  std::vector<std::string> categories;  ///< bars; at least one
  std::vector<Mark> marks;              ///< lines; horizontal ones for bars too
  Heat heat;
  std::string theme = "light";
  std::string language;  ///< as in xml:lang; "" for none
  bool rtl = false;      ///< x from right to left, the y axis on the right
  int width = 720;       ///< pixels, 200 … 4000
  int height = 0;        ///< 0: what suits the kind
};

/// The picture. SpecError says which part of the plot is missing, of another length, not finite, or not to be
/// shown on a logarithmic axis.
std::string plot_svg(const Plot& plot);

/// From JSON, form as in docs/plots.md. FormatError begins with `name`, the file's.
Plot plot_from_json(std::string_view text, const std::string& name);

struct TableColumns {
  std::optional<PlotKind> kind = {};  ///< default: lines where the x column holds numbers, else bars
  std::string x = "";                 ///< default: the first column
  std::vector<std::string> y = {};    ///< default: all others
};

/// Series by columns; columns "a_low" and "a_high" are the error of column "a". For a heat map a row a row,
/// named by the x column. FormatError for a field that is no number; SpecError for an unknown column.
Plot plot_from_table(const Table& table, const TableColumns& columns);

/// "line", "bar", "heat"; SpecError for another word.
PlotKind plot_kind(const std::string& word);

}  // namespace cellwright::draw
