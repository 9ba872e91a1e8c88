// joins.cpp: see joins.h.
#include "compile/joins.h"

#include <algorithm>
#include <vector>

namespace cellwright {
namespace {

struct Touch {
  Place place;
  bool writes;
};

std::vector<Touch> touches(const Instruction& i) {
  std::vector<Touch> all;
  for (const ProductOutput& o : i.products) {
    all.push_back({o.out, true});
    for (const ProductTerm& t : o.terms) all.push_back({t.operand, false});
  }
  for (const TileInstruction& t : i.tiles) {
    const auto add = [&](int slot, bool writes) {
      if (slot < 0) return;
      const Slot& s = i.slots[static_cast<std::size_t>(slot)];
      if (s.kind == Slot::Kind::kMemory) all.push_back({s.place, writes});
    };
    add(t.out, true);
    for (const int read : {t.a, t.b, t.c}) add(read, false);
  }
  return all;
}

bool apart(const std::vector<Buffer>& buffers, const Touch& a, const Touch& b) {
  const auto array = [&](int buffer) {
    const int other = buffers[static_cast<std::size_t>(buffer)].in_place_of;
    return other >= 0 ? other : buffer;
  };
  return array(a.place.buffer) == array(b.place.buffer) && a.place.shift != b.place.shift &&
         (a.writes || b.writes);
}

}  // namespace

void find_joins(const std::vector<Buffer>& buffers, Program& program) {
  std::vector<Touch> group;
  bool open = false;  // what came last is not a scan
  for (Instruction& i : program.instructions) {
    const std::vector<Touch> mine = touches(i);
    i.joins = open && i.scan.size == 0 && std::none_of(mine.begin(), mine.end(), [&](const Touch& a) {
                return std::any_of(group.begin(), group.end(),
                                   [&](const Touch& b) { return apart(buffers, a, b); });
              });
    if (!i.joins) group.clear();
    group.insert(group.end(), mine.begin(), mine.end());
    open = i.scan.size == 0;
  }
}

}  // namespace cellwright
