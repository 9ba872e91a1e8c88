// trained_parameters.h: the numbers that a model trains, and their gradients: what optimisers, checkpoints
// and everybody who looks a tensor up by its name share, whatever the model is for.
//
// Where to start: Model (model.h) and SequenceModel (sequence_model.h) are both one of these. All trained
// numbers lie in one flat array (layout per tensor), gradients in another of the same layout, so an optimiser
// is one loop. What always holds: padding is 0.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/aligned.h"
#include "nn/engine.h"
#include "nn/stack.h"
#include "nn/tensor_list.h"

namespace cellwright {

/// Of an embedding's gradient, which stands first in the flat array: the rows that may be other than 0.
struct TouchedRows {
  std::size_t numbers = 0;  ///< of the table
  std::size_t width = 0;
  const std::vector<std::int32_t>* rows = nullptr;  ///< ascending; null: it is not known, or there is no such table
};

template <class T>
class TrainedParameters {
 public:
  TrainedParameters(const TrainedParameters&) = delete;
  TrainedParameters& operator=(const TrainedParameters&) = delete;

  Engine& engine() const { return engine_; }

  /// Starts every tensor by its cell's `init`, by default U(-1/√H, 1/√H) for matrices and declared vectors, 0
  /// for biases, as a function of seed and tensor name.
  void initialise(std::uint64_t seed);

  const std::vector<TensorInfo>& tensors() const { return list_.infos; }
  std::int64_t parameter_count() const { return count_; }  ///< trained numbers, structural zeros not counted
  std::vector<T> get(std::size_t tensor) const;            ///< row major
  void set(std::size_t tensor, const std::vector<T>& values);  ///< ShapeError on a wrong count
  std::vector<T> gradient(std::size_t tensor) const;

  /// A tensor's values out of, and into, any array of size() numbers in the parameters' layout (an
  /// optimiser's state, a best copy).
  std::vector<T> unpack(std::size_t tensor, const T* flat) const;
  void pack(std::size_t tensor, const std::vector<T>& values, T* flat) const;

  /// Where tensors lie in such an array: pieces in its order that cover it.
  std::vector<TensorPiece> pieces() const;

  /// The flat arrays (size numbers, padding 0). After changing parameters call parameters_changed().
  T* parameters() { return parameters_.data(); }
  const T* parameters() const { return parameters_.data(); }
  T* gradients() {
    touched_known_ = false;  // who may write makes all rows count
    return gradients_.data();
  }
  const T* gradients() const { return gradients_.data(); }
  TouchedRows touched_rows() const;  ///< of the last training window, until gradients() is written to
  std::size_t size() const { return parameters_.size(); }
  void parameters_changed() { ++version_; }
  std::uint64_t version() const { return version_; }  ///< rises by every change: who keeps a copy compares

 protected:
  explicit TrainedParameters(Engine& engine) : engine_(engine) {}
  ~TrainedParameters() = default;

  /// Once, by the model: its tensors with their offsets, the stack that knows the layers' layouts and
  /// outlives this, and the size of the array. `init_uniform`: as ModelSpec's.
  void lay_out(TensorList list, const Stack<T>& stack, std::size_t size, std::int64_t count,
               double init_uniform);

  /// Gradients [0, size) become 0, on the whole team.
  void zero_gradients(std::size_t size);

  /// The same where a table of rows of `width` stands first, `table` numbers long (0: none), of which a window
  /// touches the rows `ids` alone: of it only the rows of the last window are cleared, and then these count.
  void zero_gradients(std::size_t size, std::size_t table, std::size_t width, const std::int32_t* ids,
                      std::size_t count);

 private:
  void zero_range(std::size_t begin, std::size_t end);

  Engine& engine_;
  TensorList list_;
  const Stack<T>* stack_ = nullptr;
  AlignedArray<T> parameters_, gradients_;
  std::int64_t count_ = 0;
  double init_uniform_ = 0;
  std::uint64_t version_ = 1;

  // Rows of the table's gradient that may be other than 0, ascending; everything may while they are not known.
  std::vector<std::int32_t> touched_;
  std::size_t table_ = 0, table_width_ = 0;
  bool touched_known_ = false;
};

}  // namespace cellwright
