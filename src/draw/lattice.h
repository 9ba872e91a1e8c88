// lattice.h: inner header of routes.cpp: which points are taken, and the search for one way.
#pragma once

#include <cstdint>
#include <vector>

#include "draw/place.h"

namespace cellwright::draw {

inline constexpr int kNobody = -1;

class Lattice {
 public:
  /// reach: how far beside its ends a way is looked for at first, and taken without asking for the best one
  /// anywhere; 0: the best.
  explicit Lattice(const Layout& layout, int reach = 0);

  bool inside(Spot s) const {
    return s.x > layout_.left && s.x < layout_.right && s.y > layout_.top && s.y < layout_.bottom;
  }
  std::size_t at(Spot s) const {
    return static_cast<std::size_t>((s.y - layout_.top) * width_ + s.x - layout_.left);
  }

  void block(const Place& place);           ///< the part's own points
  bool reserve(const Door& door, int net);  ///< a door is its net's alone; false where it is another's
  void discourage(Spot s, double cost);     ///< text stands there

  /// Lays a way of single steps, or takes it up again.
  void lay(const std::vector<Spot>& way, int net);
  void take_up(const std::vector<std::vector<Spot>>& ways, int net);

  struct Start {
    Spot at;
    int dx = 0, dy = 0;  ///< 0, 0: any way off
    double cost = 0;
  };
  struct Found {
    bool any = false;
    double cost = 0;
    std::vector<Spot> way;  ///< single steps, ends included
  };
  /// Cheapest way for `net` from one of `starts` to the door `end`. `tree`: starts are a net's points, where
  /// it may fork. What it costs is the points near the way, not those of the whole picture: first the cost
  /// alone is found (A*), then the way among the points from which it can be had at that cost.
  Found search(const std::vector<Start>& starts, const Door& end, int net);

  /// Points where two nets cross.
  int crossings() const;
  /// Points that all searches so far went on from: what a picture costs, without a clock.
  std::int64_t work() const { return work_; }

 private:
  enum class Order : std::uint8_t { kByCost, kByWholeCost };
  /// Leaves out what cannot be part of a way of at most `bound`.
  Found search_within(const std::vector<Start>& starts, const Door& end, int net, double bound, Order order);
  double at_least(Spot s, std::size_t way, const Door& end) const;
  void put(std::vector<int>& map, Spot s, int net);
  double step_cost(Spot to, bool horizontal, int net) const;

  /// What a search knows of a point reached in one of four directions; of another search where `round` is not
  /// the present one.
  struct Reached {
    double cost = 0;
    std::int32_t before = -1;
    std::uint32_t round = 0;
  };

  const Layout& layout_;
  int width_, height_, reach_;
  Spot from_, to_;  ///< corners of where the present search goes
  std::uint32_t round_ = 0;
  std::int64_t work_ = 0;
  std::vector<Reached> reached_;
  std::vector<std::uint32_t> own_;  ///< round in which a point was one of the starts
  std::vector<char> blocked_;
  std::vector<int> door_of_;
  std::vector<float> text_;
  std::vector<int> across_;  ///< the net that runs through horizontally
  std::vector<int> down_;    ///< and vertically; the same one at its corners and forks
  std::vector<int> open_;    ///< per row: points through which one can go up without a crossing
  std::vector<int> walls_;   ///< per row: how many rows above it have no such point
};

}  // namespace cellwright::draw
