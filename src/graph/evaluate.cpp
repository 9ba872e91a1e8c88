#include "graph/evaluate.h"

#include <cmath>

#include "graph/evaluate_node.h"
#include "graph/op_table.h"

namespace cellwright {
namespace {

double at(const Vector& v, int k) { return v.size() == 1 ? v[0] : v[static_cast<std::size_t>(k)]; }

Vector leaf_or_zero(const std::vector<Vector>& leaves, const Node& node) {
  const auto i = static_cast<std::size_t>(node.index);
  if (i < leaves.size() && !leaves[i].empty()) return leaves[i];
  return Vector(static_cast<std::size_t>(node.size), 0.0);
}

double sum(const Vector& v) {
  double s = 0;
  for (double e : v) s += e;
  return s;
}

double mean_square(const Vector& v) {
  double s = 0;
  for (double e : v) s += e * e;
  return s / static_cast<double>(v.size());
}

Vector clock(const Node& node, std::int64_t step) {
  const int groups = static_cast<int>(node.values.size());
  Vector out(static_cast<std::size_t>(node.size));
  for (int k = 0; k < node.size; ++k) {
    const auto group = static_cast<std::size_t>(static_cast<std::int64_t>(k) * groups / node.size);
    out[static_cast<std::size_t>(k)] = step % static_cast<std::int64_t>(node.values[group]) == 0 ? 1 : 0;
  }
  return out;
}

Vector parameter_slice(const Node& node, const StepLeaves& leaves) {
  const Vector& p = (*leaves.parameters)[static_cast<std::size_t>(node.index)];
  return Vector(p.begin() + node.offset, p.begin() + node.offset + node.size);
}

Vector product(const Graph& graph, const Node& node, const Vector& x, const StepLeaves& leaves) {
  const Parameter& p = graph.parameters[static_cast<std::size_t>(node.index)];
  const Vector& w = (*leaves.parameters)[static_cast<std::size_t>(node.index)];
  Vector out(static_cast<std::size_t>(node.size), 0.0);
  const int inner = static_cast<int>(x.size());
  const bool transposed = node.op == Op::kMatmulTransposed;
  for (int k = 0; k < node.size; ++k) {
    for (int j = 0; j < inner; ++j) {
      const int row = node.row + (transposed ? j : k);
      const int column = node.column + (transposed ? k : j);
      const std::int64_t i = stored_index(p, row, column);
      if (i >= 0)
        out[static_cast<std::size_t>(k)] += w[static_cast<std::size_t>(i)] * x[static_cast<std::size_t>(j)];
    }
  }
  return out;
}

}  // namespace

std::int64_t stored_index(const Parameter& p, int row, int column) {
  if (p.structure == Structure::kDense) return static_cast<std::int64_t>(row) * p.columns + column;
  const int columns = p.columns / p.blocks;
  const int block_row = row / (p.rows / p.blocks);
  const int block_column = column / columns;
  if (p.structure == Structure::kBlockDiagonal) {
    return block_row == block_column ? static_cast<std::int64_t>(row) * columns + column % columns : -1;
  }
  return block_row <= block_column ? static_cast<std::int64_t>(row) * p.columns + column : -1;
}

std::int64_t stored_size(const Parameter& p) {
  const std::int64_t all = static_cast<std::int64_t>(p.rows) * p.columns;
  return p.structure == Structure::kBlockDiagonal ? all / p.blocks : all;
}

Vector evaluate_node(const Node& node, const std::vector<const Vector*>& in) {
  const auto n = static_cast<std::size_t>(node.size);
  if (const auto scalar = op_row(node.op).scalar) {
    Vector out(n);
    for (int k = 0; k < node.size; ++k) {
      out[static_cast<std::size_t>(k)] =
          scalar(at(*in[0], k), in.size() > 1 ? at(*in[1], k) : 0, in.size() > 2 ? at(*in[2], k) : 0);
    }
    return out;
  }
  switch (node.op) {
    case Op::kConstant:
      return node.values.size() == 1 ? Vector(n, node.values[0]) : node.values;
    case Op::kConcat: {
      Vector out;
      for (const Vector* part : in) out.insert(out.end(), part->begin(), part->end());
      return out;
    }
    case Op::kSlice:
      return Vector(in[0]->begin() + node.offset, in[0]->begin() + node.offset + node.size);
    case Op::kSum:
      return {sum(*in[0])};
    case Op::kMean:
      return {sum(*in[0]) / static_cast<double>(in[0]->size())};
    case Op::kDot: {
      double s = 0;
      for (std::size_t k = 0; k < in[0]->size(); ++k) s += (*in[0])[k] * (*in[1])[k];
      return {s};
    }
    case Op::kSoftmax: {
      double most = (*in[0])[0];
      for (double e : *in[0]) most = e > most ? e : most;
      Vector out;
      for (double e : *in[0]) out.push_back(std::exp(e - most));
      const double total = sum(out);
      for (double& e : out) e /= total;
      return out;
    }
    case Op::kLayerNorm: {
      Vector out = *in[0];
      const double mean = sum(out) / static_cast<double>(out.size());
      for (double& e : out) e -= mean;
      const double scale = 1 / std::sqrt(mean_square(out) + kNormEpsilon);
      for (double& e : out) e *= scale;
      return out;
    }
    case Op::kRmsNorm: {
      Vector out = *in[0];
      const double scale = 1 / std::sqrt(mean_square(out) + kNormEpsilon);
      for (double& e : out) e *= scale;
      return out;
    }
    case Op::kBroadcast:
      return Vector(n, (*in[0])[0]);
    default:
      return {};
  }
}

void evaluate(const Graph& graph, NodeId first, NodeId last, const StepLeaves& leaves,
              std::vector<Vector>& values) {
  if (values.size() < static_cast<std::size_t>(last)) values.resize(static_cast<std::size_t>(last));
  std::vector<const Vector*> in;
  for (NodeId id = first; id < last; ++id) {
    const Node& node = graph[id];
    Vector& value = values[static_cast<std::size_t>(id)];
    switch (node.op) {
      case Op::kInput:
        value = leaf_or_zero(leaves.inputs, node);
        break;
      case Op::kPrevious:
        value = leaf_or_zero(leaves.previous, node);
        break;
      case Op::kParameter:
        value = parameter_slice(node, leaves);
        break;
      case Op::kClock:
        value = clock(node, leaves.step);
        break;
      case Op::kNormal:
      case Op::kDropMask:
      case Op::kStepMask:
        value.assign(static_cast<std::size_t>(node.size), node.op == Op::kNormal ? 0.0 : 1.0);
        for (int k = 0; leaves.noise && k < node.size; ++k)
          value[static_cast<std::size_t>(k)] = leaves.noise(node, k);
        break;
      case Op::kMatmul:
      case Op::kMatmulTransposed:
        value = product(graph, node, values[static_cast<std::size_t>(node.inputs[0])], leaves);
        break;
      case Op::kAdjointOutput:
        value = leaf_or_zero(leaves.adjoint_outputs, node);
        break;
      case Op::kAdjointState:
        value = leaf_or_zero(leaves.adjoint_states, node);
        break;
      case Op::kAdjointLoss: {
        const auto i = static_cast<std::size_t>(node.index);
        value.assign(1, i < leaves.adjoint_losses.size() ? leaves.adjoint_losses[i] : 0.0);
        break;
      }
      default:
        in.clear();
        for (NodeId i : node.inputs) in.push_back(&values[static_cast<std::size_t>(i)]);
        value = evaluate_node(node, in);
    }
  }
}

}  // namespace cellwright
