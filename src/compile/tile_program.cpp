// tile_program.cpp: start at TileProgram::make() and cut_product().
#include "compile/tile_program.h"

#include <algorithm>
#include <map>

#include "compile/pieces.h"
#include "compile/uses.h"

namespace cellwright {
namespace {

class TileProgram {
 public:
  TileProgram(const Graph& graph, const std::vector<TileStep>& steps, bool by_row,
              const std::vector<Place>& places, const std::vector<bool>& materialized)
      : graph_(graph), steps_(steps), places_(places), materialized_(materialized) {
    code_.by_row = by_row;
    for (const TileStep& step : steps) {
      code_.width = std::max(code_.width, graph[step.id].size);
      for (NodeId input : step.inputs) last_reader_[input] = step.id;
    }
  }

  Instruction make() {
    for (const TileStep& step : steps_) {
      const Node& node = graph_[step.id];
      if (step.op == Op::kConcat) {
        add_concat(step);
      } else {
        const int n = step.op == Op::kSum ? graph_[step.inputs[0]].size : node.size;
        TileInstruction t{step.op == Op::kSlice ? Op::kIdentity : step.op, -1, -1, -1, -1, n};
        const int offset = step.op == Op::kSlice ? node.offset : 0;
        t.a = read(step.inputs[0], offset);
        if (step.inputs.size() > 1) t.b = read(step.inputs[1], 0);
        if (step.inputs.size() > 2) t.c = read(step.inputs[2], 0);
        // Free before allocating: a tile may be written over its own last operand, except by an op that mixes
        // units.
        const bool in_place = is_pointwise(step.op);
        if (in_place) release(step);
        t.out = write(step.id, 0);
        if (!in_place) release(step);
        code_.tiles.push_back(t);
      }
    }
    code_.registers = static_cast<int>(register_free_.size());
    return std::move(code_);
  }

 private:
  void add_concat(const TileStep& step) {
    int offset = 0;
    // The target is taken before any part is released: it is written while later parts are still to be read.
    const int target = write(step.id, 0);
    for (NodeId input : step.inputs) {
      const int n = graph_[input].size;
      const int out = offset == 0 ? target : write(step.id, offset);
      code_.tiles.push_back({Op::kIdentity, out, read(input, 0), -1, -1, n});
      offset += n;
    }
    release(step);
  }

  int slot(Slot wanted) {
    for (std::size_t i = 0; i < code_.slots.size(); ++i) {
      const Slot& s = code_.slots[i];
      if (s.kind == wanted.kind && s.place.buffer == wanted.place.buffer &&
          s.place.shift == wanted.place.shift && s.index == wanted.index && s.offset == wanted.offset &&
          s.size == wanted.size && s.values == wanted.values) {
        return static_cast<int>(i);
      }
    }
    code_.slots.push_back(std::move(wanted));
    return static_cast<int>(code_.slots.size()) - 1;
  }

  int read(NodeId id, int offset) {
    const Node& node = graph_[id];
    Slot s;
    s.size = node.size;
    s.offset = offset;
    if (node.op == Op::kConstant) {
      s.kind = Slot::Kind::kConstant;
      s.values = node.values;
      if (s.values.size() > 1) s.values.erase(s.values.begin(), s.values.begin() + offset);
      s.offset = 0;
      code_.per_unit = code_.per_unit || node.values.size() > 1;
    } else if (node.op == Op::kParameter) {
      s.kind = Slot::Kind::kParameter;
      s.index = node.index;
      s.offset = node.offset + offset;
      code_.per_unit = true;
    } else if (const auto found = register_of_.find(id); found != register_of_.end()) {
      s.kind = Slot::Kind::kRegister;
      s.index = found->second;
    } else {
      s.kind = Slot::Kind::kMemory;
      s.place = places_[static_cast<std::size_t>(id)];
    }
    return slot(std::move(s));
  }

  int write(NodeId id, int offset) {
    Slot s;
    s.size = graph_[id].size;
    s.offset = offset;
    if (materialized_[static_cast<std::size_t>(id)]) {
      s.kind = Slot::Kind::kMemory;
      s.place = places_[static_cast<std::size_t>(id)];
      return slot(std::move(s));
    }
    s.kind = Slot::Kind::kRegister;
    if (!register_of_.count(id)) {
      auto free = std::find(register_free_.begin(), register_free_.end(), true);
      if (free == register_free_.end()) free = register_free_.insert(free, true);
      *free = false;
      register_of_[id] = static_cast<int>(free - register_free_.begin());
    }
    s.index = register_of_[id];
    return slot(std::move(s));
  }

  void release(const TileStep& reader) {
    for (NodeId input : reader.inputs) {
      const auto found = register_of_.find(input);
      if (found == register_of_.end() || last_reader_[input] != reader.id) continue;
      register_free_[static_cast<std::size_t>(found->second)] = true;
    }
  }

  const Graph& graph_;
  const std::vector<TileStep>& steps_;
  const std::vector<Place>& places_;
  const std::vector<bool>& materialized_;
  Instruction code_;
  std::map<NodeId, NodeId> last_reader_;
  std::map<NodeId, int> register_of_;
  std::vector<bool> register_free_;
};

}  // namespace

Instruction make_tile_program(const Graph& graph, const std::vector<TileStep>& steps, bool by_row,
                              const std::vector<Place>& places, const std::vector<bool>& materialized) {
  return TileProgram(graph, steps, by_row, places, materialized).make();
}

Slot make_operand(const Graph& graph, NodeId id, const std::vector<Place>& places) {
  const Node& node = graph[id];
  Slot s;
  s.size = node.size;
  if (node.op == Op::kConstant) {
    s.kind = Slot::Kind::kConstant;
    s.values = node.values;
  } else if (node.op == Op::kParameter) {
    s.kind = Slot::Kind::kParameter;
    s.index = node.index;
    s.offset = node.offset;
  } else {
    s.kind = Slot::Kind::kMemory;
    s.place = places[static_cast<std::size_t>(id)];
  }
  return s;
}

std::vector<ProductOutput> cut_product(const Graph& graph, const std::vector<Piece>& pieces, NodeId product,
                                       Place operand, const ProductOutput& base) {
  const Node& node = graph[product];
  const int operand_size = graph[node.inputs[0]].size;
  const bool transposed = node.op == Op::kMatmulTransposed;
  const int rows = transposed ? operand_size : node.size, columns = transposed ? node.size : operand_size;
  std::vector<ProductOutput> outputs;
  for (int piece : pieces_within(pieces, node.index, node.row, rows, node.column, columns)) {
    const Piece& p = pieces[static_cast<std::size_t>(piece)];
    const int row = p.row - node.row, column = p.column - node.column;
    const ProductTerm term{operand, operand_size, transposed ? row : column, piece, transposed, 1};
    const int offset = transposed ? column : row, width = transposed ? p.columns : p.rows;
    const auto same = std::find_if(outputs.begin(), outputs.end(), [&](const ProductOutput& o) {
      return o.offset == offset && o.width == width;
    });
    if (same != outputs.end()) {
      same->terms.push_back(term);
      continue;
    }
    ProductOutput out = base;
    out.offset = offset;
    out.width = width;
    if (out.start == ProductOutput::Start::kBias) out.bias_offset += offset;
    out.terms = {term};
    outputs.push_back(std::move(out));
  }
  return outputs;
}

bool same_cut(const std::vector<ProductOutput>& a, const std::vector<ProductOutput>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const ProductOutput& x, const ProductOutput& y) {
                      return x.offset == y.offset && x.width == y.width;
                    });
}

}  // namespace cellwright
