// push_slices.cpp: gates that a cell cuts out of one long vector become expressions, and so products, of
// their own.
//
// A slice moves through pointwise ops down to rows of a product, entries of a parameter, parts of a
// concatenation. It stays where the value is needed whole anyhow (then it is computed anyhow, and cutting it
// up would compute it twice), over ops that mix units, over inputs and states, and over products with a
// structured matrix.

#include <algorithm>
#include <map>
#include <tuple>

#include "graph/op_table.h"
#include "graph/passes.h"
#include "graph/rewrite.h"

namespace cellwright {
namespace {

using Piece = std::tuple<NodeId, int, int>;  // node of the old graph, offset, size

class SlicePusher {
 public:
  explicit SlicePusher(const Graph& graph) : in_(graph), out_(without_nodes(graph)), builder_(out_) {
    find_whole();
  }

  Graph run() {
    for (NodeId id = 0; id < static_cast<NodeId>(in_.nodes.size()); ++id) {
      Node node = in_[id];
      builder_.at(node.where);
      if (node.op == Op::kSlice) {
        const NodeId piece = resolve({node.inputs[0], node.offset, node.size});
        new_ids_.push_back(builder_.name(piece, node.name, node.where));
        continue;
      }
      for (NodeId& i : node.inputs) i = new_ids_[static_cast<std::size_t>(i)];
      new_ids_.push_back(builder_.add(std::move(node)));
    }
    remap_roots(out_, new_ids_);
    return std::move(out_);
  }

 private:
  /// Ops whose slice is the same op on slices of the operands.
  bool cuts_operands(const Node& node) const {
    if (node.op == Op::kConcat) return true;
    // A clock's groups are whole; so is what they select.
    return is_pointwise(node.op) && !(node.op == Op::kSelect && in_[node.inputs[0]].op == Op::kClock);
  }

  bool is_cut(const Node& node) const {
    if (node.op == Op::kMatmul) {
      return in_.parameters[static_cast<std::size_t>(node.index)].structure == Structure::kDense;
    }
    return cuts_operands(node) || node.op == Op::kSlice || node.op == Op::kParameter ||
           node.op == Op::kConstant || node.op == Op::kBroadcast;
  }

  void find_whole() {
    whole_.assign(in_.nodes.size(), 0);
    const auto mark = [&](NodeId id) {
      if (id != kNoNode) whole_[static_cast<std::size_t>(id)] = 1;
    };
    for (const Port& p : in_.outputs) mark(p.node);
    for (const State& s : in_.states) mark(s.next);
    for (const Loss& l : in_.losses) mark(l.node);
    for (NodeId id = static_cast<NodeId>(in_.nodes.size()) - 1; id >= 0; --id) {
      const Node& node = in_[id];
      // A second name that nothing reads asks for nothing.
      if (node.op == Op::kSlice || node.op == Op::kIdentity) continue;
      if (cuts_operands(node) && !whole_[static_cast<std::size_t>(id)]) continue;
      for (NodeId i : node.inputs) mark(i);
    }
  }

  /// The new node that holds a piece of an old one. A list of what is still to do in place of recursion:
  /// chains may be long.
  NodeId resolve(const Piece& wanted) {
    std::vector<Piece> open{wanted};
    while (!open.empty()) {
      const Piece piece = open.back();
      if (done_.count(piece) != 0) {
        open.pop_back();
        continue;
      }
      const std::vector<Piece> operands = operands_of(piece);
      bool ready = true;
      for (auto operand = operands.rbegin(); operand != operands.rend();
           ++operand) {  // so that the first is built first
        if (done_.count(*operand) != 0) continue;
        open.push_back(*operand);
        ready = false;
      }
      if (!ready) continue;
      done_[piece] = build(piece, operands);
      open.pop_back();
    }
    return done_[wanted];
  }

  bool stays(const Piece& piece) const {
    const auto [id, offset, size] = piece;
    const Node& node = in_[id];
    if (offset == 0 && size == node.size) return true;
    // Pieces of parts cost nothing even where the concatenation is needed.
    if (node.op == Op::kConcat || node.op == Op::kSlice || is_leaf(node.op)) return !is_cut(node);
    return whole_[static_cast<std::size_t>(id)] != 0 || !is_cut(node);
  }

  std::vector<Piece> operands_of(const Piece& piece) const {
    const auto [id, offset, size] = piece;
    const Node& node = in_[id];
    std::vector<Piece> out;
    if (stays(piece)) return out;
    if (node.op == Op::kSlice) {
      out.emplace_back(node.inputs[0], node.offset + offset, size);
    } else if (node.op == Op::kConcat) {
      int begin = 0;
      for (NodeId part : node.inputs) {
        const int end = begin + in_[part].size;
        const int from = std::max(begin, offset), to = std::min(end, offset + size);
        if (from < to) out.emplace_back(part, from - begin, to - from);
        begin = end;
      }
    } else if (is_pointwise(node.op)) {
      for (NodeId i : node.inputs) {
        const bool fits_any = in_[i].size == 1;
        out.emplace_back(i, fits_any ? 0 : offset, fits_any ? 1 : size);
      }
    }
    return out;
  }

  NodeId build(const Piece& piece, const std::vector<Piece>& operands) {
    const auto [id, offset, size] = piece;
    const NodeId whole = new_ids_[static_cast<std::size_t>(id)];
    std::vector<NodeId> inputs;
    for (const Piece& operand : operands) inputs.push_back(done_[operand]);
    Node node = in_[id];
    if (stays(piece)) return builder_.slice(whole, offset, size);
    if (node.op == Op::kSlice) return inputs[0];
    if (node.op == Op::kConcat) return builder_.concat(std::move(inputs));
    if (node.op == Op::kParameter || node.op == Op::kConstant || node.op == Op::kBroadcast) {
      return builder_.slice(whole, offset, size);  // which the builder resolves
    }
    node.name.clear();
    node.size = size;
    if (node.op == Op::kMatmul) {
      node.row += offset;
      node.inputs = {new_ids_[static_cast<std::size_t>(node.inputs[0])]};
    } else {
      node.inputs = std::move(inputs);
    }
    return builder_.add(std::move(node));
  }

  const Graph& in_;
  Graph out_;
  GraphBuilder builder_;
  std::vector<NodeId> new_ids_;
  std::vector<char> whole_;
  std::map<Piece, NodeId> done_;
};

}  // namespace

Graph push_slices(const Graph& graph) { return SlicePusher(graph).run(); }

}  // namespace cellwright
