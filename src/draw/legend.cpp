#include "draw/legend.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace cellwright::draw {
namespace {

constexpr double kIcon = 46, kRow = 34, kFont = 12.5, kBetween = 22;

const char* text_of(const std::string& what) {
  if (what == "layer") return "layer: the activation of W·[…] + b";
  if (what == "affine") return "layer without activation: W·[…] + b";
  if (what == "op") return "unit by unit";
  if (what == "vector") return "over all units, by time, or at random";
  if (what == "join") return "lines meet: joined (concatenated)";
  if (what == "fork") return "dot: copied";
  if (what == "crossing") return "crosses behind: no contact";
  if (what == "peephole") return "weighed unit by unit, added within the layer";
  return "belt: the state's own line";
}

}  // namespace

Legend make_legend(const Diagram& d, double width) {
  Legend legend;
  if (width <= 0) return legend;
  std::set<std::string> there;
  for (const Shape& s : d.shapes) {
    if (s.part.kind == PartKind::kLayer)
      there.insert(s.part.op == Op::kAdd || s.part.op == Op::kMatmul || s.part.op == Op::kSlice ? "affine"
                                                                                                : "layer");
    if (s.part.kind == PartKind::kOp) there.insert("op");
    if (s.part.kind == PartKind::kVector) there.insert("vector");
    if (s.part.kind == PartKind::kJoin) there.insert("join");
    for (const Feed& f : s.part.feeds) {
      if (f.side) there.insert("peephole");
    }
  }
  for (const Wire& w : d.wires) {
    if (w.branches.size() > 1) there.insert("fork");
  }
  if (d.crossings > 0) there.insert("crossing");
  if (!d.belts.empty()) there.insert("belt");
  std::vector<std::string> shown;
  double widest = 0;
  for (const char* what :
       {"layer", "affine", "op", "vector", "belt", "join", "fork", "crossing", "peephole"}) {
    if (!there.count(what)) continue;
    shown.emplace_back(what);
    widest = std::max(widest, kIcon + text_width(upright(text_of(what)), kFont) + kBetween);
  }
  const auto columns = std::max<std::size_t>(1, static_cast<std::size_t>((width - 16) / widest));
  const std::size_t rows = (shown.size() + columns - 1) / columns;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    legend.entries.push_back({shown[i], text_of(shown[i]), 16 + static_cast<double>(i / rows) * widest,
                              6 + kRow * static_cast<double>(i % rows)});
  }
  legend.width = 16 + widest * static_cast<double>((shown.size() + rows - 1) / rows);
  legend.height = kRow * static_cast<double>(rows) + 18;
  return legend;
}

void write_legend(Svg& svg, const Legend& legend, double width, double top, bool right_to_left) {
  const Theme& t = svg.theme();
  svg.open("g", {{"id", "legend"}, {"class", "legend"}});
  for (const Legend::Entry& e : legend.entries) {
    const auto px = [&](double x) { return right_to_left ? width - (e.x + x) : e.x + x; };
    const double y = top + e.y + kRow / 2;
    const auto line = [&](double x1, double y1, double x2, double y2, double weight) {
      svg.element("path", {{"d", PathData().move(px(x1), y1).line(px(x2), y2).text()},
                           {"fill", "none"},
                           {"stroke", t.ink},
                           {"stroke-width", weight}});
    };
    const auto box = [&](double w, double h, double r, const std::string& fill, const std::string& edge) {
      svg.element("rect", {{"x", px(19) - w / 2},
                           {"y", y - h / 2},
                           {"width", w},
                           {"height", h},
                           {"rx", r},
                           {"fill", fill},
                           {"stroke", edge},
                           {"stroke-width", 1.5}});
    };
    const auto sign = [&](const MathText& s, double size) {
      write_math(svg, px(19), y + size * 0.34, s, size, {{"text-anchor", "middle"}, {"fill", t.ink}});
    };
    if (e.what == "layer" || e.what == "affine") {
      box(34, 24, 4, t.layer, t.layer_edge);
      sign(e.what == "layer" ? upright("σ") : math_name("W"), 15);
    } else if (e.what == "op") {
      box(24, 24, 12, t.op, t.op_edge);
      sign(upright("×"), 15);
    } else if (e.what == "vector") {
      box(34, 24, 6, t.clock, t.clock_edge);
    } else if (e.what == "belt") {
      line(2, y, 36, y, 3.2);
    } else if (e.what == "join") {
      line(2, y - 4, 36, y - 4, 2);
      svg.element("path", {{"d", PathData()
                                     .move(px(10), y + 11)
                                     .line(px(10), y + 5)
                                     .quadratic(px(10), y - 4, px(19), y - 4)
                                     .text()},
                           {"fill", "none"},
                           {"stroke", t.ink},
                           {"stroke-width", 2}});
    } else if (e.what == "fork") {
      line(2, y + 6, 36, y + 6, 2);
      line(19, y + 6, 19, y - 10, 2);
      svg.element("circle", {{"cx", px(19)}, {"cy", y + 6}, {"r", 3.6}, {"fill", t.ink}});
    } else if (e.what == "crossing") {
      line(19, y - 11, 19, y - 5, 2);
      line(19, y + 5, 19, y + 11, 2);
      line(2, y, 36, y, 2);
    } else {
      sign(math_name("p") + upright(" ×"), 13);
    }
    svg.text(px(kIcon), y + 4.5, e.text,
             {{"text-anchor", right_to_left ? "end" : "start"}, {"font-size", kFont}, {"fill", t.ink}});
  }
  svg.close();
}

void relabel(Diagram& d, int offset) {
  const std::string minus = "−";
  const auto shift = [&](MathText& text) {
    std::string& time = text.back().text;  // "t", ",t−1"
    const std::size_t at = time[0] == ',' ? 2 : 1;
    const int step = offset - (time.size() == at ? 0 : std::stoi(time.substr(at + minus.size())));
    time = time.substr(0, at);
    if (step != 0) time += (step < 0 ? minus : "+") + std::to_string(step < 0 ? -step : step);
  };
  for (Shape& s : d.shapes) {
    const PartKind k = s.part.kind;
    if (s.part.index < 0) continue;  // a loss has no time
    if (k == PartKind::kInput || k == PartKind::kOutput) shift(s.part.label);
    if (k == PartKind::kPrevious || k == PartKind::kNext) shift(s.caption.text);
  }
}

}  // namespace cellwright::draw
