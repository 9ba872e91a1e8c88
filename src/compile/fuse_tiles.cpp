// fuse_tiles.cpp: start at fuse_tiles() at the end; what can be fused is the table at the top.
#include "compile/fuse_tiles.h"

#include <algorithm>
#include <map>

#include "graph/op_table.h"

namespace cellwright {
namespace {

constexpr std::size_t kOperands = 3;  // of a TileFunction

/// Functions of one value that cost less than to keep them: several readers make each their own.
bool is_cheap(Op op) {
  return op == Op::kComplement || op == Op::kSigmoidSlope || op == Op::kTanhSlope;
}

bool is_one(const Node& node) {
  return node.op == Op::kConstant && !node.values.empty() &&
         std::all_of(node.values.begin(), node.values.end(), [](double v) { return v == 1; });
}

class Fuser {
 public:
  Fuser(const Graph& graph, std::vector<TileStep> steps, const std::vector<Place>& places,
        const std::vector<bool>& materialized, const std::vector<Buffer>& buffers)
      : graph_(graph),
        steps_(std::move(steps)),
        places_(places),
        materialized_(materialized),
        buffers_(buffers),
        alive_(steps_.size(), true) {
    for (std::size_t i = 0; i < steps_.size(); ++i) made_[steps_[i].id] = i;
  }

  std::vector<TileStep> run() {
    for (TileStep& s : steps_) {
      if (s.op == Op::kSub && is_one(graph_[s.inputs[0]])) s = {s.id, Op::kComplement, {s.inputs[1]}};
    }
    count();
    for (std::size_t j = 0; j < steps_.size(); ++j) {
      while (alive_[j] && fuse_one(j)) count();
    }
    std::vector<TileStep> left;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (alive_[i]) left.push_back(std::move(steps_[i]));
    }
    return left;
  }

 private:
  /// Readings of each value; what has none left, and is not wanted elsewhere, need not be made.
  void count() {
    uses_.clear();
    for (std::size_t i = steps_.size(); i-- > 0;) {
      alive_[i] = alive_[i] && (materialized_[static_cast<std::size_t>(steps_[i].id)] || uses_[steps_[i].id] > 0);
      if (!alive_[i]) continue;
      for (NodeId input : steps_[i].inputs) ++uses_[input];
    }
  }

  bool fuse_one(std::size_t j) {
    for (const Fusion& f : fusions()) {
      if (f.outer != steps_[j].op) continue;
      for (std::size_t p = 0; p < steps_[j].inputs.size(); ++p) {
        if ((f.at < 0 || f.at == static_cast<int>(p)) && fuse(f, j, p)) return true;
      }
    }
    return false;
  }

  bool fuse(const Fusion& f, std::size_t j, std::size_t p) {
    TileStep& outer = steps_[j];
    const NodeId value = outer.inputs[p];
    const auto found = made_.find(value);
    if (found == made_.end() || materialized_[static_cast<std::size_t>(value)]) return false;
    const TileStep& inner = steps_[found->second];
    if (inner.op != f.inner || graph_[value].size != graph_[outer.id].size) return false;
    if (uses_[value] > 1 && !is_cheap(inner.op)) return false;
    if ((inner.op == Op::kSigmoid || inner.op == Op::kTanh) && !may_move(inner.inputs[0])) return false;
    std::vector<NodeId> operands = inner.inputs;
    for (std::size_t q = 0; q < outer.inputs.size(); ++q) {
      if (q == p) continue;
      if (!f.same) {
        operands.push_back(outer.inputs[q]);
      } else if (outer.inputs[q] != operands[0]) {
        return false;
      }
    }
    if (operands.size() > kOperands || overwritten(inner.inputs, found->second, j)) return false;
    outer.op = f.fused;
    outer.inputs = std::move(operands);
    return true;
  }

  /// Activations of what products leave stay apart, for a single step takes several of them in one call.
  bool may_move(NodeId argument) const {
    const Place place = places_[static_cast<std::size_t>(argument)];
    return made_.count(argument) > 0 ||
           (place.buffer >= 0 && buffers_[static_cast<std::size_t>(place.buffer)].kind != Buffer::Kind::kValue);
  }

  int array_of(NodeId id) const { return places_[static_cast<std::size_t>(id)].buffer; }

  bool in_memory(NodeId id) const {
    return array_of(id) >= 0 && (made_.count(id) == 0 || materialized_[static_cast<std::size_t>(id)]);
  }

  /// A step between i and j writes where one of the operands stands.
  bool overwritten(const std::vector<NodeId>& operands, std::size_t i, std::size_t j) const {
    return std::any_of(operands.begin(), operands.end(), [&](NodeId operand) {
      if (!in_memory(operand)) return false;
      for (std::size_t k = i + 1; k < j; ++k) {
        const NodeId id = steps_[k].id;
        if (alive_[k] && materialized_[static_cast<std::size_t>(id)] && array_of(id) == array_of(operand))
          return true;
      }
      return false;
    });
  }

  const Graph& graph_;
  std::vector<TileStep> steps_;
  const std::vector<Place>& places_;
  const std::vector<bool>& materialized_;
  const std::vector<Buffer>& buffers_;
  std::vector<bool> alive_;
  std::map<NodeId, std::size_t> made_;
  std::map<NodeId, int> uses_;
};

}  // namespace

/// The first that fits is taken, so what leaves fewer passes stands first.
const std::vector<Fusion>& fusions() {
  static const std::vector<Fusion> all = {
      {Op::kMul, -1, Op::kComplement, Op::kSigmoidSlope, true},
      {Op::kComplement, 0, Op::kSquare, Op::kTanhSlope},
      {Op::kMul, -1, Op::kSigmoidSlope, Op::kSigmoidBack},
      {Op::kMul, -1, Op::kTanhSlope, Op::kTanhBack},
      {Op::kMul, -1, Op::kComplement, Op::kComplementMul},
      {Op::kMul, -1, Op::kSigmoid, Op::kMulSigmoid},
      {Op::kMul, -1, Op::kTanh, Op::kMulTanh},
      {Op::kMul, -1, Op::kAdd, Op::kAddMul},
      {Op::kMul, -1, Op::kMul, Op::kMulMul},
      {Op::kSigmoidBack, 1, Op::kMul, Op::kMulSigmoidBack},
      {Op::kTanhBack, 1, Op::kMul, Op::kMulTanhBack},
      {Op::kAdd, -1, Op::kComplementMul, Op::kComplementMulAdd},
      {Op::kAdd, -1, Op::kMul, Op::kMulAdd},
      {Op::kAdd, -1, Op::kAdd, Op::kAddAdd},
      {Op::kSub, 0, Op::kMul, Op::kMulSub},
      {Op::kSub, 1, Op::kMul, Op::kSubMul},
      {Op::kSigmoid, 0, Op::kAdd, Op::kAddSigmoid},
      {Op::kTanh, 0, Op::kAdd, Op::kAddTanh},
  };
  return all;
}

std::vector<TileStep> fuse_tiles(const Graph& graph, std::vector<TileStep> steps,
                                 const std::vector<Place>& places, const std::vector<bool>& materialized,
                                 const std::vector<Buffer>& buffers) {
  return Fuser(graph, std::move(steps), places, materialized, buffers).run();
}

}  // namespace cellwright
