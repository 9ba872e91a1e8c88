// unit_shares.cpp: first who makes what, then where the threads must meet. Start at share_units() at the end.
#include "run/unit_shares.h"

#include <algorithm>

#include "base/thread_pool.h"

namespace cellwright {
namespace {

/// Steps that are looked at in a row: rings hold two at most, so whatever meets, meets within these.
constexpr int kSteps = 4;

struct Units {
  int first = 0, last = 0;
};

/// Rows of an array that an instruction reads or writes, thread by thread.
struct Touch {
  Place place;
  bool writes = false;
  bool by_lanes = false;  ///< each thread its own rows, all units
  std::vector<Units> of;  ///< per thread
};

class Sharing {
 public:
  Sharing(const Program& loop, const std::vector<Buffer>& buffers, int parts, int panel, bool reverse)
      : loop_(loop), buffers_(buffers), parts_(parts), panel_(panel), direction_(reverse ? -1 : 1) {}

  std::vector<InstructionShares> make() {
    for (const Instruction& i : loop_.instructions) {
      shares_.push_back(divide(i));
      touches_.push_back(touches(i, shares_.back()));
      if (meets(touches_.back(), 0, touches_.back(), 0)) {  // it cannot wait for itself
        leave_alone(shares_.back());
        touches_.back() = touches(i, shares_.back());
      }
    }
    while (add_wait()) {
    }
    return std::move(shares_);
  }

 private:
  /// Unit at which thread q begins, of `size` units: panels are not cut.
  int border(int size, int q) const { return part(size, parts_, q, panel_).first; }

  InstructionShares divide(const Instruction& i) const {
    InstructionShares shares;
    shares.by_lanes = i.by_row;
    for (const ProductOutput& o : i.products) {
      const int panels = (o.width + panel_ - 1) / panel_;
      std::vector<int> first;
      for (int q = 0; q < parts_; ++q) {
        const int units = border(o.out_size, q) - o.offset;
        first.push_back(std::clamp((units + panel_ - 1) / panel_, 0, panels));
      }
      first.push_back(panels);
      shares.panels.push_back(std::move(first));
    }
    if (i.products.empty() && !i.by_row) {
      for (int q = 0; q < parts_; ++q) shares.units.push_back(border(i.width, q));
      shares.units.push_back(i.width);
    }
    return shares;
  }

  /// All of it is the last thread's.
  static void leave_alone(InstructionShares& shares) {
    if (!shares.units.empty()) std::fill(shares.units.begin(), shares.units.end() - 1, 0);
    for (std::vector<int>& borders : shares.panels) std::fill(borders.begin(), borders.end() - 1, 0);
  }

  std::vector<Touch> touches(const Instruction& i, const InstructionShares& shares) const {
    std::vector<Touch> all;
    const auto add = [&](Place place, bool writes, const auto& units_of) {
      Touch touch;
      touch.place = place;
      touch.writes = writes;
      touch.by_lanes = shares.by_lanes;
      for (int q = 0; q < parts_; ++q) touch.of.push_back(units_of(static_cast<std::size_t>(q)));
      all.push_back(std::move(touch));
    };
    for (std::size_t o = 0; o < i.products.size(); ++o) {
      const ProductOutput& out = i.products[o];
      const std::vector<int>& panels = shares.panels[o];
      add(out.out, true, [&](std::size_t q) {
        return Units{out.offset + panels[q] * panel_,
                     out.offset + std::min(panels[q + 1] * panel_, out.width)};
      });
      for (const ProductTerm& term : out.terms) {
        const int size = buffers_[static_cast<std::size_t>(term.operand.buffer)].size;
        add(term.operand, false, [&](std::size_t q) {
          return Units{0, panels[q] < panels[q + 1] ? size : 0};
        });
      }
    }
    std::vector<bool> written(i.slots.size(), false);
    for (const TileInstruction& t : i.tiles) written[static_cast<std::size_t>(t.out)] = true;
    for (std::size_t s = 0; s < i.slots.size(); ++s) {
      const Slot& slot = i.slots[s];
      if (slot.kind != Slot::Kind::kMemory) continue;
      add(slot.place, written[s], [&](std::size_t q) {
        return shares.by_lanes ? Units{0, slot.size} : Units{shares.units[q], shares.units[q + 1]};
      });
    }
    return all;
  }

  int array_of(int buffer) const {
    const int other = buffers_[static_cast<std::size_t>(buffer)].in_place_of;
    return other >= 0 ? other : buffer;
  }

  /// Both may touch the same slot of an array, a at the `a_step`th step from here, b at the `b_step`th.
  bool same_slot(const Touch& a, int a_step, const Touch& b, int b_step) const {
    if (array_of(a.place.buffer) != array_of(b.place.buffer)) return false;
    const int ring = buffers_[static_cast<std::size_t>(a.place.buffer)].ring;
    if (ring != buffers_[static_cast<std::size_t>(b.place.buffer)].ring) return true;
    const int apart = (a.place.shift + direction_ * a_step) - (b.place.shift + direction_ * b_step);
    return ring == 0 ? apart == 0 : apart % ring == 0;
  }

  static bool within(const Touch& a, const Touch& b) {
    for (std::size_t p = 0; p < a.of.size(); ++p) {
      const bool empty = a.of[p].first >= a.of[p].last;
      if (!empty && (a.of[p].first < b.of[p].first || a.of[p].last > b.of[p].last)) return false;
    }
    return true;
  }

  /// Some thread's part of a meets another thread's part of b, and one of them writes.
  bool meets(const Touch& a, int a_step, const Touch& b, int b_step) const {
    if (!(a.writes || b.writes) || !same_slot(a, a_step, b, b_step)) return false;
    if (a.by_lanes && b.by_lanes) return false;
    // What is written has one writer: each thread that keeps within its own meets nobody.
    if (!a.by_lanes && !b.by_lanes && (b.writes ? within(a, b) : within(b, a))) return false;
    for (std::size_t p = 0; p < a.of.size(); ++p) {
      for (std::size_t q = 0; q < b.of.size(); ++q) {
        if (p != q && std::max(a.of[p].first, b.of[q].first) < std::min(a.of[p].last, b.of[q].last))
          return true;
      }
    }
    return false;
  }
  bool meets(const std::vector<Touch>& a, int a_step, const std::vector<Touch>& b, int b_step) const {
    return std::any_of(a.begin(), a.end(), [&](const Touch& x) {
      return std::any_of(b.begin(), b.end(), [&](const Touch& y) { return meets(x, a_step, y, b_step); });
    });
  }

  /// Goes through some steps with the waits found so far; the first one that is missing is added.
  bool add_wait() {
    struct Done {
      int step;
      std::size_t instruction;
    };
    std::vector<Done> since;  // the last wait
    for (int step = 0; step < kSteps; ++step) {
      for (std::size_t k = 0; k < touches_.size(); ++k) {
        if (shares_[k].waits) since.clear();
        for (const Done& d : since) {
          if (!meets(touches_[d.instruction], d.step, touches_[k], step)) continue;
          shares_[k].waits = true;
          return true;
        }
        since.push_back({step, k});
      }
    }
    return false;
  }

  const Program& loop_;
  const std::vector<Buffer>& buffers_;
  const int parts_, panel_, direction_;
  std::vector<InstructionShares> shares_;
  std::vector<std::vector<Touch>> touches_;
};

}  // namespace

std::vector<InstructionShares> share_units(const Program& loop, const std::vector<Buffer>& buffers, int parts,
                                           int panel, bool reverse) {
  return Sharing(loop, buffers, parts, panel, reverse).make();
}

int waits_of(const std::vector<InstructionShares>& shares) {
  return static_cast<int>(
      std::count_if(shares.begin(), shares.end(), [](const InstructionShares& s) { return s.waits; }));
}

}  // namespace cellwright
