// print_plan.cpp: a plan as text for people. One line an instruction; weights by their parameter's name and
// block.
#include <fmt/format.h>

#include "compile/plan.h"
#include "graph/op_table.h"

namespace cellwright {
namespace {

class Printer {
 public:
  explicit Printer(const Plan& plan) : plan_(plan) {}

  std::string print() {
    const Graph& g = plan_.graph;
    fmt::format_to(out(), "cell {}: {} parameters, {} for {}\n", g.name, parameter_count(g),
                   g.nodes.size() == 1 ? "1 node" : fmt::format("{} nodes", g.nodes.size()),
                   plan_.training ? "training" : "inference");
    fmt::format_to(out(), "\nstates\n");
    for (std::size_t s = 0; s < g.states.size(); ++s) {
      fmt::format_to(out(), "  {} [{}]{}\n", g.states[s].name, g.states[s].size,
                     plan_.states[s].scanned     ? ", carried by a scan"
                     : plan_.states[s].recurrent ? ""
                                                 : ", known before the loop");
    }
    program("forward, before the loop: all steps at once", plan_.forward_before);
    program("forward, each step", plan_.forward_loop);
    program("forward, after the loop: all steps at once", plan_.forward_after);
    if (!plan_.training) return std::move(text_);
    program("backward, before the loop: all steps at once", plan_.backward_before);
    program("backward, each step, last first", plan_.backward_loop);
    program("backward, after the loop: all steps at once", plan_.backward_after);
    gradients();
    fmt::format_to(out(), "\nkept for all steps: {} numbers a step and lane; for the step alone: {}\n",
                   kept(true), kept(false));
    return std::move(text_);
  }

 private:
  std::back_insert_iterator<std::string> out() { return std::back_inserter(text_); }

  std::string place(Place p) const {
    const Buffer& b = plan_.buffers[static_cast<std::size_t>(p.buffer)];
    if (b.kind == Buffer::Kind::kState) {
      const std::string& name = plan_.graph.states[static_cast<std::size_t>(b.index)].name;
      return p.shift == 1 ? name : b.name;
    }
    if (b.kind == Buffer::Kind::kAdjointState && p.shift == 1)
      return fmt::format("d_{}", plan_.graph.states[static_cast<std::size_t>(b.index)].name);
    return b.name;
  }

  std::string piece(int index, bool transposed) const {
    const Piece& p = plan_.pieces[static_cast<std::size_t>(index)];
    const Parameter& whole = plan_.graph.parameters[static_cast<std::size_t>(p.parameter)];
    const bool all = p.rows == whole.rows && p.columns == whole.columns;
    std::string name = whole.name;
    if (!all && p.matrix)
      name += fmt::format("[{}:{},{}:{}]", p.row, p.row + p.rows, p.column, p.column + p.columns);
    if (!all && !p.matrix) name += fmt::format("[{}:{}]", p.row, p.row + p.rows);
    return transposed ? name + "ᵀ" : name;
  }

  std::string slot(const Slot& s) const {
    switch (s.kind) {
      case Slot::Kind::kRegister:
        return fmt::format("r{}{}", s.index, s.offset ? fmt::format("+{}", s.offset) : "");
      case Slot::Kind::kMemory:
        return place(s.place) + (s.offset ? fmt::format("+{}", s.offset) : "");
      case Slot::Kind::kParameter:
        return plan_.graph.parameters[static_cast<std::size_t>(s.index)].name +
               (s.offset ? fmt::format("+{}", s.offset) : "");
      case Slot::Kind::kConstant:
        return s.values.size() == 1 ? fmt::format("{:g}", s.values[0]) : "constants";
    }
    return "";
  }

  void program(const char* title, const Program& p) {
    if (p.instructions.empty()) return;
    fmt::format_to(out(), "\n{}\n", title);
    for (const Instruction& i : p.instructions) {
      for (const ProductOutput& o : i.products) {
        std::string sum = o.start == ProductOutput::Start::kBias
                              ? plan_.graph.parameters[static_cast<std::size_t>(o.bias_parameter)].name
                              : "";
        for (const ProductTerm& t : o.terms) {
          if (!sum.empty()) sum += " + ";
          sum += fmt::format("{}·{}", piece(t.piece, t.transposed), place(t.operand));
          if (t.period > 1) sum += fmt::format(" (every {} steps)", t.period);
        }
        fmt::format_to(out(), "  product    {} {} {}{}\n", place(o.out),
                       o.start == ProductOutput::Start::kAccumulate ? "+=" : "=", sum, every(o.period));
      }
      if (i.scan.size > 0) scan(i.scan);
      if (i.tiles.empty()) continue;
      fmt::format_to(out(), "  pointwise  {} units, {} tiles of its own, {} arrays{}\n", i.width, i.registers,
                     memory_slots(i), i.by_row ? ", row by row" : "");
      for (const TileInstruction& t : i.tiles) {
        std::string line = fmt::format("    {} = {} {}", slot(i.slots[static_cast<std::size_t>(t.out)]),
                                       op_name(t.op), slot(i.slots[static_cast<std::size_t>(t.a)]));
        for (int more : {t.b, t.c}) {
          if (more >= 0) line += ", " + slot(i.slots[static_cast<std::size_t>(more)]);
        }
        text_ += line + "\n";
      }
    }
  }

  void scan(const Scan& s) {
    fmt::format_to(out(), "  scan       {} = {} ⊙ {} + {}, {}in chunks of {} steps, from {} steps on\n",
                   place(s.next), slot(s.a), place(s.previous), slot(s.b),
                   s.previous.shift > s.next.shift ? "last first, " : "", plan_.scan_chunk,
                   4 * plan_.scan_chunk);
  }

  static std::string every(int period) { return period > 1 ? fmt::format(", every {} steps", period) : ""; }

  static int memory_slots(const Instruction& i) {
    int n = 0;
    for (const Slot& s : i.slots) n += s.kind == Slot::Kind::kMemory;
    return n;
  }

  void gradients() {
    fmt::format_to(out(), "\ngradients of weights, one product over all steps and lanes\n");
    for (const WeightGradientTask& t : plan_.weight_gradients) {
      fmt::format_to(out(), "  product    d_{} += {} ⊗ {}{}\n", piece(t.piece, false), place(t.d),
                     place(t.operand), every(t.period));
    }
    for (const VectorGradientTask& t : plan_.vector_gradients) {
      fmt::format_to(out(), "  sum        d_{} += {}{}{}\n", piece(t.piece, false), place(t.d),
                     t.times.buffer >= 0 ? " ⊙ " + place(t.times) : "", every(t.period));
    }
  }

  std::size_t kept(bool all_steps) const {
    std::size_t numbers = 0;
    for (const Buffer& b : plan_.buffers) {
      if ((b.ring == 0) == all_steps && b.in_place_of < 0)
        numbers += static_cast<std::size_t>(b.size) * static_cast<std::size_t>(b.ring == 0 ? 1 : b.ring);
    }
    return numbers;
  }

  const Plan& plan_;
  std::string text_;
};

}  // namespace

std::string print_plan(const Plan& plan) { return Printer(plan).print(); }

}  // namespace cellwright
