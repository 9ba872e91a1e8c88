// check_diagram.h: the rules that any picture of a cell keeps, measured on its finished geometry. Knows
// nothing of how it was laid out: no lattice, lanes or columns, only shapes, lines and what feeds what.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "draw/diagram.h"

namespace cellwright::test {

using draw::Diagram;
using draw::PartKind;
using draw::Point;
using draw::Shape;

struct Stretch {
  Point a, b;
  int wire = 0;
  int to = -1;
};

inline bool same(double a, double b) { return std::abs(a - b) < 1e-6; }
inline bool same(Point a, Point b) { return same(a.x, b.x) && same(a.y, b.y); }

inline bool on_stretch(Point p, Point a, Point b) {
  return p.x >= std::min(a.x, b.x) - 1e-6 && p.x <= std::max(a.x, b.x) + 1e-6 &&
         p.y >= std::min(a.y, b.y) - 1e-6 && p.y <= std::max(a.y, b.y) + 1e-6;
}

inline const Shape& shape(const Diagram& d, int index) { return d.shapes[static_cast<std::size_t>(index)]; }

inline bool is_place(const Shape& s) { return s.half_width == 0; }  // a state's port or a join

inline bool on_border(Point p, const Shape& s) {
  if (is_place(s)) return same(p, s.centre);
  const double dx = std::abs(p.x - s.centre.x), dy = std::abs(p.y - s.centre.y);
  return (same(dx, s.half_width) && dy <= s.half_height) || (same(dy, s.half_height) && dx <= s.half_width);
}

/// Whether a stretch comes into a shape, its border not counted.
inline bool enters(const Stretch& l, const Shape& s) {
  return std::max(l.a.x, l.b.x) > s.centre.x - s.half_width + 1e-6 &&
         std::min(l.a.x, l.b.x) < s.centre.x + s.half_width - 1e-6 &&
         std::max(l.a.y, l.b.y) > s.centre.y - s.half_height + 1e-6 &&
         std::min(l.a.y, l.b.y) < s.centre.y + s.half_height - 1e-6;
}

inline std::string told(Point p) { return "(" + std::to_string(p.x) + ", " + std::to_string(p.y) + ")"; }

/// All stretches, without the last one of a line that swings into the line it joins: that belongs to the
/// joined line.
inline std::vector<Stretch> stretches(const Diagram& d) {
  std::vector<Stretch> all;
  for (std::size_t w = 0; w < d.wires.size(); ++w) {
    for (const draw::WireBranch& b : d.wires[w].branches) {
      for (std::size_t i = 0; i + 1 < b.points.size(); ++i) {
        if (same(b.points[i], shape(d, b.to).centre) && shape(d, b.to).part.kind == PartKind::kJoin) break;
        all.push_back({b.points[i], b.points[i + 1], static_cast<int>(w), b.to});
      }
    }
  }
  return all;
}

inline int count_crossings(const Diagram& d) {
  const std::vector<Stretch> all = stretches(d);
  int crossings = 0;
  for (const Stretch& h : all) {
    if (!same(h.a.y, h.b.y)) continue;
    for (const Stretch& v : all) {
      if (v.wire == h.wire || !same(v.a.x, v.b.x) || same(v.a.y, v.b.y)) continue;
      const bool inside = v.a.x > std::min(h.a.x, h.b.x) + 1 && v.a.x < std::max(h.a.x, h.b.x) - 1 &&
                          h.a.y > std::min(v.a.y, v.b.y) + 1 && h.a.y < std::max(v.a.y, v.b.y) - 1;
      if (inside) ++crossings;
    }
  }
  return crossings;
}

/// One sentence a fault; none when the picture keeps every rule.
inline std::vector<std::string> faults_of(const Diagram& d) {
  std::vector<std::string> faults;
  const auto fault = [&](const std::string& text) { faults.push_back(text); };

  // Shapes apart from each other, inside the picture; layers in one row.
  double row = -1;
  for (std::size_t i = 0; i < d.shapes.size(); ++i) {
    const Shape& s = d.shapes[i];
    if (s.centre.x - s.half_width < 0 || s.centre.x + s.half_width > d.width ||
        s.centre.y - s.half_height < 0 || s.centre.y + s.half_height > d.height)
      fault(s.part.id + " leaves the picture");
    if (s.part.kind == PartKind::kLayer) {
      if (row >= 0 && !same(row, s.centre.y)) fault("layer " + s.part.id + " is out of the row");
      row = s.centre.y;
    }
    for (std::size_t j = 0; j < i; ++j) {
      const Shape& o = d.shapes[j];
      if (is_place(s) || is_place(o)) continue;
      if (std::abs(s.centre.x - o.centre.x) < s.half_width + o.half_width + 4 &&
          std::abs(s.centre.y - o.centre.y) < s.half_height + o.half_height + 4)
        fault(s.part.id + " and " + o.part.id + " overlap");
    }
  }

  // Every feed has its line, and every line its feed.
  std::vector<int> arrived(d.shapes.size(), 0);
  for (const draw::Wire& w : d.wires) {
    for (std::size_t i = 0; i < w.branches.size(); ++i) {
      const draw::WireBranch& b = w.branches[i];
      const Shape& to = shape(d, b.to);
      ++arrived[static_cast<std::size_t>(b.to)];
      const auto& feeds = to.part.feeds;
      if (std::none_of(feeds.begin(), feeds.end(), [&](const draw::Feed& f) { return f.from == w.from; }))
        fault("a line of " + shape(d, w.from).part.id + " goes to " + to.part.id +
              ", which does not read it");
      bool starts = i == 0 && on_border(b.points[0], shape(d, w.from));
      for (std::size_t k = 0; k < i && !starts; ++k) {
        const auto& p = w.branches[k].points;
        for (std::size_t s = 0; s + 1 < p.size(); ++s)
          starts = starts || on_stretch(b.points[0], p[s], p[s + 1]);
      }
      if (!starts)
        fault("a line of " + shape(d, w.from).part.id + " starts in the air at " + told(b.points[0]));
      const bool ends =
          to.part.kind == PartKind::kJoin
              ? std::any_of(b.points.begin(), b.points.end(), [&](Point p) { return same(p, to.centre); })
              : on_border(b.points.back(), to);
      if (!ends) fault("a line of " + shape(d, w.from).part.id + " does not end at " + to.part.id);
    }
  }
  for (std::size_t i = 0; i < d.shapes.size(); ++i) {
    if (arrived[i] != static_cast<int>(d.shapes[i].part.feeds.size()))
      fault(d.shapes[i].part.id + " misses a line");
  }

  // Lines along the axes, through no shape, and meeting other lines only at right angles.
  const std::vector<Stretch> all = stretches(d);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Stretch& l = all[i];
    const bool level = same(l.a.y, l.b.y);
    if (!level && !same(l.a.x, l.b.x)) fault("a line is slanted at " + told(l.a));
    for (std::size_t s = 0; s < d.shapes.size(); ++s) {
      if (!is_place(d.shapes[s]) && enters(l, d.shapes[s]))
        fault("a line of " + shape(d, d.wires[static_cast<std::size_t>(l.wire)].from).part.id + " passes " +
              d.shapes[s].part.id);
    }
    for (std::size_t j = i + 1; j < all.size(); ++j) {
      const Stretch& o = all[j];
      if (o.wire == l.wire) continue;
      const bool apart = std::max(l.a.x, l.b.x) < std::min(o.a.x, o.b.x) - 1e-6 ||
                         std::max(o.a.x, o.b.x) < std::min(l.a.x, l.b.x) - 1e-6 ||
                         std::max(l.a.y, l.b.y) < std::min(o.a.y, o.b.y) - 1e-6 ||
                         std::max(o.a.y, o.b.y) < std::min(l.a.y, l.b.y) - 1e-6;
      if (apart) continue;
      const bool o_level = same(o.a.y, o.b.y);
      const Point at = {level ? o.a.x : l.a.x, level ? l.a.y : o.a.y};
      const auto within = [&](const Stretch& t) { return !same(at, t.a) && !same(at, t.b); };
      if (level != o_level && within(l) && within(o)) continue;  // a crossing
      // A joined line begins where its members end.
      const auto meets = [&](const Stretch& member, const Stretch& joined) {
        const int from = d.wires[static_cast<std::size_t>(joined.wire)].from;
        return shape(d, from).part.kind == PartKind::kJoin &&
               (member.to == from
                    ? same(member.a, shape(d, from).centre) || same(member.b, shape(d, from).centre)
                    : false);
      };
      const auto both_end = [&] {
        return l.to == o.to && shape(d, l.to).part.kind == PartKind::kJoin;  // two members of one join
      };
      if (!meets(l, o) && !meets(o, l) && !both_end())
        fault("lines of " + shape(d, d.wires[static_cast<std::size_t>(l.wire)].from).part.id + " and " +
              shape(d, d.wires[static_cast<std::size_t>(o.wire)].from).part.id + " touch near " + told(l.a));
    }
  }

  // Belts run straight, above all else that stands in the cell.
  double lowest_belt = -1;
  for (const draw::Belt& belt : d.belts) {
    const double y = shape(d, belt.previous).centre.y;
    lowest_belt = std::max(lowest_belt, y);
    int from = belt.previous;
    std::vector<int> stops = belt.ops;
    stops.push_back(belt.next);
    for (const int to : stops) {
      bool straight = false;
      for (const draw::Wire& w : d.wires) {
        if (w.from != from) continue;
        for (const draw::WireBranch& b : w.branches) {
          const bool level =
              std::all_of(b.points.begin(), b.points.end(), [&](Point p) { return same(p.y, y); });
          straight = straight || (b.to == to && b.belt && level && b.points.size() == 2);
        }
      }
      if (!straight || !same(shape(d, to).centre.y, y))
        fault("the belt bends before " + shape(d, to).part.id);
      from = to;
    }
  }
  for (const Shape& s : d.shapes) {
    const bool below =
        s.part.kind == PartKind::kLayer || s.part.kind == PartKind::kOp || s.part.kind == PartKind::kVector;
    if (!d.belts.empty() && below && s.belt < 0 && s.centre.y - s.half_height <= lowest_belt)
      fault(s.part.id + " stands above the belt");
  }
  if (count_crossings(d) != d.crossings)
    fault("says " + std::to_string(d.crossings) + " crossings, has " + std::to_string(count_crossings(d)));
  return faults;
}

}  // namespace cellwright::test
