// lattice.h: inner header of routes.cpp: which points are taken, and the search for one way.
#pragma once

#include <cstdint>
#include <vector>

#include "draw/place.h"

namespace cellwright::draw {

inline constexpr int kNobody = -1;

class Lattice {
 public:
  explicit Lattice(const Layout& layout);

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
  /// it may fork.
  Found search(const std::vector<Start>& starts, const Door& end, int net);

  /// Points where two nets cross.
  int crossings() const;

 private:
  double step_cost(Spot to, bool horizontal, int net) const;

  /// What a search knows of a point reached in one of four directions; of another search where `round` is not
  /// the present one.
  struct Reached {
    double cost = 0;
    std::int32_t before = -1;
    std::uint32_t round = 0;
  };

  const Layout& layout_;
  int width_, height_;
  std::uint32_t round_ = 0;
  std::vector<Reached> reached_;
  std::vector<std::uint32_t> own_;  ///< round in which a point was one of the starts
  std::vector<char> blocked_;
  std::vector<int> door_of_;
  std::vector<float> text_;
  std::vector<int> across_;  ///< the net that runs through horizontally
  std::vector<int> down_;    ///< and vertically; the same one at its corners and forks
};

}  // namespace cellwright::draw
