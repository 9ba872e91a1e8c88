// step_batch.cpp: one call for the same activation of several values. Start at batch_activations().
//
// A step of few units spends as long on calls as on numbers. An LSTM's three sigmoids become one: their
// arrays are laid side by side, and the activations stand where their arguments stood.
#include <algorithm>

#include "graph/op_table.h"
#include "run/step_code.h"

namespace cellwright {
namespace {

bool is_at(const Slot& slot, Place place) {
  return slot.kind == Slot::Kind::kMemory && slot.place.buffer == place.buffer &&
         slot.place.shift == place.shift;
}

/// Uses of a value's array by everything but the product that makes it and tile number `own` of `tiles`.
struct Uses {
  bool here = false;         ///< by another tile of `tiles`
  bool here_before = false;  ///< by one before `own`
  bool elsewhere = false;
};

Uses find_uses(const Plan& plan, const std::vector<StepInstruction>& code, const StepInstruction& in,
               std::size_t own, Place place) {
  Uses uses;
  for (const std::vector<Place>* list : {&plan.outputs, &plan.losses}) {
    for (const Place& p : *list) uses.elsewhere = uses.elsewhere || (p.buffer == place.buffer);
  }
  for (const StepInstruction& c : code) {
    for (const ProductOutput& o : c.products) {
      for (const ProductTerm& t : o.terms)
        uses.elsewhere = uses.elsewhere || t.operand.buffer == place.buffer;
    }
    for (const Slot& s : c.tiles.slots) uses.elsewhere = uses.elsewhere || (&c != &in && is_at(s, place));
  }
  for (std::size_t i = 0; i < in.tiles.tiles.size(); ++i) {
    const TileInstruction& t = in.tiles.tiles[i];
    for (const int slot : {t.out, t.a, t.b, t.c}) {
      if (i == own || slot < 0 || !is_at(in.tiles.slots[static_cast<std::size_t>(slot)], place)) continue;
      uses.here = true;
      uses.here_before = uses.here_before || i < own;
    }
  }
  return uses;
}

/// Whether tile number `own` may be done at any earlier place of its instruction, over its own argument.
bool may_batch(const Plan& plan, const std::vector<StepInstruction>& code, const StepInstruction& in,
               std::size_t own) {
  const TileInstruction& t = in.tiles.tiles[own];
  if (!is_pointwise(t.op) || t.a < 0 || t.b >= 0 || t.c >= 0) return false;
  const Slot &a = in.tiles.slots[static_cast<std::size_t>(t.a)],
             &out = in.tiles.slots[static_cast<std::size_t>(t.out)];
  if (a.kind != Slot::Kind::kMemory || a.offset != 0 || a.size != in.tiles.width ||
      plan.buffers[static_cast<std::size_t>(a.place.buffer)].kind != Buffer::Kind::kValue)
    return false;
  const Uses uses = find_uses(plan, code, in, own, a.place);
  if (is_at(out, a.place)) return !uses.here_before;  // others read the activation, and behind it
  if (out.kind != Slot::Kind::kRegister || uses.here || uses.elsewhere) return false;
  return std::none_of(in.tiles.slots.begin(), in.tiles.slots.end(), [&](const Slot& s) {
    return s.kind == Slot::Kind::kRegister && s.index == out.index && (s.offset != 0 || s.size != out.size);
  });
}

/// What reads the result of tile number `own` finds it in the argument's array.
void leave_in_place(Instruction& tiles, std::size_t own) {
  const int from = tiles.tiles[own].out, to = tiles.tiles[own].a;
  for (std::size_t i = own + 1; i < tiles.tiles.size() && from != to; ++i) {
    TileInstruction& t = tiles.tiles[i];
    for (int* slot : {&t.a, &t.b, &t.c}) {
      if (*slot == from) *slot = to;
    }
    if (t.out == from) break;
  }
  tiles.tiles[own].out = to;
}

}  // namespace

void batch_activations(const Plan& plan, StepCode& code) {
  for (StepInstruction& in : code.instructions) {
    in.repeats.assign(in.tiles.tiles.size(), 1);
    if (in.tiles.by_row) continue;
    for (std::size_t first = 0; first < in.tiles.tiles.size(); ++first) {
      if (!may_batch(plan, code.instructions, in, first)) continue;
      std::vector<std::size_t> same = {first};
      for (std::size_t i = first + 1; i < in.tiles.tiles.size(); ++i) {
        if (in.tiles.tiles[i].op == in.tiles.tiles[first].op && may_batch(plan, code.instructions, in, i))
          same.push_back(i);
      }
      if (same.size() == 1) continue;
      code.adjacent.emplace_back();
      for (const std::size_t i : same) {
        code.adjacent.back().push_back(
            in.tiles.slots[static_cast<std::size_t>(in.tiles.tiles[i].a)].place.buffer);
        leave_in_place(in.tiles, i);
      }
      in.repeats[first] = static_cast<int>(same.size());
      for (std::size_t i = same.size(); i-- > 1;) {
        in.tiles.tiles.erase(in.tiles.tiles.begin() + static_cast<std::ptrdiff_t>(same[i]));
        in.repeats.erase(in.repeats.begin() + static_cast<std::ptrdiff_t>(same[i]));
      }
    }
  }
}

}  // namespace cellwright
