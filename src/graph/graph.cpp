#include "graph/graph.h"

namespace cellwright {

std::int64_t parameter_count(const Parameter& p) {
  const std::int64_t all = static_cast<std::int64_t>(p.rows) * p.columns;
  switch (p.structure) {
    case Structure::kDense:
      return all;
    case Structure::kBlockDiagonal:
      return all / p.blocks;
    case Structure::kBlockUpper:
      return all / p.blocks / p.blocks * p.blocks * (p.blocks + 1) / 2;
  }
  return all;
}

std::int64_t parameter_count(const Graph& graph) {
  std::int64_t sum = 0;
  for (const Parameter& p : graph.parameters) sum += parameter_count(p);
  return sum;
}

}  // namespace cellwright
