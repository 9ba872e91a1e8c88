// tensor_list.cpp: see tensor_list.h.
#include "nn/tensor_list.h"

#include <fmt/format.h>

#include "cellwright/error.h"

namespace cellwright {
namespace {

constexpr std::int64_t kMaxParameters = std::int64_t{1} << 34;

std::vector<std::int64_t> shape_of(const Parameter& p) {
  if (!p.matrix) return {p.rows};
  return {p.rows, p.structure == Structure::kBlockDiagonal ? p.columns / p.blocks : p.columns};
}

}  // namespace

void TensorList::add(const std::string& name, TensorEntry entry) {
  infos.push_back({name, shape_of(entry.parameter), cellwright::parameter_count(entry.parameter)});
  entries.push_back(std::move(entry));
}

void TensorList::add_layers(const Wiring& wiring, const std::vector<const Graph*>& graphs) {
  for (std::size_t t = 0; t < graphs.size(); ++t) {
    const Track& track = wiring.tracks[t];
    const int units = wiring.spec.layers[static_cast<std::size_t>(track.layer)].units;
    for (std::size_t i = 0; i < graphs[t]->parameters.size(); ++i) {
      const Parameter& p = graphs[t]->parameters[i];
      add(fmt::format("{}.{}", track.name, p.name),
          {TensorEntry::Kind::kLayer, 0, static_cast<int>(t), static_cast<int>(i), units, p});
    }
  }
}

Parameter plain_parameter(const std::string& name, int rows, int columns, bool bias, Initializer init) {
  Parameter p;
  p.name = name;
  p.matrix = columns > 1 || !bias;
  p.rows = rows;
  p.columns = columns;
  p.bias = bias;
  p.initializer = init;
  return p;
}

std::vector<const Graph*> graphs_of(const Wiring& wiring) {
  std::vector<const Graph*> graphs;
  for (const Track& track : wiring.tracks) graphs.push_back(&track.graph);
  return graphs;
}

std::size_t count_of(const TensorInfo& info) {
  std::size_t n = 1;
  for (const std::int64_t d : info.shape) n *= static_cast<std::size_t>(d);
  return n;
}

void check_parameter_count(std::int64_t count) {
  if (count > kMaxParameters)
    throw SpecError(fmt::format("the model would have {} parameters, more than {}", count, kMaxParameters));
}

void check_chance(const std::string& what, double p) {
  if (p >= 0 && p < 1) return;
  throw SpecError(fmt::format("{} {}: it must be 0 (none) or more, and less than 1", what, p));
}

}  // namespace cellwright
