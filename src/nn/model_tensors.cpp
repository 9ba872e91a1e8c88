// model_tensors.cpp: see model_tensors.h.
#include "nn/model_tensors.h"

#include <fmt/format.h>

#include <cmath>

#include "cellwright/error.h"
#include "nn/layer.h"

namespace cellwright {
namespace {

constexpr std::int64_t kMaxParameters = std::int64_t{1} << 34;

Parameter plain_parameter(const std::string& name, int rows, int columns, bool bias, Initializer init = {}) {
  Parameter p;
  p.name = name;
  p.matrix = columns > 1 || !bias;
  p.rows = rows;
  p.columns = columns;
  p.bias = bias;
  p.initializer = init;
  return p;
}

std::vector<std::int64_t> shape_of(const Parameter& p) {
  if (!p.matrix) return {p.rows};
  return {p.rows, p.structure == Structure::kBlockDiagonal ? p.columns / p.blocks : p.columns};
}

void check(const ModelSpec& spec) {
  if (spec.classes < 1) throw SpecError(fmt::format("a model needs at least 1 class, not {}", spec.classes));
  if (spec.embedding < 0)
    throw SpecError(fmt::format("embedding {}: it must be 0 (one-hot) or more", spec.embedding));
  if (spec.layers.empty()) throw SpecError("a model needs at least one layer");
  if (!(spec.init_uniform >= 0) || !std::isfinite(spec.init_uniform)) {
    throw SpecError(
        fmt::format("init_uniform {}: it must be 0 (each cell's own) or more", spec.init_uniform));
  }
  for (std::size_t l = 0; l < spec.layers.size(); ++l) {
    if (spec.layers[l].units < 1)
      throw SpecError(fmt::format("layer {}: units {}: it must be at least 1", l, spec.layers[l].units));
  }
}

}  // namespace

std::size_t count_of(const TensorInfo& info) {
  std::size_t n = 1;
  for (const std::int64_t d : info.shape) n *= static_cast<std::size_t>(d);
  return n;
}

std::vector<Graph> lower_layers(const ModelSpec& spec) {
  check(spec);
  std::vector<Graph> graphs;
  std::vector<int> offered = {spec.embedding > 0 ? spec.embedding : spec.classes};
  for (std::size_t l = 0; l < spec.layers.size(); ++l) {
    graphs.push_back(lower_layer(spec.layers[l], static_cast<int>(l), offered));
    offered.clear();
    for (const Port& port : graphs.back().outputs) offered.push_back(port.size);
  }
  return graphs;
}

std::int64_t count_parameters(const ModelSpec& spec, const std::vector<Graph>& graphs) {
  const std::int64_t top = graphs.back().outputs.front().size;
  std::int64_t n = static_cast<std::int64_t>(spec.classes) * spec.embedding + spec.classes * (top + 1);
  for (const Graph& g : graphs) n += parameter_count(g);
  if (n > kMaxParameters)
    throw SpecError(fmt::format("the model would have {} parameters, more than {}", n, kMaxParameters));
  return n;
}

void list_tensors(const ModelSpec& spec, const std::vector<Graph>& graphs, std::vector<TensorInfo>& infos,
                  std::vector<TensorEntry>& entries) {
  const auto add = [&](const std::string& name, TensorEntry entry) {
    infos.push_back({name, shape_of(entry.parameter)});
    entries.push_back(std::move(entry));
  };
  if (spec.embedding > 0) {
    const Initializer normal{Initializer::Kind::kNormal, 0, 1};
    add("embedding.weight", {TensorEntry::Kind::kPlain, 0, -1, -1,
                             plain_parameter("weight", spec.classes, spec.embedding, false, normal)});
  }
  for (std::size_t l = 0; l < graphs.size(); ++l) {
    for (std::size_t i = 0; i < graphs[l].parameters.size(); ++i) {
      const Parameter& p = graphs[l].parameters[i];
      add(fmt::format("layers.{}.{}", l, p.name),
          {TensorEntry::Kind::kLayer, 0, static_cast<int>(l), static_cast<int>(i), p});
    }
  }
  const int top = graphs.back().outputs.front().size;
  add("head.weight",
      {TensorEntry::Kind::kHeadWeight, 0, -1, -1, plain_parameter("weight", spec.classes, top, false)});
  add("head.bias", {TensorEntry::Kind::kPlain, 0, -1, -1, plain_parameter("bias", spec.classes, 1, true)});
}

std::vector<TensorInfo> tensors_of(const ModelSpec& spec) {
  const std::vector<Graph> graphs = lower_layers(spec);
  count_parameters(spec, graphs);
  std::vector<TensorInfo> infos;
  std::vector<TensorEntry> entries;
  list_tensors(spec, graphs, infos, entries);
  return infos;
}

}  // namespace cellwright
