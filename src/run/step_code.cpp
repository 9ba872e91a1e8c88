// step_code.cpp: start at make_step_code(), then join().
#include "run/step_code.h"

#include <algorithm>

#include "cellwright/error.h"

namespace cellwright {
namespace {

bool same(Place a, Place b) { return a.buffer == b.buffer && a.shift == b.shift; }

bool overlap(const ProductOutput& a, const ProductOutput& b) {
  return same(a.out, b.out) && a.offset < b.offset + b.width && b.offset < a.offset + a.width;
}

bool same_elements(const ProductOutput& a, const ProductOutput& b) {
  return same(a.out, b.out) && a.offset == b.offset && a.width == b.width;
}

bool reads(const ProductOutput& output, Place place) {
  return std::any_of(output.terms.begin(), output.terms.end(),
                     [&](const ProductTerm& t) { return same(t.operand, place); });
}

/// Whether `code` reads or writes an element of `output`.
bool touches(const StepInstruction& code, const ProductOutput& output) {
  if (code.products.empty()) {
    return std::any_of(code.tiles.slots.begin(), code.tiles.slots.end(), [&](const Slot& s) {
      return s.kind == Slot::Kind::kMemory && same(s.place, output.out);
    });
  }
  return std::any_of(code.products.begin(), code.products.end(),
                     [&](const ProductOutput& o) { return overlap(o, output) || reads(o, output.out); });
}

/// Whether `code` writes what the terms of `output` read.
bool writes_operand(const StepInstruction& code, const ProductOutput& output) {
  if (code.products.empty()) {
    return std::any_of(code.tiles.tiles.begin(), code.tiles.tiles.end(), [&](const TileInstruction& t) {
      const Slot& s = code.tiles.slots[static_cast<std::size_t>(t.out)];
      return s.kind == Slot::Kind::kMemory && reads(output, s.place);
    });
  }
  return std::any_of(code.products.begin(), code.products.end(),
                     [&](const ProductOutput& o) { return reads(output, o.out); });
}

/// `later` goes on from what an earlier instruction leaves in its elements. If nothing in between minds, the
/// earlier chain moves to the front of this one, and the elements are neither stored nor loaded between.
void join(std::vector<StepInstruction>& code, ProductOutput& later) {
  for (std::size_t i = code.size(); i-- > 0;) {
    std::vector<ProductOutput>& products = code[i].products;
    const auto earlier = std::find_if(products.begin(), products.end(),
                                      [&](const ProductOutput& o) { return same_elements(o, later); });
    if (earlier == products.end()) {
      if (touches(code[i], later)) return;
      continue;
    }
    if (earlier->period != later.period) return;
    for (std::size_t between = i; between < code.size(); ++between) {
      if (writes_operand(code[between], *earlier)) return;
    }
    later.terms.insert(later.terms.begin(), earlier->terms.begin(), earlier->terms.end());
    later.start = earlier->start;
    later.bias_parameter = earlier->bias_parameter;
    later.bias_offset = earlier->bias_offset;
    products.erase(earlier);
    return;
  }
}

/// One step of a scan, in the order in which its kernel rounds.
Instruction one_step(const Scan& scan) {
  const auto memory = [&](Place place) {
    Slot s;
    s.kind = Slot::Kind::kMemory;
    s.place = place;
    s.size = scan.size;
    return s;
  };
  Slot carried;
  carried.size = scan.size;
  carried.index = 0;
  Instruction code;
  code.slots = {scan.a, memory(scan.previous), carried, scan.b, memory(scan.next)};
  code.tiles = {{Op::kMul, 2, 0, 1, -1, scan.size}, {Op::kAdd, 4, 2, 3, -1, scan.size}};
  code.registers = 1;
  code.width = scan.size;
  for (const Slot* s : {&scan.a, &scan.b}) {
    code.per_unit = code.per_unit || s->kind == Slot::Kind::kParameter ||
                    (s->kind == Slot::Kind::kConstant && s->values.size() > 1);
  }
  return code;
}

}  // namespace

StepCode make_step_code(const Plan& plan) {
  if (plan.training) throw InternalError("a single step wants a plan for inference");
  StepCode code;
  std::vector<StepInstruction>& list = code.instructions;
  for (const Program* program : {&plan.forward_before, &plan.forward_loop, &plan.forward_after}) {
    for (const Instruction& instruction : program->instructions) {
      StepInstruction next;
      if (instruction.scan.size > 0) {
        next.tiles = one_step(instruction.scan);
      } else if (instruction.products.empty()) {
        next.tiles = instruction;
      } else {
        next.products = instruction.products;
      }
      for (ProductOutput& output : next.products) {
        if (output.start == ProductOutput::Start::kAccumulate) join(list, output);
      }
      list.push_back(std::move(next));
    }
  }
  list.erase(
      std::remove_if(list.begin(), list.end(),
                     [](const StepInstruction& c) { return c.tiles.tiles.empty() && c.products.empty(); }),
      list.end());
  batch_activations(plan, code);
  return code;
}

}  // namespace cellwright
