// tensor_list.h: which tensors a model has and where each lies in the flat array of its parameters.
//
// Where to start: TensorList. What always holds: names are unique; a tensor of a layer is named by its track
// (wiring.h) and its name in the cell, "layers.0.W_f".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "nn/wiring.h"

namespace cellwright {

/// A tensor as the outside sees it: "layers.0.W_f" [H, …] in its cell's names and stored shape, and those
/// that the model names ("head.weight").
struct TensorInfo {
  std::string name;
  std::vector<std::int64_t> shape;
  std::int64_t trained = 0;  ///< numbers of it that are trained: structural zeros not counted
};

/// A stretch of the flat array that holds a part of one tensor, or all of it, on whole cache lines.
struct TensorPiece {
  std::size_t tensor = 0;           ///< index of tensors()
  std::size_t first = 0, last = 0;  ///< [first, last) of the array
  bool packed = false;  ///< a packed block (kernels::pack) of a matrix of weights; else plain numbers
  int row = 0;          ///< packed: the tensor's row where the block begins
  int rows = 0;         ///< of the block; of plain pieces the numbers, the rest being padding
  int columns = 1;
};

/// Where a tensor lies and how it starts.
struct TensorEntry {
  enum class Kind { kPlain, kLayer, kHeadMatrix, kHeadBias };  ///< a tied embedding is kHeadMatrix
  Kind kind = Kind::kPlain;
  std::size_t offset = 0;  ///< of the tensor, or of its track, in the flat array; filled in by the model
  int track = -1;          ///< of the stack (wiring.h)
  int index = -1;          ///< parameter of the track, or of the output layer
  int units = 1;           ///< what the default start U(-1/√units, 1/√units) goes by
  Parameter parameter;     ///< what initial_values() needs
};

struct TensorList {
  std::vector<TensorInfo> infos;
  std::vector<TensorEntry> entries;

  void add(const std::string& name, TensorEntry entry);

  /// Those of all tracks. `graphs`: of the tracks, with their parameters in the layout's order.
  void add_layers(const Wiring& wiring, const std::vector<const Graph*>& graphs);
};

/// Of a model's own tensors, outside its layers: a matrix, or a vector that starts at 0.
Parameter plain_parameter(const std::string& name, int rows, int columns, bool bias, Initializer init = {});

std::vector<const Graph*> graphs_of(const Wiring& wiring);

std::size_t count_of(const TensorInfo& info);  ///< numbers

/// SpecError above 16 Gi.
void check_parameter_count(std::int64_t count);

/// SpecError unless it lies in [0, 1).
void check_chance(const std::string& what, double p);

}  // namespace cellwright
