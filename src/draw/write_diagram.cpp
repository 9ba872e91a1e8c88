// write_diagram.cpp: geometry to SVG. Start at write_diagram.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/utf8.h"
#include "cellwright/error.h"
#include "draw/diagram.h"
#include "draw/legend.h"
#include "draw/place.h"
#include "language/diagnostic.h"

namespace cellwright::draw {
namespace {

constexpr double kLine = 2, kBeltLine = 3.2, kHalo = 3, kRound = 9, kArrow = 8;
constexpr const char* kFaded = "0.28";

std::string anchor_word(Anchor a) {
  return a == Anchor::kStart ? "start" : a == Anchor::kEnd ? "end" : "middle";
}

/// Corners rounded, but for those where the wire forks; the last `cut` pixels left to the arrowhead.
std::string rounded(std::vector<Point> points, const std::vector<Point>& forks, double cut) {
  const auto towards = [](Point from, Point to, double by) {
    const double length = std::hypot(to.x - from.x, to.y - from.y);
    const double t = length > 0 ? by / length : 0;
    return Point{from.x + t * (to.x - from.x), from.y + t * (to.y - from.y)};
  };
  if (cut > 0) points.back() = towards(points.back(), points[points.size() - 2], cut);
  PathData path;
  path.move(points[0].x, points[0].y);
  for (std::size_t i = 1; i + 1 < points.size(); ++i) {
    const Point before = points[i - 1], here = points[i], after = points[i + 1];
    if (std::any_of(forks.begin(), forks.end(), [&](Point f) { return f.x == here.x && f.y == here.y; })) {
      path.line(here.x, here.y);
      continue;
    }
    const double in = std::hypot(here.x - before.x, here.y - before.y) / (i == 1 ? 1 : 2);
    const double out = std::hypot(after.x - here.x, after.y - here.y) / (i + 2 == points.size() ? 1 : 2);
    const double r = std::min({kRound, in, out});
    const Point start = towards(here, before, r), end = towards(here, after, r);
    path.line(start.x, start.y).quadratic(here.x, here.y, end.x, end.y);
  }
  path.line(points.back().x, points.back().y);
  return path.text();
}

std::string arrowhead(const std::vector<Point>& points) {
  const Point tip = points.back(), before = points[points.size() - 2];
  const double length = std::hypot(tip.x - before.x, tip.y - before.y);
  const double ux = (tip.x - before.x) / length, uy = (tip.y - before.y) / length;
  const double w = kArrow * 0.5;
  return PathData()
      .move(tip.x, tip.y)
      .line(tip.x - kArrow * ux - w * uy, tip.y - kArrow * uy + w * ux)
      .line(tip.x - kArrow * ux + w * uy, tip.y - kArrow * uy - w * ux)
      .close()
      .text();
}

class Writer {
 public:
  Writer(Svg& svg, const Diagram& diagram, const std::set<int>& highlight)
      : svg_(svg), d_(diagram), t_(svg.theme()), highlight_(highlight) {}

  /// `suffix` keeps the ids of copies apart; `ends`: whether the states' names stand at the left and right.
  void copy(const std::string& suffix, bool left_names, bool right_names) {
    svg_.element("rect", {{"x", d_.frame_from.x},
                          {"y", d_.frame_from.y},
                          {"width", d_.frame_to.x - d_.frame_from.x},
                          {"height", d_.frame_to.y - d_.frame_from.y},
                          {"rx", 22},
                          {"fill", t_.panel},
                          {"stroke", t_.panel_edge},
                          {"stroke-width", 1.5}});
    // Belts last: a line that crosses one passes behind.
    std::vector<const Wire*> order;
    for (const Wire& w : d_.wires) order.push_back(&w);
    std::stable_sort(order.begin(), order.end(), [](const Wire* a, const Wire* b) {
      return !a->branches[0].belt && b->branches[0].belt;
    });
    for (const Wire* w : order) wire(*w, suffix);
    for (std::size_t i = 0; i < d_.shapes.size(); ++i) {
      const PartKind kind = d_.shapes[i].part.kind;
      if (kind == PartKind::kJoin) continue;
      const bool named = kind == PartKind::kPrevious ? left_names
                         : kind == PartKind::kNext   ? right_names
                                                     : true;
      if (named) shape(static_cast<int>(i), suffix);
    }
    for (const Wire& w : d_.wires) {
      for (const WireBranch& b : w.branches) {
        if (!b.tag.text.empty()) text(b.tag, faded(w.from), true);
      }
    }
  }

 private:
  bool faded(int part) const { return !highlight_.empty() && !highlight_.count(part); }
  bool lit(int part) const { return highlight_.count(part) > 0; }

  Attributes group(const std::string& id, const char* what, bool fade) const {
    Attributes a = {{"id", id}, {"class", what}};
    if (fade) a.emplace_back("opacity", kFaded);
    return a;
  }

  void wire(const Wire& w, const std::string& suffix) {
    const Part& from = d_.shapes[static_cast<std::size_t>(w.from)].part;
    const std::string colour = lit(w.from) ? t_.highlight : t_.ink;
    svg_.open("g", group(from.id + ".line" + suffix, "line", faded(w.from)));
    std::vector<Point> forks;
    for (const WireBranch& b : w.branches) {
      if (b.fork) forks.push_back(b.points[0]);
    }
    const auto outer = [](const WireBranch& b) { return b.arrow ? kArrow - 1.5 : 0.0; };
    for (const WireBranch& b : w.branches) gaps(w, b);
    drawn_.push_back(&w);
    for (const WireBranch& b : w.branches) {
      const double width = (b.belt ? kBeltLine : kLine) + (lit(w.from) ? 1 : 0);
      svg_.element("path", {{"d", rounded(b.points, forks, outer(b))},
                            {"fill", "none"},
                            {"stroke", colour},
                            {"stroke-width", width}});
      if (b.arrow) svg_.element("path", {{"d", arrowhead(b.points)}, {"fill", colour}});
      if (b.fork)
        svg_.element("circle", {{"cx", b.points[0].x}, {"cy", b.points[0].y}, {"r", 3.6}, {"fill", colour}});
    }
    svg_.close();
  }

  /// What was drawn before ends a little before a line that crosses it.
  void gaps(const Wire& w, const WireBranch& branch) {
    const auto each_segment = [](const Wire& wire, const auto& f) {
      for (const WireBranch& b : wire.branches) {
        for (std::size_t i = 0; i + 1 < b.points.size(); ++i) f(b.points[i], b.points[i + 1]);
      }
    };
    const auto between = [](double v, double a, double b) {
      return v > std::min(a, b) + 1 && v < std::max(a, b) - 1;
    };
    const double width = (branch.belt ? kBeltLine : kLine) + 2 * kHalo;
    for (std::size_t i = 0; i + 1 < branch.points.size(); ++i) {
      const Point a = branch.points[i], b = branch.points[i + 1];
      for (const Wire* other : drawn_) {
        if (other == &w) continue;
        each_segment(*other, [&](Point c, Point d) {
          const bool across = a.y == b.y && c.x == d.x && between(c.x, a.x, b.x) && between(a.y, c.y, d.y);
          const bool down = a.x == b.x && c.y == d.y && between(c.y, a.y, b.y) && between(a.x, c.x, d.x);
          if (!across && !down) return;
          const double dx = across ? kHalo : 0, dy = across ? 0 : kHalo;
          const Point at = {across ? c.x : a.x, across ? a.y : c.y};
          svg_.element("path",
                       {{"d", PathData().move(at.x - dx, at.y - dy).line(at.x + dx, at.y + dy).text()},
                        {"stroke", t_.panel},
                        {"stroke-width", width}});
        });
      }
    }
  }

  void text(const Text& t, bool fade, bool halo) {
    Attributes a = {{"text-anchor", anchor_word(t.anchor)}, {"fill", t_.ink}};
    if (fade) a.emplace_back("opacity", kFaded);
    if (halo) {
      a.emplace_back("stroke", t_.panel);
      a.emplace_back("stroke-width", 3);
      a.emplace_back("stroke-linejoin", "round");
      a.emplace_back("paint-order", "stroke");
    }
    write_math(svg_, t.at.x, t.at.y, t.text, t.size, a);
  }

  void shape(int index, const std::string& suffix) {
    const Shape& s = d_.shapes[static_cast<std::size_t>(index)];
    const Part& p = s.part;
    svg_.open("g", group(p.id + suffix, class_of(p.kind), faded(index)));
    svg_.title(p.title);
    if (s.half_width > 0) {
      const auto [fill, edge] = colours(p.kind);
      const bool pill = p.kind != PartKind::kLayer;
      svg_.element("rect", {{"x", s.centre.x - s.half_width},
                            {"y", s.centre.y - s.half_height},
                            {"width", 2 * s.half_width},
                            {"height", 2 * s.half_height},
                            {"rx", pill ? (p.kind == PartKind::kVector ? 6 : s.half_height) : 4},
                            {"fill", fill},
                            {"stroke", lit(index) ? t_.highlight : edge},
                            {"stroke-width", lit(index) ? 3 : 1.5}});
      const double size = p.kind == PartKind::kLayer
                              ? (plain(p.label).size() > 2 ? kLayerFont - 2 : kLayerFont + 1)
                          : p.kind == PartKind::kInput || p.kind == PartKind::kOutput ? kNameFont
                          : is_sign(p) ? (grapheme_count(plain(p.label)) > 1 ? kWordFont + 1 : kOpFont)
                                       : kWordFont;
      write_math(svg_, s.centre.x, s.centre.y + size * 0.34 - (p.no_bias ? 5 : 0), p.label, size,
                 {{"text-anchor", "middle"}, {"fill", t_.ink}});
      if (p.no_bias)
        svg_.text(s.centre.x, s.centre.y + s.half_height - 5.5, "no bias",
                  {{"text-anchor", "middle"}, {"font-size", 9.5}, {"fill", t_.ink}});
    }
    if (!s.caption.text.empty())
      text(s.caption, false, p.kind != PartKind::kPrevious && p.kind != PartKind::kNext);
    svg_.close();
  }

  static const char* class_of(PartKind kind) {
    switch (kind) {
      case PartKind::kLayer:
        return "layer";
      case PartKind::kOp:
        return "op";
      case PartKind::kVector:
        return "vector";
      case PartKind::kConstant:
        return "constant";
      default:
        return "port";
    }
  }

  std::pair<std::string, std::string> colours(PartKind kind) const {
    switch (kind) {
      case PartKind::kLayer:
        return {t_.layer, t_.layer_edge};
      case PartKind::kOp:
        return {t_.op, t_.op_edge};
      case PartKind::kVector:
        return {t_.clock, t_.clock_edge};
      default:
        return {t_.port, t_.port_edge};
    }
  }

  Svg& svg_;
  const Diagram& d_;
  const Theme& t_;
  const std::set<int>& highlight_;
  std::vector<const Wire*> drawn_;
};

std::set<int> find_names(const Diagram& d, const std::vector<std::string>& names) {
  std::set<int> found;
  std::vector<std::string> known;
  for (const Shape& s : d.shapes) {
    for (const std::string& n : s.part.other_names) known.push_back(n);
    if (!s.part.name.empty() && std::find(known.begin(), known.end(), s.part.name) == known.end())
      known.push_back(s.part.name);
  }
  for (const std::string& name : names) {
    const std::size_t before = found.size();
    bool any = false;
    for (std::size_t i = 0; i < d.shapes.size(); ++i) {
      const Part& p = d.shapes[i].part;
      if (p.name != name &&
          std::find(p.other_names.begin(), p.other_names.end(), name) == p.other_names.end())
        continue;
      found.insert(static_cast<int>(i));
      any = true;
    }
    if (any || found.size() > before) continue;
    const std::string near = syntax::did_you_mean(name, known);
    throw SpecError(fmt::format("cell '{}' has no line '{}' to highlight; {}", d.cell, name,
                                near.empty() ? fmt::format("there are {}", fmt::join(known, ", ")) : near));
  }
  return found;
}

/// Copies of an unrolled view stand so far apart that their states' lines meet.
void joining_lines(Svg& svg, const Diagram& d, double pitch) {
  const Theme& t = svg.theme();
  for (const Shape& s : d.shapes) {
    if (s.part.kind != PartKind::kNext) continue;
    for (const Shape& q : d.shapes) {
      if (q.part.kind != PartKind::kPrevious || q.part.index != s.part.index) continue;
      const bool belt = std::any_of(d.belts.begin(), d.belts.end(), [&](const Belt& b) {
        return d.shapes[static_cast<std::size_t>(b.next)].part.index == s.part.index;
      });
      svg.element("path",
                  {{"d", PathData().move(s.centre.x, s.centre.y).line(q.centre.x + pitch, q.centre.y).text()},
                   {"fill", "none"},
                   {"stroke", t.ink},
                   {"stroke-width", belt ? kBeltLine : kLine}});
    }
  }
}

}  // namespace

std::string write_diagram(Diagram d, const DiagramStyle& style) {
  if (style.unrolled < 1 || style.unrolled > 9)
    throw SpecError(fmt::format("an unrolled picture has 1 to 9 copies, not {}", style.unrolled));
  const Theme& t = theme(style.theme);
  const std::set<int> highlight = find_names(d, style.highlight);
  if (style.right_to_left) mirror(d);
  const double sign = style.right_to_left ? -1 : 1;
  // One copy's outgoing line ends where the next one's incoming line begins.
  const double pitch = d.frame_to.x - d.frame_from.x + 2 * kPortReach;
  const int copies = style.unrolled;
  const double width = d.width + (copies - 1) * pitch;
  const Legend legend = make_legend(d, style.legend ? width : 0);
  const std::string title = copies > 1 ? fmt::format("{}, {} steps", d.cell, copies) : d.cell;
  const double whole = std::max(width, legend.width);
  Svg svg(whole, d.height + legend.height, title,
          "A picture of the cell " + d.cell + ". Its equations: " + d.equations, t);
  const int middle = (copies - 1) / 2;
  for (int c = 0; c < copies; ++c) {
    const bool faded = c != middle;
    const double shift = style.right_to_left ? (copies - 1 - c) * pitch : c * pitch;
    Attributes attributes;
    const double x = shift + (whole - width) / 2;
    if (x != 0) attributes.emplace_back("transform", "translate(" + number(x) + " 0)");
    if (faded) attributes.emplace_back("opacity", "0.4");
    svg.open("g", attributes);
    if (c + 1 < copies) joining_lines(svg, d, sign * pitch);
    const std::string suffix = faded ? fmt::format(".t{:+}", c - middle) : "";
    Diagram copy = d;
    if (faded) relabel(copy, c - middle);
    Writer(svg, copy, highlight).copy(suffix, c == 0, c + 1 == copies);
    svg.close();
  }
  if (style.legend) write_legend(svg, legend, whole, d.height, style.right_to_left);
  return svg.finish();
}

std::string draw_cell(const Graph& graph, const DiagramStyle& style) {
  return write_diagram(make_diagram(graph), style);
}

}  // namespace cellwright::draw
