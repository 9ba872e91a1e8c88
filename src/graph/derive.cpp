#include "graph/derive.h"

#include <algorithm>

#include "graph/builder.h"
#include "graph/canonicalize.h"
#include "graph/derivative_rules.h"
#include "graph/op_table.h"

namespace cellwright {
namespace {

class ReverseMode : public AdjointSink {
 public:
  explicit ReverseMode(Graph& graph) : graph_(graph), builder_(graph) {
    back_.first = static_cast<NodeId>(graph.nodes.size());
    back_.d_inputs.assign(graph.inputs.size(), kNoNode);
    back_.d_previous.assign(graph.states.size(), kNoNode);
    sums_.assign(graph.nodes.size(), kNoNode);
    pieces_.resize(graph.nodes.size());
    find_wanted();
  }

  Backward run(const std::vector<NodeId>& observed) {
    seed();
    for (NodeId id = back_.first - 1; id >= 0; --id) {
      if (!wants(id)) continue;
      builder_.at(graph_[id].where);
      add_pieces(id);
      const NodeId d = sums_[at(id)];
      if (d != kNoNode && !builder_.is_constant(d, 0)) pass_back(builder_, id, d, *this);
    }
    for (NodeId id : observed) back_.d_observed.push_back(id == kNoNode ? kNoNode : sums_[at(id)]);
    std::reverse(back_.vectors.begin(), back_.vectors.end());
    std::reverse(back_.matrices.begin(), back_.matrices.end());
    return std::move(back_);
  }

  bool wants(NodeId id) const override { return wanted_[at(id)] != 0; }

  void add(NodeId id, NodeId d) override {
    if (!wants(id)) return;
    NodeId& sum = sums_[at(id)];
    sum = sum == kNoNode ? d : builder_.pointwise(Op::kAdd, sum, d);
  }

  void add_slice(NodeId id, int offset, NodeId d) override {
    if (wants(id)) pieces_[at(id)].push_back({offset, d});
  }

  void add_matrix(NodeId matmul, NodeId d) override { back_.matrices.push_back({matmul, d}); }

  void add_leaf(NodeId leaf, NodeId d) override {
    const Node& node = graph_[leaf];
    if (node.op == Op::kParameter) {
      back_.vectors.push_back({node.index, node.offset, d, kNoNode});
      return;
    }
    NodeId& total = node.op == Op::kInput ? back_.d_inputs[at(node.index)] : back_.d_previous[at(node.index)];
    total = total == kNoNode ? d : builder_.pointwise(Op::kAdd, total, d);
  }

 private:
  struct Piece {
    int offset;
    NodeId d;
  };

  static std::size_t at(int i) { return static_cast<std::size_t>(i); }

  /// A gradient matters to a value that depends on an input, a state or a parameter through ops that have
  /// derivatives.
  void find_wanted() {
    wanted_.assign(graph_.nodes.size(), 0);
    for (std::size_t id = 0; id < graph_.nodes.size(); ++id) {
      const Node& node = graph_.nodes[id];
      switch (node.op) {
        case Op::kInput:
        case Op::kPrevious:
        case Op::kParameter:
        case Op::kMatmul:
          wanted_[id] = 1;
          break;
        case Op::kStep:
        case Op::kSign:
        case Op::kInRange:
          break;
        default:
          for (std::size_t i = node.op == Op::kSelect ? 1 : 0; i < node.inputs.size(); ++i) {
            if (wants(node.inputs[i])) wanted_[id] = 1;
          }
      }
    }
  }

  /// The gradients given from outside, added in the order outputs, states, losses.
  void seed() {
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i)
      seed(graph_.outputs[i].node, Op::kAdjointOutput, i);
    for (std::size_t i = 0; i < graph_.states.size(); ++i) seed(graph_.states[i].next, Op::kAdjointState, i);
    for (std::size_t i = 0; i < graph_.losses.size(); ++i) seed(graph_.losses[i].node, Op::kAdjointLoss, i);
  }

  void seed(NodeId id, Op op, std::size_t index) {
    if (id == kNoNode || !wants(id)) return;
    Node given;
    given.op = op;
    given.index = static_cast<int>(index);
    given.size = graph_[id].size;
    given.scalar = graph_[id].scalar;
    given.where = graph_[id].where;
    add(id, builder_.add(std::move(given)));
  }

  /// Readers of disjoint slices of a value make one gradient: their own side by side, zeros between.
  void add_pieces(NodeId id) {
    std::vector<Piece>& pieces = pieces_[at(id)];
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Piece& a, const Piece& b) { return a.offset < b.offset; });
    const int size = graph_[id].size;
    while (!pieces.empty()) {
      std::vector<Piece> overlapping;
      std::vector<NodeId> parts;
      int end = 0;
      for (const Piece& piece : pieces) {
        if (piece.offset < end) {
          overlapping.push_back(piece);
          continue;
        }
        if (piece.offset > end) parts.push_back(builder_.constant(0, piece.offset - end));
        parts.push_back(piece.d);
        end = piece.offset + builder_[piece.d].size;
      }
      if (end < size) parts.push_back(builder_.constant(0, size - end));
      add(id, builder_.concat(std::move(parts)));
      pieces = std::move(overlapping);
    }
  }

  Graph& graph_;
  GraphBuilder builder_;
  Backward back_;
  std::vector<char> wanted_;
  std::vector<NodeId> sums_;                ///< per forward node: sum of the gradients so far
  std::vector<std::vector<Piece>> pieces_;  ///< per forward node: gradients of parts of it
};

std::vector<NodeId*> roots_of(Backward& back) {
  std::vector<NodeId*> roots;
  for (NodeId& d : back.d_inputs) roots.push_back(&d);
  for (NodeId& d : back.d_previous) roots.push_back(&d);
  for (VectorGradient& g : back.vectors) {
    roots.push_back(&g.d);
    roots.push_back(&g.times);
  }
  for (MatrixGradient& g : back.matrices) roots.push_back(&g.d);
  for (NodeId& d : back.d_observed) roots.push_back(&d);
  return roots;
}

/// A product that only a parameter's gradient reads is not stored: the gradient keeps its two factors.
void split_factors(const Graph& graph, Backward& back) {
  std::vector<int> uses(graph.nodes.size(), 0);
  for (const Node& node : graph.nodes) {
    for (NodeId i : node.inputs) ++uses[static_cast<std::size_t>(i)];
  }
  for (const NodeId* root : roots_of(back)) {
    if (*root != kNoNode) ++uses[static_cast<std::size_t>(*root)];
  }
  for (VectorGradient& g : back.vectors) {
    if (g.d < back.first || uses[static_cast<std::size_t>(g.d)] != 1) continue;
    const Node& node = graph[g.d];
    if (node.op != Op::kMul) continue;
    NodeId d = node.inputs[0], times = node.inputs[1];
    if (d < back.first) std::swap(d, times);  // the gradient is the factor that the backward part computes
    if (graph[d].size != node.size || graph[times].size != node.size) continue;
    if (graph[d].op == Op::kConstant || graph[times].op == Op::kConstant) continue;
    g.d = d;
    g.times = times;
  }
}

}  // namespace

Backward derive(Graph& graph, const std::vector<NodeId>& observed) {
  Backward back = ReverseMode(graph).run(observed);
  simplify(graph, back.first, roots_of(back));
  split_factors(graph, back);
  simplify(graph, back.first, roots_of(back));
  return back;
}

}  // namespace cellwright
