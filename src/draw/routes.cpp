// Start at Router::run.
#include "draw/routes.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "draw/lattice.h"

namespace cellwright::draw {
namespace {

int distance(Spot a, Spot b) { return std::abs(a.x - b.x) + std::abs(a.y - b.y); }

/// Corners only.
std::vector<Spot> corners(const std::vector<Spot>& way) {
  std::vector<Spot> out;
  for (const Spot s : way) {
    const std::size_t n = out.size();
    if (n >= 2 && ((out[n - 2].x == out[n - 1].x && out[n - 1].x == s.x) ||
                   (out[n - 2].y == out[n - 1].y && out[n - 1].y == s.y)))
      out.back() = s;
    else
      out.push_back(s);
  }
  return out;
}

struct Line {
  int to = -1;
  std::size_t feed = 0;
  bool belt = false;
  std::vector<Spot> way;
  double cost = 0;
};

struct Tree {
  int from = -1;
  std::vector<Line> lines;
  double cost() const {
    double sum = 0;
    for (const Line& l : lines) sum += l.cost;
    return sum;
  }
};

constexpr int kReach = 32;  // beside a line's ends, in a picture of many parts

class Router {
 public:
  Router(const Scheme& scheme, const Layout& layout)
      : scheme_(scheme), layout_(layout), lattice_(layout, scheme.size() > kManyParts ? kReach : 0) {}

  Routes run() {
    make_trees();
    Routes result;
    if (!block()) return result;
    for (const std::size_t t : order_) {
      if (lay(t)) continue;
      result.work = lattice_.work();
      return result;
    }
    // Each round takes as long as the first.
    const int rounds = scheme_.size() > 200 ? 0 : scheme_.size() > kManyParts ? 1 : 3;
    for (int round = 0; round < rounds; ++round) {
      if (!improve()) break;
    }
    result.complete = true;
    result.crossings = lattice_.crossings();
    result.work = lattice_.work();
    for (const Tree& tree : trees_) {
      Net net;
      net.from = tree.from;
      for (const Line& line : tree.lines) net.branches.push_back({line.to, line.feed, corners(line.way)});
      result.nets.push_back(net);
      result.cost += tree.cost();
    }
    return result;
  }

 private:
  const Place& at(int part) const { return layout_.parts[static_cast<std::size_t>(part)]; }
  const Door& door(const Line& line) const { return at(line.to).in[line.feed]; }

  /// Whether a belt runs at this height.
  bool on_belt(int y) const {
    return std::any_of(scheme_.belts.begin(), scheme_.belts.end(),
                       [&](const Belt& b) { return at(b.ops[0]).at.y == y; });
  }

  bool along_belt(int from, int to) const {
    for (const Belt& b : scheme_.belts) {
      int before = b.previous;
      for (const int op : b.ops) {
        if (before == from && op == to) return true;
        before = op;
      }
      if (before == from && b.next == to) return true;
    }
    return false;
  }

  void make_trees() {
    std::vector<int> tree_of(scheme_.parts.size(), -1);
    for (int p = 0; p < scheme_.size(); ++p) {
      for (std::size_t f = 0; f < scheme_[p].feeds.size(); ++f) {
        const int from = scheme_[p].feeds[f].from;
        int& tree = tree_of[static_cast<std::size_t>(from)];
        if (tree < 0) {
          tree = static_cast<int>(trees_.size());
          trees_.push_back({from, {}});
        }
        Line line;
        line.to = p;
        line.feed = f;
        line.belt = along_belt(from, p) && at(p).in[f].dx < 0 && at(p).at.y == at(from).at.y;
        trees_[static_cast<std::size_t>(tree)].lines.push_back(line);
      }
    }
    for (std::size_t t = 0; t < trees_.size(); ++t) {
      Tree& tree = trees_[t];
      const Spot start = at(tree.from).out.at;
      const bool bus = scheme_[tree.from].kind == PartKind::kJoin;
      std::stable_sort(tree.lines.begin(), tree.lines.end(), [&](const Line& a, const Line& b) {
        if (a.belt != b.belt) return a.belt;
        // A bus is laid in its whole length first; a state's way home may then leave what goes up.
        const int far_a = distance(start, door(a).at), far_b = distance(start, door(b).at);
        if (bus) return far_a > far_b;
        const bool home_a = scheme_[a.to].kind == PartKind::kNext,
                   home_b = scheme_[b.to].kind == PartKind::kNext;
        return home_a != home_b ? home_b : far_a < far_b;
      });
      order_.push_back(t);
    }
    const auto rank = [&](std::size_t t) {
      const Tree& tree = trees_[t];
      if (tree.lines[0].belt) return -1000;
      if (scheme_[tree.from].kind == PartKind::kJoin) return -500;
      int sum = 0;
      for (const Line& l : tree.lines) sum += distance(at(tree.from).out.at, door(l).at);
      return sum;
    };
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  }

  /// False where two lines would need one door.
  bool block() {
    // Nothing but outputs goes above the belt without need.
    for (int y = layout_.top + 1; y < -2; ++y) {
      for (int x = layout_.left + 1; x < layout_.right; ++x) lattice_.discourage({x, y}, 0.8);
    }
    for (int p = 0; p < scheme_.size(); ++p) {
      lattice_.block(at(p));
      const Part& part = scheme_[p];
      for (std::size_t f = 0; f < part.feeds.size(); ++f) {
        const Door& in = at(p).in[f];
        if (!part.feeds[f].side) continue;
        for (int dx = -kSideStretch; dx <= 0; ++dx) lattice_.discourage({in.at.x + dx, in.at.y - 1}, 12);
      }
      if (part.caption.empty()) continue;
      // Beside the line that leaves a layer; at an operation's shoulder.
      const int wide = static_cast<int>(std::ceil(text_width(part.caption, kNameFont) / kUnit)) + 1;
      const int top = at(p).at.y - at(p).half_height - (part.kind == PartKind::kLayer ? 2 : 0);
      for (int dy = 0; dy < 2; ++dy) {
        if (on_belt(top + dy)) continue;  // which runs straight, whatever stands there
        for (int dx = 1; dx <= wide; ++dx)
          lattice_.discourage({at(p).at.x + dx + (part.kind == PartKind::kLayer ? 0 : 1), top + dy}, 7);
      }
    }
    for (std::size_t t = 0; t < trees_.size(); ++t) {
      const int net = static_cast<int>(t);
      if (!lattice_.reserve(at(trees_[t].from).out, net)) return false;
      for (const Line& line : trees_[t].lines) {
        if (!lattice_.reserve(door(line), net)) return false;
      }
    }
    return true;
  }

  /// A belt is not searched for: laid anew among many lines it would bend to save a crossing.
  static Lattice::Found straight(Spot from, Spot to) {
    Lattice::Found found;
    found.any = from.x <= to.x;
    found.cost = to.x - from.x;
    for (int x = from.x; x <= to.x; ++x) found.way.push_back({x, from.y});
    return found;
  }

  bool lay(std::size_t t) {
    Tree& tree = trees_[t];
    const Door& out = at(tree.from).out;
    for (std::size_t i = 0; i < tree.lines.size(); ++i) {
      Line& line = tree.lines[i];
      std::vector<Lattice::Start> starts;
      if (i == 0) {
        starts.push_back({out.at, out.dx, out.dy, 0});
      } else {
        for (std::size_t k = 0; k < i; ++k) {
          const auto& way = tree.lines[k].way;
          // Right before a part it is late to fork, and before a join one would not see which line is which.
          const bool join = scheme_[tree.lines[k].to].kind == PartKind::kJoin;
          // Where a parameter's name stands on the line, what leaves it there would seem to be weighed too.
          const bool named = scheme_[tree.lines[k].to].feeds[tree.lines[k].feed].side;
          for (std::size_t s = 0; s < way.size(); ++s) {
            if (named && s + kSideStretch > way.size() && s > 0) break;
            const bool last = s + 1 == way.size() && way.size() > 1;
            if (!last || !join) starts.push_back({way[s], 0, 0, last ? 6.0 : 0.0});
          }
        }
      }
      Lattice::Found found = line.belt && i == 0 ? straight(out.at, door(line).at)
                                                  : lattice_.search(starts, door(line), static_cast<int>(t));
      if (!found.any) {
        for (std::size_t k = 0; k < i; ++k) lattice_.take_up({tree.lines[k].way}, static_cast<int>(t));
        return false;
      }
      line.way = std::move(found.way);
      line.cost = found.cost;
      lattice_.lay(line.way, static_cast<int>(t));
    }
    return true;
  }

  /// A belt does not bend to save a crossing.
  static bool straight(const Tree& tree) {
    return std::all_of(tree.lines.begin(), tree.lines.end(), [](const Line& l) {
      return !l.belt || std::all_of(l.way.begin(), l.way.end(), [&](Spot s) { return s.y == l.way[0].y; });
    });
  }

  bool improve() {
    bool better = false;
    for (const std::size_t t : order_) {
      Tree& tree = trees_[t];
      if (tree.lines[0].belt && tree.lines.size() == 1) continue;
      const Tree old = tree;
      std::vector<std::vector<Spot>> ways;
      for (const Line& l : tree.lines) ways.push_back(l.way);
      lattice_.take_up(ways, static_cast<int>(t));
      if (lay(t) && straight(tree) && tree.cost() < old.cost() - 1e-6) {
        better = true;
        continue;
      }
      std::vector<std::vector<Spot>> tried;
      for (const Line& l : tree.lines) tried.push_back(l.way);
      lattice_.take_up(tried, static_cast<int>(t));
      tree = old;
      for (const Line& l : tree.lines) lattice_.lay(l.way, static_cast<int>(t));
    }
    return better;
  }

  const Scheme& scheme_;
  const Layout& layout_;
  Lattice lattice_;
  std::vector<Tree> trees_;
  std::vector<std::size_t> order_;
};

}  // namespace

Routes route(const Scheme& scheme, const Layout& layout) { return Router(scheme, layout).run(); }

}  // namespace cellwright::draw
