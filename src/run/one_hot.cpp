// one_hot.cpp: see one_hot.h.
#include "run/one_hot.h"

#include <algorithm>

namespace cellwright {

bool takes_one_hot(const Plan& plan, int port) {
  const auto is_port = [&](Place place) {
    if (place.buffer < 0) return false;
    const Buffer& b = plan.buffers[static_cast<std::size_t>(place.buffer)];
    return b.kind == Buffer::Kind::kInput && b.index == port;
  };
  const auto whole = [&](int piece, int size, int offset) {
    return offset == 0 && plan.pieces[static_cast<std::size_t>(piece)].columns == size;
  };
  const auto read_by = [&](const Slot& s) { return s.kind == Slot::Kind::kMemory && is_port(s.place); };
  for (const Program* program : {&plan.forward_before, &plan.forward_loop, &plan.forward_after,
                                 &plan.backward_before, &plan.backward_loop, &plan.backward_after}) {
    for (const Instruction& i : program->instructions) {
      if (std::any_of(i.slots.begin(), i.slots.end(), read_by)) return false;
      if (i.scan.size > 0 && (read_by(i.scan.a) || read_by(i.scan.b))) return false;
      for (const ProductOutput& o : i.products) {
        for (const ProductTerm& t : o.terms) {
          if (is_port(t.operand) && (t.transposed || !whole(t.piece, t.operand_size, t.operand_offset))) return false;
        }
      }
    }
  }
  for (const WeightGradientTask& t : plan.weight_gradients) {
    if (is_port(t.d) || (is_port(t.operand) && !whole(t.piece, t.operand_size, t.operand_offset))) return false;
  }
  for (const VectorGradientTask& t : plan.vector_gradients) {
    if (is_port(t.d) || is_port(t.times)) return false;
  }
  return std::none_of(plan.outputs.begin(), plan.outputs.end(), is_port) &&
         std::none_of(plan.losses.begin(), plan.losses.end(), is_port) && plan.observed.empty();
}

}  // namespace cellwright
