// model.h: a language model: a stack of recurrent layers (stack.h) between an embedding and a softmax head,
// with its parameters and gradients.
//
// Where to start: Model::train_window. All trained numbers lie in one flat array (layout per tensor),
// gradients in another of the same layout, so an optimiser is one loop. What always holds: results do not
// depend on the number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/aligned.h"
#include "nn/engine.h"
#include "nn/output_layer.h"
#include "nn/spec.h"
#include "nn/stack.h"
#include "nn/token_input.h"

namespace cellwright {

/// A tensor as the outside sees it: "embedding.weight" [V,E], "layers.0.W_f" [H, …] in its cell's names and
/// stored shape, "head.weight" [V,H], "head.bias" [V]. A tied model has no "head.weight"; an
/// adaptive softmax has "head.weight" [shortlist + clusters, H] and a bias to it, and for each cluster
/// "head.tails.0.projection" [H/4, H] and "head.tails.0.weight" [its classes, H/4].
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

/// Names and shapes without making the model: to hold a file against its specification before memory is asked
/// for. Throws as Model().
std::vector<TensorInfo> tensors_of(const ModelSpec& spec);

/// The states of all layers.
template <class T>
using ModelState = StackState<T>;

/// Tokens of a window, [steps, lanes] each.
struct TokenWindow {
  int steps = 0;
  int lanes = 0;
  const std::int32_t* inputs = nullptr;
  const std::int32_t* targets = nullptr;  ///< null where only logits are wanted
  int first_counted = 0;  ///< a target below 0 does not count either; targets of earlier steps do not count
                          ///< (they only warm the state up: k2 > k1)
};

struct WindowLoss {
  double nats = 0;         ///< Σ over counted tokens of -log p(target)
  double cell_losses = 0;  ///< Σ of the cells' own `loss` lines over the counted steps and lanes
  std::int64_t tokens = 0;
};

/// Of an embedding's gradient, which stands first in the flat array: the rows that may be other than 0.
struct TouchedRows {
  std::size_t numbers = 0;  ///< of the table
  std::size_t width = 0;
  const std::vector<std::int32_t>* rows = nullptr;  ///< ascending; null: it is not known, or there is no such table
};

/// What lies behind a window's loss, token by token; valid until the model's next call.
template <class T>
struct WindowRows {
  const T* h = nullptr;  ///< [steps, lanes, width]: what the head reads
  int width = 0;
  const double* nats =
      nullptr;  ///< [steps, lanes]: -log p(target); 0 where there is no target, unset before first_counted
};

template <class T>
class Model {
 public:
  /// Parameters are all 0 until initialise() or set(). Throws CellError, SpecError (units 0, …).
  Model(const ModelSpec& spec, Engine& engine);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  /// As Stack's; the constructor has asked for training.
  void require_scan(bool training);

  const ModelSpec& spec() const;
  Engine& engine() const;

  /// Starts every tensor by its cell's `init`, by default U(-1/√H, 1/√H) for matrices and declared vectors, 0
  /// for biases, as a function of seed and tensor name; the embedding from N(0, 1), a tied one, which is a
  /// softmax' weight too, from U(-0.1, 0.1) as Merity et al. 2018.
  void initialise(std::uint64_t seed);

  const std::vector<TensorInfo>& tensors() const;
  std::int64_t parameter_count() const;          ///< trained numbers, structural zeros not counted
  std::vector<T> get(std::size_t tensor) const;  ///< row major
  void set(std::size_t tensor, const std::vector<T>& values);  ///< ShapeError on a wrong count
  std::vector<T> gradient(std::size_t tensor) const;

  /// A tensor's values out of, and into, any array of size() numbers in the parameters' layout (an
  /// optimiser's state, a best copy).
  std::vector<T> unpack(std::size_t tensor, const T* flat) const;
  void pack(std::size_t tensor, const std::vector<T>& values, T* flat) const;

  /// Where tensors lie in such an array: pieces in its order that cover it.
  std::vector<TensorPiece> pieces() const;

  /// The flat arrays (size numbers, padding 0). After changing parameters call parameters_changed().
  T* parameters();
  const T* parameters() const;
  T* gradients();
  const T* gradients() const;
  TouchedRows touched_rows() const;  ///< of the last train_window(), until gradients() is written to
  std::size_t size() const;
  void parameters_changed();

  ModelState<T> make_state(int lanes) const;

  /// Forward, loss, backward: gradients() becomes that of (Σ nats + Σ cell losses) / counted tokens, where
  /// label smoothing counts nats against the smoothed targets; the nats returned are never smoothed, so that
  /// losses stay comparable. The
  /// state moves on by `advance` steps (0: by all): with k2 > k1 windows overlap, and the next begins where
  /// this one's step k1 began. Exactly: the state returned is that after step `advance` of the window,
  /// computed with the parameters of this window, under the masks and noise that its training pass has there.
  /// That costs one more forward pass over `advance` steps where it is not the whole window. ShapeError for a
  /// token outside the classes. `rows`: filled in where it is given.
  WindowLoss train_window(const TokenWindow& window, ModelState<T>& state, int advance = 0,
                          WindowRows<T>* rows = nullptr);

  /// Longer windows are run in stretches of so many steps (0: whole, as at first). Training then runs forward
  /// twice, the first time only for the states at the borders, and holds one stretch at a time; what it gives
  /// is the same to the bit. ShapeError below 0.
  void set_stretch(int steps);
  int stretch() const;

  /// Bytes of parameters, gradients and what is derived from parameters; and of what windows ask for besides.
  struct WindowNeed {
    int train_steps = 0, train_lanes = 0;        ///< 0: no training
    int evaluate_steps = 0, evaluate_lanes = 0;  ///< 0: no evaluation
    int stretch = 0;                             ///< as set_stretch's
  };
  std::size_t fixed_bytes() const;
  std::size_t window_bytes(const WindowNeed& need) const;

  /// Forward and loss only.
  WindowLoss evaluate_window(const TokenWindow& window, ModelState<T>& state, WindowRows<T>* rows = nullptr);

  /// One token a lane in, logits [lanes, classes] out; with an adaptive softmax their log-probabilities. Allocates nothing after the first call with this many
  /// lanes.
  void step(const std::int32_t* tokens, ModelState<T>& state, T* logits);

  /// For normal(): the noise of an update is a function of the seed, the update, the layer, the line, the
  /// step, lane and unit. Embedding dropout, weight-drop and weight noise are drawn once an update: as
  /// functions of the seed, the update, and token, or tensor and entry (token_input.h, parameter_noise.h).
  void set_noise(std::uint64_t seed, std::uint64_t update);

  /// What a pass goes through, bound to the parameters as they are: for looking inside (explain/).
  struct Inside {
    TokenInput<T>& tokens;
    Stack<T>& stack;
    OutputLayer<T>& head;
  };
  Inside inside();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace cellwright
