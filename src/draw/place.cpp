#include "draw/place.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "base/utf8.h"

namespace cellwright::draw {

bool is_sign(const Part& part) {
  return part.kind == PartKind::kOp && grapheme_count(plain(part.label)) <= 2;
}

double shape_half_width(const Part& part) {
  switch (part.kind) {
    case PartKind::kLayer:
      return std::max(30.0, text_width(part.label, kLayerFont) / 2 + 8);
    case PartKind::kOp:
      return is_sign(part) ? 14 : std::max(21.0, text_width(part.label, kWordFont) / 2 + 8);
    case PartKind::kVector:
    case PartKind::kConstant:
      return std::max(21.0, text_width(part.label, kWordFont) / 2 + 8);
    case PartKind::kInput:
    case PartKind::kOutput:
      return std::max(18.0, text_width(part.label, kNameFont) / 2 + 6);
    default:
      return 0;
  }
}

double shape_half_height(const Part& part, const Place& place) {
  switch (part.kind) {
    case PartKind::kLayer:
      return kUnit * place.half_height;
    case PartKind::kOp:
    case PartKind::kVector:
    case PartKind::kConstant:
      return 14;
    case PartKind::kInput:
    case PartKind::kOutput:
      return 18;
    default:
      return 0;
  }
}

namespace {

std::size_t side_feeds(const Part& part) {
  return static_cast<std::size_t>(
      std::count_if(part.feeds.begin(), part.feeds.end(), [](const Feed& f) { return f.side; }));
}

constexpr int kFarLeft = -100000;

/// A row of the bus: stretches of it are taken by joins and by states that travel there.
struct Row {
  std::vector<std::pair<int, int>> taken;
  bool free(int from, int to) const {
    return std::none_of(taken.begin(), taken.end(),
                        [&](const auto& t) { return from <= t.second && to >= t.first; });
  }
};

class Placer {
 public:
  Placer(const Scheme& scheme, const Grid& grid, const Room& room)
      : scheme_(scheme), grid_(grid), room_(room) {
    layout_.parts.resize(scheme.parts.size());
  }

  Layout run() {
    sizes();
    rows();
    columns();
    step_aside();
    joins();
    frame();
    ports();
    assign_doors(scheme_, grid_, layout_);
    return std::move(layout_);
  }

 private:
  Place& at(int part) { return layout_.parts[static_cast<std::size_t>(part)]; }
  int lane(int part) const { return grid_.lane[static_cast<std::size_t>(part)]; }

  void sizes() {
    for (int p = 0; p < scheme_.size(); ++p) {
      if (lane(p) < 0) continue;
      Place& place = at(p);
      place.half_width = std::max(2, static_cast<int>(std::ceil(shape_half_width(scheme_[p]) / kUnit)));
      place.half_height = std::max(2, static_cast<int>(side_feeds(scheme_[p])));
    }
  }

  void rows() {
    std::vector<int> half(static_cast<std::size_t>(grid_.layers()) + 1, 2);
    for (int p = 0; p < scheme_.size(); ++p) {
      if (lane(p) >= 0)
        half[static_cast<std::size_t>(lane(p))] =
            std::max(half[static_cast<std::size_t>(lane(p))], at(p).half_height);
    }
    int y = 0;
    for (int l = 0; l <= grid_.layers(); ++l) {
      const auto i = static_cast<std::size_t>(l);
      if (l > 0) y += half[i - 1] + (l == grid_.layers() ? room_.layer_gap : room_.row_gap) + half[i];
      lane_y_.push_back(y);
    }
    below_layers_ = y + half.back();
    for (int p = 0; p < scheme_.size(); ++p) {
      if (lane(p) >= 0) at(p).at.y = lane_y_[static_cast<std::size_t>(lane(p))];
    }
  }

  void columns() {
    const auto count = static_cast<std::size_t>(grid_.columns);
    std::vector<int> half(count, 2), before(count, 0), behind(count, 0);
    for (int p = 0; p < scheme_.size(); ++p) {
      if (lane(p) < 0) continue;
      const auto c = static_cast<std::size_t>(grid_.column[static_cast<std::size_t>(p)]);
      half[c] = std::max(half[c], at(p).half_width);
      // What peepholes are called stands on the left; long names of lines reach over to the right.
      const auto sides = static_cast<int>(side_feeds(scheme_[p]));
      before[c] = std::max(before[c], std::min(3 * sides, 6));
      const double reach = text_width(scheme_[p].caption, kNameFont) + 7 - kUnit * at(p).half_width;
      behind[c] = std::max(behind[c], static_cast<int>(std::ceil((reach - 15) / kUnit)));
    }
    int x = 0;
    for (std::size_t c = 0; c < count; ++c) {
      if (c > 0) x += half[c - 1] + room_.column_gap + half[c] + before[c] + behind[c - 1];
      column_x_.push_back(x);
    }
    for (int p = 0; p < scheme_.size(); ++p) {
      if (lane(p) >= 0)
        at(p).at.x = column_x_[static_cast<std::size_t>(grid_.column[static_cast<std::size_t>(p)])];
    }
  }

  /// What stands above its only source, which goes straight on to a belt, makes way for that line.
  void step_aside() {
    for (int p = 0; p < scheme_.size(); ++p) {
      if (lane(p) < 0 || lane(p) == grid_.layers() || grid_.belt[static_cast<std::size_t>(p)] >= 0) continue;
      if (scheme_[p].feeds.size() != 1) continue;
      const int from = scheme_[p].feeds[0].from;
      if (lane(from) != grid_.layers() || at(from).at.x != at(p).at.x) continue;
      bool goes_on = false;
      each_reader(from, [&](int r, const Feed&) {
        goes_on = goes_on || (grid_.belt[static_cast<std::size_t>(r)] >= 0 && at(r).at.x == at(p).at.x);
      });
      const auto next = static_cast<std::size_t>(grid_.column[static_cast<std::size_t>(p)]) + 1;
      if (!goes_on || next >= column_x_.size()) continue;
      const int x = (at(p).at.x + column_x_[next]) / 2;
      bool free = x - at(p).half_width > at(p).at.x + 1;
      for (int r = 0; r < scheme_.size(); ++r) {
        if (r == p || lane(r) != lane(p)) continue;
        free = free && std::abs(at(r).at.x - x) > at(r).half_width + at(p).half_width + 1;
      }
      if (free) at(p).at.x = x;
    }
  }

  void joins() {
    for (const Belt& b : scheme_.belts) on_belt_.insert(b.previous);
    row_of_.assign(scheme_.parts.size(), -1);
    for (int p = scheme_.size(); p-- > 0;) {
      if (scheme_[p].kind == PartKind::kJoin) at(p).at.x = join_column(p);
    }
    // What continues another join comes nearer to the layers; what an input runs into from afar comes below
    // all those.
    for (const bool from_afar : {false, true}) {
      for (int p = scheme_.size(); p-- > 0;) {
        if (scheme_[p].kind == PartKind::kJoin && input_from_afar(p) == from_afar) give_row(p, from_afar);
      }
    }
    for (int p = 0; p < scheme_.size(); ++p) {
      if (scheme_[p].kind != PartKind::kPrevious || on_belt_.count(p) || row(p) >= 0) continue;
      row(p) = take_row(kFarLeft, 0, -1);
    }
    for (int p = 0; p < scheme_.size(); ++p) {
      if (row(p) >= 0) at(p).at.y = below_layers_ + room_.bus_pitch * (row(p) + 1);
    }
    bus_rows_ = std::max<int>(1, static_cast<int>(rows_.size()));
  }

  int& row(int part) { return row_of_[static_cast<std::size_t>(part)]; }

  /// Calls f for each part that reads `p`.
  template <class F>
  void each_reader(int p, const F& f) const {
    for (int r = 0; r < scheme_.size(); ++r) {
      for (const Feed& feed : scheme_[r].feeds) {
        if (feed.from == p) f(r, feed);
      }
    }
  }

  /// Left of the first that reads it.
  int join_column(int p) {
    int x = -kFarLeft;
    each_reader(p, [&](int r, const Feed&) {
      if (scheme_[r].kind == PartKind::kJoin) {
        x = std::min(x, at(r).at.x - 3);
      } else if (lane(r) >= 0) {
        x = std::min(x, at(r).at.x - at(r).half_width - 2);
      }
    });
    return x == -kFarLeft ? (column_x_.empty() ? 0 : column_x_.back() + 6) : x;
  }

  bool input_from_afar(int p) const {
    bool state = false, afar = false;
    for (const Feed& f : scheme_[p].feeds) {
      state = state || scheme_[f.from].kind == PartKind::kPrevious;
      if (scheme_[f.from].kind != PartKind::kInput) continue;
      each_reader(f.from, [&](int r, const Feed&) { afar = afar || r < p; });
    }
    return afar && !state;
  }

  void give_row(int p, bool from_afar) {
    // The state that runs straight into the join, if there is one.
    int state = -1, end = at(p).at.x;
    for (const Feed& f : scheme_[p].feeds) {
      if (state < 0 && scheme_[f.from].kind == PartKind::kPrevious && !on_belt_.count(f.from) &&
          row(f.from) < 0)
        state = f.from;
    }
    each_reader(p, [&](int r, const Feed&) {
      if (lane(r) >= 0 || scheme_[r].kind == PartKind::kJoin) end = std::max(end, at(r).at.x);
    });
    row(p) = take_row(state >= 0 || from_afar ? kFarLeft : at(p).at.x - 2, end + 2, p);
    if (state >= 0) row(state) = row(p);
  }

  int take_row(int from, int to, int join) {
    std::size_t r = 0;
    while (r < rows_.size() && !rows_[r].free(from, to)) ++r;
    if (r == rows_.size()) rows_.emplace_back();
    rows_[r].taken.emplace_back(from, to);
    if (join >= 0) {
      while (!joins_.insert({at(join).at.x, static_cast<int>(r)}).second) at(join).at.x -= 2;
    }
    return static_cast<int>(r);
  }

  void frame() {
    int left = 0, right = 0, outputs = 0;
    for (int p = 0; p < scheme_.size(); ++p) {
      if (scheme_[p].kind == PartKind::kOutput) outputs += 2 * port_width(p) + 1;
      if (lane(p) < 0 && scheme_[p].kind != PartKind::kJoin) continue;
      left = std::min(left, at(p).at.x - at(p).half_width);
      right = std::max(right, at(p).at.x + at(p).half_width);
    }
    layout_.left = left - room_.margin;
    layout_.right = right + room_.margin + 1 + std::max(0, outputs - 5);
    layout_.top = grid_.belts > 0 ? -5 : -7;
    layout_.bottom = below_layers_ + room_.bus_pitch * bus_rows_ + 4;
  }

  void ports() {
    std::vector<std::pair<int, int>> below;  // place, half a width
    for (int p = 0; p < scheme_.size(); ++p) {
      Place& place = at(p);
      switch (scheme_[p].kind) {
        case PartKind::kPrevious:
          place.at.x = layout_.left;
          break;
        case PartKind::kNext:
          place.at = {layout_.right, next_row(p)};
          break;
        case PartKind::kOutput:
          place.at = {layout_.right - from_right(p), layout_.top};
          break;
        case PartKind::kInput: {
          const int x = input_column(p), half = port_width(p);
          for (int step = 0;; ++step) {  // where there is room, as near as can be
            const int tried = x + (step % 2 == 0 ? 1 : -1) * ((step + 1) / 2);
            const bool free = std::none_of(below.begin(), below.end(), [&](const auto& other) {
              return std::abs(tried - other.first) <= half + other.second;
            });
            if (step < 4000 && (!free || tried <= layout_.left + 1 || tried >= layout_.right - 1)) continue;
            below.emplace_back(tried, half);
            place.at = {tried, layout_.bottom};
            break;
          }
          break;
        }
        default:
          break;
      }
    }
    for (const Belt& b : scheme_.belts) at(b.previous).at.y = at(b.next).at.y = at(b.ops[0]).at.y;
  }

  /// Outputs stand in the order of what they show, those of belts first: how far each is from the right side.
  int from_right(int p) {
    const auto place = [&](int output) {
      const int from = scheme_[output].feeds[0].from;
      return std::make_tuple(grid_.belt[static_cast<std::size_t>(from)] < 0, at(from).at.x, output);
    };
    int x = 3;
    for (int q = 0; q < scheme_.size(); ++q) {
      if (scheme_[q].kind == PartKind::kOutput && place(q) > place(p)) x += 2 * port_width(q) + 1;
    }
    return std::max(x, x + port_width(p) - 2);
  }

  /// Half of it, in lattice units, rounded up.
  int port_width(int p) const { return static_cast<int>(std::ceil(shape_half_width(scheme_[p]) / kUnit)); }

  /// A state leaves at the height at which it enters.
  int next_row(int p) {
    for (int q = 0; q < scheme_.size(); ++q) {
      if (scheme_[q].kind == PartKind::kPrevious && scheme_[q].index == scheme_[p].index) return at(q).at.y;
    }
    return layout_.bottom - 1 - unread_++;  // nobody reads its old value
  }

  int input_column(int p) {
    int x = layout_.right - 3;
    bool joined = false;
    for (int r = 0; r < scheme_.size(); ++r) {
      for (const Feed& f : scheme_[r].feeds) {
        if (f.from != p) continue;
        if (scheme_[r].kind == PartKind::kJoin) {
          x = joined ? std::min(x, at(r).at.x) : at(r).at.x;
          joined = true;
        } else if (!joined && lane(r) >= 0) {
          const bool from_below = scheme_[r].kind == PartKind::kLayer && !f.side;
          // Before a layer the parameter's name stands on the line.
          x = std::min(x, at(r).at.x - (from_below ? 0 : at(r).half_width + (f.side ? kSideStretch + 1 : 2)));
        }
      }
    }
    return x;
  }

  const Scheme& scheme_;
  const Grid& grid_;
  const Room& room_;
  Layout layout_;
  std::vector<int> lane_y_, column_x_, row_of_;
  std::vector<Row> rows_;
  std::set<std::pair<int, int>> joins_;  // column, row
  std::set<int> on_belt_;
  int below_layers_ = 0;
  int bus_rows_ = 1;
  int unread_ = 0;
};

}  // namespace

Layout place(const Scheme& scheme, const Grid& grid, const Room& room) {
  return Placer(scheme, grid, room).run();
}

}  // namespace cellwright::draw
