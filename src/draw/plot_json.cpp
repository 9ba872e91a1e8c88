// plot_json.cpp: a Plot from JSON; the form is in docs/plots.md. Start at plot_from_json().
//
// Always holds: a key that is not known is an error that offers the nearest one, so that a slip is not drawn
// as something else; every message says where in the plot.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "cellwright/error.h"
#include "draw/plot.h"
#include "language/diagnostic.h"

namespace cellwright::draw {
namespace {

using nlohmann::json;

constexpr int kDeepest = 8;

/// A value with the way to it: "series 2: y".
class Node {
 public:
  Node(const json& value, std::string where, const std::string& file)
      : value_(value), where_(std::move(where)), file_(file) {}

  [[noreturn]] void fail(const std::string& what) const {
    throw FormatError(fmt::format("{}: {}{}{}", file_, where_, where_.empty() ? "" : ": ", what));
  }

  void keys(const std::vector<std::string>& known) const {
    if (!value_.is_object()) fail(fmt::format("expected an object, found {}", value_.type_name()));
    for (const auto& [key, unused] : value_.items()) {
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      const std::string hint = syntax::did_you_mean(key, known);
      fail(fmt::format("unknown key '{}'; {}", key,
                       hint.empty() ? fmt::format("known are {}", fmt::join(known, ", ")) : hint));
    }
  }

  bool has(const char* key) const { return value_.contains(key) && !value_[key].is_null(); }
  Node at(const char* key) const {
    return Node(value_[key], where_.empty() ? key : where_ + ", " + key, file_);
  }
  /// An element of an array, named by its own name where it has one.
  Node element(std::size_t i, const char* what) const {
    std::string name = fmt::format("{} {}", what, i + 1);
    const json& e = value_[i];
    if (e.is_object() && e.contains("name") && e["name"].is_string())
      name = fmt::format("{} '{}'", what, e["name"].get<std::string>());
    return Node(e, name, file_);
  }

  std::size_t length() const {
    if (!value_.is_array()) fail(fmt::format("expected a list, found {}", value_.type_name()));
    return value_.size();
  }

  void read(const char* key, std::string& to) const {
    if (!has(key)) return;
    if (!value_[key].is_string())
      at(key).fail(fmt::format("expected text, found {}", value_[key].type_name()));
    to = value_[key].get<std::string>();
  }
  void read(const char* key, bool& to) const {
    if (!has(key)) return;
    if (!value_[key].is_boolean())
      at(key).fail(fmt::format("expected true or false, found {}", value_[key].type_name()));
    to = value_[key].get<bool>();
  }
  void read(const char* key, int& to) const {
    if (!has(key)) return;
    const double v = at(key).number();
    if (v != std::floor(v) || std::abs(v) > 1e6)
      at(key).fail(fmt::format("expected a whole number, found {}", v));
    to = static_cast<int>(v);
  }
  void read(const char* key, std::optional<double>& to) const {
    if (has(key)) to = at(key).number();
  }
  void read(const char* key, std::vector<Value>& to) const {
    if (!has(key)) return;
    const Node list = at(key);
    for (std::size_t i = 0; i < list.length(); ++i) to.push_back(list.optional_number(i));
  }
  void read(const char* key, std::vector<double>& to) const {
    if (!has(key)) return;
    const Node list = at(key);
    for (std::size_t i = 0; i < list.length(); ++i) {
      const Value v = list.optional_number(i);
      if (!v) list.fail(fmt::format("entry {} is null, but every point needs an x", i + 1));
      to.push_back(*v);
    }
  }
  /// Names may be numbers: their text is taken.
  void read(const char* key, std::vector<std::string>& to) const {
    if (!has(key)) return;
    const Node list = at(key);
    for (std::size_t i = 0; i < list.length(); ++i) {
      const json& e = list.value_[i];
      if (!e.is_string() && !e.is_number())
        list.fail(fmt::format("entry {} should be a name, found {}", i + 1, e.type_name()));
      to.push_back(e.is_string() ? e.get<std::string>() : e.dump());
    }
  }

  double number() const {
    if (!value_.is_number()) fail(fmt::format("expected a number, found {}", shown(value_)));
    const double v = value_.get<double>();
    if (!std::isfinite(v)) fail("a number is too large");
    return v;
  }

  std::vector<Value> numbers() const {
    std::vector<Value> all;
    for (std::size_t i = 0; i < length(); ++i) all.push_back(optional_number(i));
    return all;
  }

 private:
  static std::string shown(const json& v) {
    if (v.is_string()) return fmt::format("the text '{}'", v.get<std::string>().substr(0, 40));
    return v.type_name();
  }
  Value optional_number(std::size_t i) const {
    const json& e = value_[i];
    if (e.is_null()) return kMissing;
    if (!e.is_number()) fail(fmt::format("entry {} should be a number or null, found {}", i + 1, shown(e)));
    if (!std::isfinite(e.get<double>())) fail(fmt::format("entry {} is too large a number", i + 1));
    return e.get<double>();
  }

  const json& value_;
  std::string where_;
  const std::string& file_;
};

// "x": "gap" is short for {"label": "gap"}; `values` are x shared by all series.
void read_axis(const Node& root, const char* key, const json& raw, Axis& axis, std::vector<double>* values) {
  if (!root.has(key)) return;
  if (raw[key].is_string()) {
    root.read(key, axis.label);
    return;
  }
  const Node node = root.at(key);
  std::vector<std::string> known = {"label", "log", "min", "max"};
  if (values) known.push_back("values");
  if (std::string_view(key) == "scale") known.push_back("balanced");
  node.keys(known);
  node.read("label", axis.label);
  node.read("log", axis.log);
  node.read("min", axis.min);
  node.read("max", axis.max);
  if (values) node.read("values", *values);
}

void read_series(const Node& root, const json& raw, const std::vector<double>& shared_x, Plot& plot) {
  const Node list = root.at("series");
  for (std::size_t i = 0; i < list.length(); ++i) {
    const Node node = list.element(i, "series");
    const json& e = raw["series"][i];
    node.keys({"name", "x", "y", "low", "high"});
    Series s;
    node.read("name", s.name);
    if (!e.contains("y")) node.fail("it has no y");
    node.read("x", s.x);
    node.read("y", s.y);
    node.read("low", s.low);
    node.read("high", s.high);
    if (plot.kind == PlotKind::kLine && !node.has("x")) {
      if (shared_x.empty()) node.fail("it has no x; give one here, or \"x\": {\"values\": […]} for all");
      s.x = shared_x;
    }
    plot.series.push_back(std::move(s));
  }
}

void read_heat(const Node& root, const json& raw, Plot& plot) {
  if (!root.has("values")) root.fail("a heat map needs \"values\", a list of rows");
  const Node list = root.at("values");
  for (std::size_t r = 0; r < list.length(); ++r)
    plot.heat.values.push_back(list.element(r, "values, row").numbers());
  root.read("rows", plot.heat.rows);
  root.read("columns", plot.heat.columns);
  read_axis(root, "scale", raw, plot.heat.scale, nullptr);
  if (root.has("scale") && raw["scale"].is_object()) root.at("scale").read("balanced", plot.heat.balanced);
}

json parsed(std::string_view text, const std::string& name) {
  const auto depth_limit = [&](int depth, json::parse_event_t, json&) {
    if (depth > kDeepest)
      throw FormatError(
          fmt::format("{}: it is nested more than {} deep, which no plot needs", name, kDeepest));
    return true;
  };
  try {
    return json::parse(text.begin(), text.end(), depth_limit);
  } catch (const json::parse_error& e) {
    throw FormatError(
        fmt::format("{}: byte {}: it is no JSON; NaN and Infinity are none either, write null for a "
                    "value that is missing",
                    name, e.byte));
  } catch (const json::exception&) {
    throw FormatError(name + ": it holds a number that is too large");
  }
}

}  // namespace

Plot plot_from_json(std::string_view text, const std::string& name) {
  const json raw = parsed(text, name);
  const Node root(raw, "", name);
  Plot plot;
  root.keys({"kind", "title", "description", "x", "y", "series", "categories", "marks", "values", "rows",
             "columns", "scale", "theme", "language", "rtl", "width", "height"});
  std::string kind = "line";
  root.read("kind", kind);
  plot.kind = plot_kind(kind);
  root.read("title", plot.title);
  root.read("description", plot.description);
  root.read("theme", plot.theme);
  root.read("language", plot.language);
  root.read("rtl", plot.rtl);
  root.read("width", plot.width);
  root.read("height", plot.height);
  std::vector<double> shared_x;
  read_axis(root, "x", raw, plot.x, &shared_x);
  read_axis(root, "y", raw, plot.y, nullptr);
  const auto refuse = [&](std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
      if (root.has(key)) root.fail(fmt::format("a {} plot has no \"{}\"", kind, key));
    }
  };
  if (plot.kind == PlotKind::kHeat) {
    refuse({"series", "categories", "marks"});
    read_heat(root, raw, plot);
    return plot;
  }
  refuse({"values", "rows", "columns", "scale"});
  if (plot.kind == PlotKind::kLine) refuse({"categories"});
  root.read("categories", plot.categories);
  if (!root.has("series")) root.fail("it has no \"series\"");
  read_series(root, raw, shared_x, plot);
  if (!root.has("marks")) return plot;
  const Node list = root.at("marks");
  for (std::size_t i = 0; i < list.length(); ++i) {
    const Node node = list.element(i, "mark");
    node.keys({"x", "y", "label"});
    if (node.has("x") == node.has("y")) node.fail("a mark has either an x or a y");
    Mark mark;
    mark.at_x = node.has("x");
    mark.value = node.at(mark.at_x ? "x" : "y").number();
    node.read("label", mark.label);
    plot.marks.push_back(mark);
  }
  return plot;
}

}  // namespace cellwright::draw
