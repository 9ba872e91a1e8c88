#include "draw/lattice.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <queue>

namespace cellwright::draw {
namespace {

constexpr double kBend = 5, kBendAtDoor = 2.5, kCrossing = 14, kFork = 3, kBeside = 0.8, kAtPart = 0.25;
constexpr std::array<int, 4> kDx = {1, 0, -1, 0};
constexpr std::array<int, 4> kDy = {0, 1, 0, -1};
constexpr std::array<std::size_t, 4> kBack = {2, 3, 0, 1};

bool horizontal(std::size_t way) { return kDy[way] == 0; }

}  // namespace

Lattice::Lattice(const Layout& layout, int reach)
    : layout_(layout),
      width_(layout.right - layout.left + 1),
      height_(layout.bottom - layout.top + 1),
      reach_(reach),
      from_{layout.left, layout.top},
      to_{layout.right, layout.bottom} {
  const auto points = static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_);
  blocked_.assign(points, 0);
  door_of_.assign(points, kNobody);
  text_.assign(points, 0);
  across_.assign(points, kNobody);
  down_.assign(points, kNobody);
  reached_.resize(points * 4);
  own_.assign(points, 0);
  open_.assign(static_cast<std::size_t>(height_), std::max(0, width_ - 2));  // the frame is no way
  walls_.assign(static_cast<std::size_t>(height_) + 1, 0);
}

/// Nothing is cheaper: the steps left, the bends without which the door cannot be entered as it should be,
/// and the lines from side to side that lie between.
double Lattice::at_least(Spot s, std::size_t way, const Door& end) const {
  const int x = end.at.x - s.x, y = end.at.y - s.y;
  if (x == 0 && y == 0) return 0;
  const int along = kDx[way] * x + kDy[way] * y, across = std::abs(horizontal(way) ? y : x);
  const bool straight_in = kDx[way] == -end.dx && kDy[way] == -end.dy;
  double bends = 0;
  if (across == 0 && along > 0) {
    bends = straight_in ? 0 : std::min(kBend + kBendAtDoor, 2 * kBend);
  } else if (along >= 0) {
    // Once, and then it runs across; into any other side it bends once more.
    const int in_x = horizontal(way) ? 0 : (x > 0) - (x < 0), in_y = horizontal(way) ? (y > 0) - (y < 0) : 0;
    bends = in_x == -end.dx && in_y == -end.dy ? kBend : 2 * kBend;
  } else {
    bends = 2 * kBend;
  }
  // Between the two rows, both left out.
  const int low = std::max(s.y, end.at.y), high = std::min(s.y, end.at.y);
  const int walls = low - high < 2 ? 0
                                   : walls_[static_cast<std::size_t>(low - layout_.top)] -
                                         walls_[static_cast<std::size_t>(high + 1 - layout_.top)];
  return std::abs(x) + std::abs(y) + bends + kCrossing * walls;
}

void Lattice::block(const Place& place) {
  for (int y = place.at.y - place.half_height; y <= place.at.y + place.half_height; ++y) {
    for (int x = place.at.x - place.half_width; x <= place.at.x + place.half_width; ++x) {
      if (!inside({x, y}) || blocked_[at({x, y})]) continue;
      blocked_[at({x, y})] = 1;
      --open_[static_cast<std::size_t>(y - layout_.top)];
    }
  }
}

bool Lattice::reserve(const Door& door, int net) {
  if (!inside(door.at)) return true;
  int& owner = door_of_[at(door.at)];
  if (owner != kNobody && owner != net) return false;
  owner = net;
  return true;
}

void Lattice::discourage(Spot s, double cost) {
  if (inside(s)) text_[at(s)] = static_cast<float>(cost);
}

void Lattice::lay(const std::vector<Spot>& way, int net) {
  for (std::size_t i = 0; i + 1 < way.size(); ++i) {
    auto& map = way[i].y == way[i + 1].y ? across_ : down_;
    put(map, way[i], net);
    put(map, way[i + 1], net);
  }
}

void Lattice::put(std::vector<int>& map, Spot s, int net) {
  int& old = map[at(s)];
  if (&map == &across_ && (old == kNobody) != (net == kNobody) && inside(s) && !blocked_[at(s)])
    open_[static_cast<std::size_t>(s.y - layout_.top)] += net == kNobody ? 1 : -1;
  old = net;
}

void Lattice::take_up(const std::vector<std::vector<Spot>>& ways, int net) {
  for (const auto& way : ways) {
    for (const Spot s : way) {
      if (across_[at(s)] == net) put(across_, s, kNobody);
      if (down_[at(s)] == net) put(down_, s, kNobody);
    }
  }
}

double Lattice::step_cost(Spot to, bool along_x, int net) const {
  double cost = 1 + text_[at(to)];
  const std::array<Spot, 2> beside = {along_x ? Spot{to.x, to.y - 1} : Spot{to.x - 1, to.y},
                                      along_x ? Spot{to.x, to.y + 1} : Spot{to.x + 1, to.y}};
  for (const Spot b : beside) {
    if (!inside(b)) {
      cost += kAtPart;
      continue;
    }
    const int other = (along_x ? across_ : down_)[at(b)];
    if (other != kNobody && other != net) cost += kBeside;
    if (blocked_[at(b)]) cost += kAtPart;
  }
  return cost;
}

Lattice::Found Lattice::search(const std::vector<Start>& starts, const Door& end, int net) {
  for (std::size_t y = 0; y < open_.size(); ++y) {
    const bool frame = y == 0 || y + 1 == open_.size();
    walls_[y + 1] = walls_[y] + (!frame && open_[y] <= 0 ? 1 : 0);
  }
  constexpr double kNone = std::numeric_limits<double>::infinity();
  if (reach_ > 0) {
    Spot nearest = starts[0].at;
    const auto far = [&](Spot s) { return std::abs(s.x - end.at.x) + std::abs(s.y - end.at.y); };
    for (const Start& s : starts) {
      if (far(s.at) < far(nearest)) nearest = s.at;
    }
    from_ = {std::min(nearest.x, end.at.x) - reach_, std::min(nearest.y, end.at.y) - reach_};
    to_ = {std::max(nearest.x, end.at.x) + reach_, std::max(nearest.y, end.at.y) + reach_};
    const Found near = search_within(starts, end, net, kNone, Order::kByWholeCost);
    from_ = {layout_.left, layout_.top};
    to_ = {layout_.right, layout_.bottom};
    if (near.any) return near;
  }
  const Found cheapest = search_within(starts, end, net, kNone, Order::kByWholeCost);
  if (!cheapest.any || reach_ > 0) return cheapest;
  // Of equally cheap ways the one that a search without A* takes, which does not hang on what at_least()
  // knows.
  return search_within(starts, end, net, cheapest.cost, Order::kByCost);
}

Lattice::Found Lattice::search_within(const std::vector<Start>& starts, const Door& end, int net,
                                      double bound, Order order) {
  ++round_;  // what earlier searches left is not cleared but ignored
  using Entry = std::pair<double, std::size_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
  const auto spot_of = [&](std::size_t point) {
    return Spot{static_cast<int>(point) % width_ + layout_.left,
                static_cast<int>(point) / width_ + layout_.top};
  };
  for (const Start& s : starts) {
    if (inside(s.at)) own_[at(s.at)] = round_;
  }
  const auto enter = [&](Spot to, std::size_t way, double cost, std::int32_t from) {
    if (!inside(to) || to.x < from_.x || to.x > to_.x || to.y < from_.y || to.y > to_.y) return;
    const std::size_t point = at(to);
    if (blocked_[point] || own_[point] == round_ || (door_of_[point] != kNobody && door_of_[point] != net))
      return;
    const int same = horizontal(way) ? across_[point] : down_[point];
    const int other = horizontal(way) ? down_[point] : across_[point];
    if (same != kNobody) return;
    if (other != kNobody) cost += kCrossing;
    cost += step_cost(to, horizontal(way), net);
    const std::size_t state = point * 4 + way;
    Reached& reached = reached_[state];
    if (reached.round == round_ && cost >= reached.cost - 1e-9) return;
    const double whole = cost + at_least(to, way, end);
    if (whole > bound + 1e-6) return;
    reached = {cost, from, round_};
    open.emplace(order == Order::kByCost ? cost : whole, state);
  };
  for (const Start& s : starts) {
    const std::size_t point = at(s.at);
    const bool crossed =
        across_[point] != kNobody && down_[point] != kNobody && across_[point] != down_[point];
    if (crossed) continue;
    for (std::size_t way = 0; way < 4; ++way) {
      const bool first = s.dx != 0 || s.dy != 0;
      if (first && kDx[way] == -s.dx && kDy[way] == -s.dy) continue;
      const bool corner = across_[point] == net && down_[point] == net;
      const double cost = !first                                 ? s.cost + (corner ? kFork - 1 : kFork)
                          : kDx[way] == s.dx && kDy[way] == s.dy ? 0
                                                                 : kBend;
      // Where it starts is told by ~point.
      enter({s.at.x + kDx[way], s.at.y + kDy[way]}, way, cost, ~static_cast<std::int32_t>(point));
    }
    // The door may be the start itself.
    if (s.at == end.at) return {true, 0, {s.at}};
  }
  while (!open.empty()) {
    const auto [key, state] = open.top();
    open.pop();
    const double cost = reached_[state].cost;
    const std::size_t point = state / 4, way = state % 4;
    const Spot s = spot_of(point);
    if (key > (order == Order::kByCost ? cost : cost + at_least(s, way, end)) + 1e-9) continue;
    ++work_;
    if (s == end.at) {
      Found found{true, cost, {s}};
      std::int32_t from = reached_[state].before;
      while (from >= 0) {
        found.way.push_back(spot_of(static_cast<std::size_t>(from) / 4));
        from = reached_[static_cast<std::size_t>(from)].before;
      }
      found.way.push_back(spot_of(static_cast<std::size_t>(~from)));
      std::reverse(found.way.begin(), found.way.end());
      return found;
    }
    const int other = horizontal(way) ? down_[point] : across_[point];
    for (std::size_t next = 0; next < 4; ++next) {
      if (next == kBack[way] || (other != kNobody && next != way)) continue;  // a crossing is passed straight
      double then = cost + (next == way ? 0 : kBend);
      const Spot to = {s.x + kDx[next], s.y + kDy[next]};
      // At its end the line turns into the part.
      if (to == end.at && (kDx[next] != -end.dx || kDy[next] != -end.dy)) then += kBend + kBendAtDoor;
      enter(to, next, then, static_cast<std::int32_t>(state));
    }
  }
  return {};
}

int Lattice::crossings() const {
  int count = 0;
  for (std::size_t i = 0; i < across_.size(); ++i) {
    if (across_[i] != kNobody && down_[i] != kNobody && across_[i] != down_[i]) ++count;
  }
  return count;
}

}  // namespace cellwright::draw
