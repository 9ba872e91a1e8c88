// ahead.cpp: see ahead.h.
#include "run/ahead.h"

#include <algorithm>

namespace cellwright {
namespace {

std::vector<Place> touched_by(const Instruction& i) {
  std::vector<Place> places;
  for (const ProductOutput& o : i.products) {
    places.push_back(o.out);
    for (const ProductTerm& t : o.terms) places.push_back(t.operand);
  }
  for (const Slot& s : i.slots) {
    if (s.kind == Slot::Kind::kMemory) places.push_back(s.place);
  }
  return places;
}

}  // namespace

std::vector<std::vector<AheadRows>> find_ahead(const Plan& plan, const Program& loop, int direction) {
  const std::size_t count = loop.instructions.size();
  std::vector<std::vector<AheadRows>> ahead(count);
  const auto array = [&](int buffer) {
    const int other = plan.buffers[static_cast<std::size_t>(buffer)].in_place_of;
    return other >= 0 ? other : buffer;
  };
  std::vector<std::vector<Place>> touched;
  for (const Instruction& i : loop.instructions) touched.push_back(touched_by(i));
  // Array and shift touched by instructions [0, last).
  const auto was_touched = [&](int buffer, int shift, std::size_t last) {
    return std::any_of(touched.begin(), touched.begin() + static_cast<std::ptrdiff_t>(last), [&](const auto& places) {
      return std::any_of(places.begin(), places.end(), [&](Place p) {
        return array(p.buffer) == array(buffer) && p.shift == shift;
      });
    });
  };
  for (std::size_t i = 0; i < count; ++i) {
    if (loop.instructions[i].products.empty()) continue;
    std::vector<AheadRows>& mine = ahead[i];
    for (std::size_t n = 1; n <= count; ++n) {
      const std::size_t at = (i + n) % count;
      const bool wraps = i + n >= count;
      for (Place p : touched[at]) {
        const Buffer& b = plan.buffers[static_cast<std::size_t>(p.buffer)];
        if (b.ring != 0 || b.size == 0) continue;
        // The step before came by here, or this one has.
        if (was_touched(p.buffer, p.shift + direction, count) || (!wraps && was_touched(p.buffer, p.shift, i + 1)))
          continue;
        const bool known = std::any_of(mine.begin(), mine.end(), [&](const AheadRows& a) {
          return array(a.buffer) == array(p.buffer) && a.shift == p.shift && a.steps == (wraps ? direction : 0);
        });
        if (!known) mine.push_back({p.buffer, wraps ? direction : 0, p.shift});
      }
      if (!loop.instructions[at].products.empty()) break;
    }
  }
  return ahead;
}

}  // namespace cellwright
