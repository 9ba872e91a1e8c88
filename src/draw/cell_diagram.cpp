// cell_diagram.cpp: from a graph to geometry, the whole way: scheme, lanes, columns, places, routes, pixels.
// Start at make_diagram.
#include <algorithm>
#include <cmath>

#include "cellwright/error.h"
#include "draw/diagram.h"
#include "draw/routes.h"

namespace cellwright::draw {
namespace {

constexpr double kCircleOff = 34;  // from the frame to the middle of an input's circle
constexpr double kEdge = 14;       // around everything

class Composer {
 public:
  Composer(const Scheme& scheme, const Grid& grid, const Layout& layout, const Routes& routes)
      : scheme_(scheme), grid_(grid), layout_(layout), routes_(routes) {}

  Diagram run() {
    margins();
    d_.cell = scheme_.cell;
    d_.equations = scheme_.equations;
    d_.belts = scheme_.belts;
    d_.crossings = routes_.crossings;
    d_.frame_from = pixel({layout_.left, layout_.top});
    d_.frame_to = pixel({layout_.right, layout_.bottom});
    for (int p = 0; p < scheme_.size(); ++p) add_shape(p);
    for (const Net& net : routes_.nets) add_wire(net);
    return std::move(d_);
  }

 private:
  const Place& at(int part) const { return layout_.parts[static_cast<std::size_t>(part)]; }
  const Shape& shape(int part) const { return d_.shapes[static_cast<std::size_t>(part)]; }
  Point pixel(Spot s) const {
    return {left_ + (s.x - layout_.left) * kUnit, top_ + (s.y - layout_.top) * kUnit};
  }

  void margins() {
    double left = 0, right = 0, above = 0, below = 0;
    for (int p = 0; p < scheme_.size(); ++p) {
      const double label = kPortReach + 6 + text_width(scheme_[p].label, kNameFont);
      if (scheme_[p].kind == PartKind::kPrevious) left = std::max(left, label);
      if (scheme_[p].kind == PartKind::kNext) right = std::max(right, label);
      if (scheme_[p].kind == PartKind::kOutput) above = kCircleOff + 18;
      if (scheme_[p].kind == PartKind::kInput) below = kCircleOff + 18;
    }
    left_ =
        std::ceil(std::max(left, right)) + kEdge;  // the same on both sides: the frame stands in the middle
    top_ = above + kEdge;
    d_.width = 2 * left_ + (layout_.right - layout_.left) * kUnit;
    d_.height = top_ + (layout_.bottom - layout_.top) * kUnit + below + kEdge;
  }

  bool shown_at_a_port(int p) const {
    for (const Part& part : scheme_.parts) {
      const bool port = part.kind == PartKind::kNext || part.kind == PartKind::kOutput;
      if (port && part.feeds[0].from == p && part.name == scheme_[p].name) return true;
    }
    return false;
  }

  void add_shape(int p) {
    Shape s;
    s.part = scheme_[p];
    s.centre = pixel(at(p).at);
    s.half_width = shape_half_width(scheme_[p]);
    s.half_height = shape_half_height(scheme_[p], at(p));
    s.belt = grid_.belt[static_cast<std::size_t>(p)];
    switch (s.part.kind) {
      case PartKind::kInput:
        s.centre.y += kCircleOff;
        s.round = true;
        break;
      case PartKind::kOutput:
        s.centre.y -= kCircleOff;
        s.round = true;
        break;
      case PartKind::kPrevious:
        s.centre.x -= kPortReach;
        s.caption = {s.part.label, {s.centre.x - 5, s.centre.y + 5}, Anchor::kEnd, kNameFont};
        break;
      case PartKind::kNext:
        s.centre.x += kPortReach;
        s.caption = {s.part.label, {s.centre.x + 5, s.centre.y + 5}, Anchor::kStart, kNameFont};
        break;
      case PartKind::kLayer:
        s.caption = {
            s.part.caption, {s.centre.x + 7, s.centre.y - s.half_height - 8}, Anchor::kStart, kNameFont};
        break;
      default:
        s.round = s.part.kind == PartKind::kOp;
        if (s.part.kind != PartKind::kJoin && !shown_at_a_port(p)) {
          const double x = std::min(s.half_width, 14.0) + 1;
          s.caption = {s.part.caption, {s.centre.x + x, s.centre.y - 15}, Anchor::kStart, kNameFont};
        }
    }
    d_.shapes.push_back(std::move(s));
  }

  /// Where a line meets a shape.
  Point edge(int part, const Door& door) const {
    const Shape& s = shape(part);
    if (s.half_width == 0) return s.centre;
    const Point d = pixel(door.at);
    if (s.part.kind == PartKind::kInput || s.part.kind == PartKind::kOutput)
      return {s.centre.x, s.centre.y + door.dy * s.half_height};
    return door.dx != 0 ? Point{s.centre.x + door.dx * s.half_width, d.y}
                        : Point{d.x, s.centre.y + door.dy * s.half_height};
  }

  static void append(std::vector<Point>& points, Point p) {
    const std::size_t n = points.size();
    if (n > 0 && points[n - 1].x == p.x && points[n - 1].y == p.y) return;
    const auto in_line = [](double a, double b, double c) { return a == b && b == c; };
    if (n > 1 &&
        (in_line(points[n - 2].x, points[n - 1].x, p.x) || in_line(points[n - 2].y, points[n - 1].y, p.y)))
      points.pop_back();
    points.push_back(p);
  }

  void add_wire(const Net& net) {
    Wire wire;
    wire.from = net.from;
    for (std::size_t i = 0; i < net.branches.size(); ++i) {
      const Branch& b = net.branches[i];
      const Door& out = at(net.from).out;
      const Door& in = at(b.to).in[b.feed];
      WireBranch branch;
      branch.to = b.to;
      branch.fork = i > 0;
      branch.belt = on_belt(net.from, b.to);
      if (i == 0) append(branch.points, edge(net.from, out));
      for (const Spot s : b.points) append(branch.points, pixel(s));
      append(branch.points, edge(b.to, in));
      if (scheme_[b.to].kind == PartKind::kJoin) {
        branch.arrow = false;
        // It swings into the joined line.
        if (in.dx == 0) append(branch.points, {shape(b.to).centre.x + kUnit, shape(b.to).centre.y});
      }
      const MathText& said = scheme_[b.to].feeds[b.feed].tag;
      if (!said.empty()) branch.tag = tag(said, branch.points);
      wire.branches.push_back(std::move(branch));
    }
    d_.wires.push_back(std::move(wire));
  }

  /// Beside the last stretch of the line that is long enough, on the side away from the part.
  static Text tag(const MathText& text, const std::vector<Point>& points) {
    const Point end = points.back(), before = points[points.size() - 2];
    const bool level = end.y == before.y;
    const double length = std::abs(end.x - before.x) + std::abs(end.y - before.y);
    const bool rightwards = end.x > before.x;
    if (level && length < text_width(text, 12) + 14 && points.size() > 2) {
      const bool from_above = points[points.size() - 3].y < before.y;
      return {text,
              {before.x + (rightwards ? -5 : 5), before.y + (from_above ? -8 : 16)},
              rightwards ? Anchor::kEnd : Anchor::kStart,
              12};
    }
    if (level)
      return {
          text, {end.x + (rightwards ? -8 : 8), end.y - 9}, rightwards ? Anchor::kEnd : Anchor::kStart, 12};
    return {text, {end.x + 6, end.y + (end.y < before.y ? 18 : -9)}, Anchor::kStart, 12};
  }

  bool on_belt(int from, int to) const {
    for (const Belt& b : scheme_.belts) {
      std::vector<int> stops = b.ops;
      stops.insert(stops.begin(), b.previous);
      stops.push_back(b.next);
      for (std::size_t i = 0; i + 1 < stops.size(); ++i) {
        if (stops[i] == from && stops[i + 1] == to) return true;
      }
    }
    return false;
  }

  const Scheme& scheme_;
  const Grid& grid_;
  const Layout& layout_;
  const Routes& routes_;
  Diagram d_;
  double left_ = 0, top_ = 0;
};

}  // namespace

Diagram make_diagram(const Graph& graph) {
  const Scheme scheme = make_scheme(graph);
  Grid grid = assign_lanes(scheme);
  assign_columns(scheme, grid);
  Room room;
  std::int64_t work = 0;
  for (int attempt = 0; attempt < 12; ++attempt) {
    const Layout layout = place(scheme, grid, room);
    const Routes routes = route(scheme, layout);
    work += routes.work;
    if (routes.complete) {
      Diagram diagram = Composer(scheme, grid, layout, routes).run();
      diagram.work = work;
      return diagram;
    }
    // Of many lines the last may fail after all the others were laid: then in larger steps.
    const int more = scheme.size() > kManyParts ? 2 : 1;
    room.column_gap += 2 * more;
    room.row_gap += 2 * more;
    room.layer_gap += 2 * more;
    room.bus_pitch += more;
    room.margin += 3 * more;
  }
  throw SpecError("cell '" + graph.name +
                  "' has lines for which no way was found; it is too dense to be drawn");
}

void mirror(Diagram& d) {
  const auto flip = [&](double& x) { x = d.width - x; };
  const auto flip_text = [&](Text& t) {
    flip(t.at.x);
    t.anchor = t.anchor == Anchor::kStart ? Anchor::kEnd
               : t.anchor == Anchor::kEnd ? Anchor::kStart
                                          : t.anchor;
  };
  std::swap(d.frame_from.x, d.frame_to.x);
  flip(d.frame_from.x);
  flip(d.frame_to.x);
  for (Shape& s : d.shapes) {
    flip(s.centre.x);
    flip_text(s.caption);
  }
  for (Wire& w : d.wires) {
    for (WireBranch& b : w.branches) {
      for (Point& p : b.points) flip(p.x);
      flip_text(b.tag);
    }
  }
}

}  // namespace cellwright::draw
