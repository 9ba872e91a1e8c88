// beads.cpp: for each line the cheapest of some places along it. Start at bead_places().
#include "report/beads.h"

#include <algorithm>
#include <cmath>

namespace cellwright {
namespace {

using draw::Point;

struct Box {
  double left, top, right, bottom;
};

Box around(Point p, double half_width, double half_height) {
  return {p.x - half_width, p.y - half_height, p.x + half_width, p.y + half_height};
}

double overlap(const Box& a, const Box& b) {
  const double w = std::min(a.right, b.right) - std::max(a.left, b.left);
  const double h = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  return w > 0 && h > 0 ? w * h : 0;
}

Box box_of(const draw::Text& text) {
  const double width = draw::text_width(text.text, text.size);
  const double left = text.at.x - (text.anchor == draw::Anchor::kEnd      ? width
                                   : text.anchor == draw::Anchor::kMiddle ? width / 2
                                                                          : 0);
  return {left, text.at.y - text.size * 0.8, left + width, text.at.y + text.size * 0.25};
}

class Placer {
 public:
  explicit Placer(const draw::Diagram& d) : d_(d) {
    for (const draw::Shape& s : d.shapes) {
      if (s.half_width > 0) taken_.push_back(around(s.centre, s.half_width + 2, s.half_height + 2));
      if (!s.caption.text.empty()) taken_.push_back(box_of(s.caption));
    }
    for (const draw::Wire& w : d.wires) {
      for (const draw::WireBranch& b : w.branches) {
        if (!b.tag.text.empty()) taken_.push_back(box_of(b.tag));
      }
    }
  }

  Point place(std::size_t wire) {
    const draw::Wire& w = d_.wires[wire];
    Point best = w.branches[0].points[0];
    double least = 1e300;
    for (std::size_t b = 0; b < w.branches.size(); ++b) {
      const auto& points = w.branches[b].points;
      for (std::size_t i = 0; i + 1 < points.size(); ++i) {
        for (const double share : {0.5, 0.35, 0.65, 0.2, 0.8}) {
          const Point on = {points[i].x + share * (points[i + 1].x - points[i].x),
                            points[i].y + share * (points[i + 1].y - points[i].y)};
          const bool level = points[i].y == points[i + 1].y;
          const double aside = level ? kBeadHeight / 2 + 5 : kBeadWidth / 2 + 5;
          for (const double off : {0.0, aside, -aside}) {
            const Point at = {on.x + (level ? 0 : off), on.y + (level ? off : 0)};
            const double cost = cost_of(at, wire) + (off == 0 ? 0 : 60) + 8 * std::fabs(share - 0.5) +
                                4 * static_cast<double>(b) +
                                (off == 0 ? hidden(points[i], points[i + 1]) : 0);
            if (cost >= least) continue;
            least = cost;
            best = at;
          }
        }
      }
    }
    taken_.push_back(around(best, kBeadWidth / 2 + 1, kBeadHeight / 2 + 1));
    return best;
  }

 private:
  /// A bead that hides most of its stretch of line.
  static double hidden(Point a, Point b) {
    const double length = std::fabs(a.x - b.x) + std::fabs(a.y - b.y);
    const double bead = a.y == b.y ? kBeadWidth : kBeadHeight;
    return std::max(0.0, bead + 16 - length) * 4;
  }

  double cost_of(Point at, std::size_t wire) const {
    const Box bead = around(at, kBeadWidth / 2, kBeadHeight / 2);
    double cost = 0;
    for (const Box& t : taken_) cost += 10 * overlap(bead, t);
    for (std::size_t w = 0; w < d_.wires.size(); ++w) {
      for (const draw::WireBranch& b : d_.wires[w].branches) {
        for (std::size_t i = 0; i + 1 < b.points.size(); ++i) {
          const Point p = b.points[i], q = b.points[i + 1];
          const Box line = {std::min(p.x, q.x) - 2, std::min(p.y, q.y) - 2, std::max(p.x, q.x) + 2,
                            std::max(p.y, q.y) + 2};
          if (w != wire) cost += 3 * overlap(bead, line);
        }
        if (b.fork) cost += 2 * overlap(bead, around(b.points[0], 5, 5));
      }
    }
    // Inside the frame, or a little out of it where the ports are.
    const double left = std::min(d_.frame_from.x, d_.frame_to.x),
                 right = std::max(d_.frame_from.x, d_.frame_to.x);
    if (bead.left < left - draw::kPortReach || bead.right > right + draw::kPortReach) cost += 2000;
    for (const double edge : {left, right}) {
      if (bead.left < edge && bead.right > edge) cost += 40;
    }
    return cost;
  }

  const draw::Diagram& d_;
  std::vector<Box> taken_;
};

}  // namespace

std::vector<Point> bead_places(const draw::Diagram& diagram) {
  Placer placer(diagram);
  std::vector<Point> places;
  for (std::size_t w = 0; w < diagram.wires.size(); ++w) {
    const draw::PartKind from = diagram.shapes[static_cast<std::size_t>(diagram.wires[w].from)].part.kind;
    const bool bare = from == draw::PartKind::kJoin || from == draw::PartKind::kConstant;
    places.push_back(bare ? diagram.wires[w].branches[0].points[0] : placer.place(w));
  }
  return places;
}

}  // namespace cellwright
