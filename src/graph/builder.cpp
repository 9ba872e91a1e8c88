#include "graph/builder.h"

#include <algorithm>
#include <cstring>

#include "graph/op_table.h"

namespace cellwright {
namespace {

void mix(std::size_t& hash, std::size_t v) { hash ^= v + 0x9e3779b97f4a7c15ULL + (hash << 6) + (hash >> 2); }

std::vector<NodeId> key_inputs(const Node& node) {
  std::vector<NodeId> inputs = node.inputs;
  if (op_row(node.op).commutative) std::sort(inputs.begin(), inputs.end());
  return inputs;
}

std::size_t hash_of(const Node& node) {
  std::size_t hash = static_cast<std::size_t>(node.op);
  for (NodeId i : key_inputs(node)) mix(hash, static_cast<std::size_t>(i));
  for (int v : {node.size, static_cast<int>(node.scalar), node.index, node.offset, node.row, node.column}) {
    mix(hash, static_cast<std::size_t>(v));
  }
  for (double v : node.values) {
    std::uint64_t bits;
    std::memcpy(&bits, &v, sizeof bits);
    mix(hash, static_cast<std::size_t>(bits));
  }
  return hash;
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

bool same_value(const Node& a, const Node& b) {
  return a.op == b.op && a.size == b.size && a.scalar == b.scalar && a.index == b.index &&
         a.offset == b.offset && a.row == b.row && a.column == b.column && same_bits(a.values, b.values) &&
         key_inputs(a) == key_inputs(b);
}

/// Noise is keyed by its node's name; two names are two values, and a node must keep its own.
bool is_keyed_by_name(Op op) { return op == Op::kNormal || op == Op::kDropMask; }

bool may_be_shared(const Node& node) { return !is_keyed_by_name(node.op) && node.op != Op::kIdentity; }

/// A leaf is called by what it reads; the name of a line that merely repeats it needs a node of its own.
bool takes_name(const Node& node) { return !is_leaf(node.op) || node.op == Op::kConstant; }

}  // namespace

GraphBuilder::GraphBuilder(Graph& graph) : graph_(graph) {
  for (NodeId id = 0; id < static_cast<NodeId>(graph_.nodes.size()); ++id) {
    if (may_be_shared(graph_[id])) by_hash_.emplace(hash_of(graph_[id]), id);
  }
}

NodeId GraphBuilder::add(Node node) {
  const SourceRange outer = where_;
  if (node.where.line != 0) where_ = node.where;
  std::string line;
  if (!is_keyed_by_name(node.op)) line.swap(node.name);  // shared values are compared without their names
  const SourceRange where = node.where = where_;
  NodeId id = node.op == Op::kIdentity ? node.inputs[0] : simplified(node);
  if (id == kNoNode) {
    id = shared(node);
    if (id == kNoNode) {
      const bool share = may_be_shared(node);
      const std::size_t hash = share ? hash_of(node) : 0;
      if (!line.empty()) node.name = line;
      id = graph_.add(std::move(node));
      if (share) by_hash_.emplace(hash, id);
    }
  }
  where_ = outer;
  return line.empty() ? id : name(id, line, where);
}

NodeId GraphBuilder::name(NodeId id, const std::string& line, SourceRange where) {
  if (line.empty() || graph_[id].name == line) return id;
  if (graph_[id].name.empty() && takes_name(graph_[id])) {
    graph_[id].name = line;
    graph_[id].where = where;
    return id;
  }
  Node alias;
  alias.op = Op::kIdentity;
  alias.inputs = {id};
  alias.size = graph_[id].size;
  alias.scalar = graph_[id].scalar;
  alias.name = line;
  alias.where = where;
  graph_.add(std::move(alias));
  return id;
}

NodeId GraphBuilder::shared(const Node& node) {
  if (!may_be_shared(node)) return kNoNode;
  const auto [begin, end] = by_hash_.equal_range(hash_of(node));
  for (auto i = begin; i != end; ++i) {
    if (same_value(graph_[i->second], node)) return i->second;
  }
  return kNoNode;
}

bool GraphBuilder::is_constant(NodeId id, double value) const {
  const Node& node = graph_[id];
  if (node.op != Op::kConstant) return false;
  for (double v : node.values) {
    if (v != value) return false;
  }
  return true;
}

NodeId GraphBuilder::constant(double value, int size) {
  Node node;
  node.op = Op::kConstant;
  node.size = size;
  node.scalar = size == 1;
  node.values = {value};
  return add(std::move(node));
}

NodeId GraphBuilder::pointwise_node(Op op, std::vector<NodeId> inputs) {
  Node node;
  node.op = op;
  node.size = 1;
  node.scalar = true;
  for (NodeId i : inputs) {
    node.size = std::max(node.size, graph_[i].size);
    node.scalar = node.scalar && graph_[i].scalar;
  }
  node.inputs = std::move(inputs);
  return add(std::move(node));
}

NodeId GraphBuilder::pointwise(Op op, NodeId a) { return pointwise_node(op, {a}); }
NodeId GraphBuilder::pointwise(Op op, NodeId a, NodeId b) { return pointwise_node(op, {a, b}); }
NodeId GraphBuilder::select(NodeId condition, NodeId a, NodeId b) {
  return pointwise_node(Op::kSelect, {condition, a, b});
}

NodeId GraphBuilder::slice(NodeId a, int offset, int size) {
  Node node;
  node.op = Op::kSlice;
  node.inputs = {a};
  node.offset = offset;
  node.size = size;
  return add(std::move(node));
}

NodeId GraphBuilder::concat(std::vector<NodeId> parts) {
  Node node;
  node.op = Op::kConcat;
  for (NodeId i : parts) node.size += graph_[i].size;
  node.inputs = std::move(parts);
  return add(std::move(node));
}

NodeId GraphBuilder::sum(NodeId a) {
  Node node;
  node.op = Op::kSum;
  node.inputs = {a};
  node.size = 1;
  node.scalar = true;
  return add(std::move(node));
}

NodeId GraphBuilder::broadcast(NodeId a, int size) {
  Node node;
  node.op = Op::kBroadcast;
  node.inputs = {a};
  node.size = size;
  return add(std::move(node));
}

}  // namespace cellwright
