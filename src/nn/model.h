// model.h: a language model: a stack of recurrent layers (stack.h) between an embedding and a softmax head,
// with its parameters and gradients.
//
// Where to start: Model::train_window; parameters by name: trained_parameters.h. Sequences of numbers, and
// other losses: sequence_model.h. What always holds: results do not depend on the number of threads.
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
#include "nn/trained_parameters.h"

namespace cellwright {

/// Names and shapes without making the model: to hold a file against its specification before memory is asked
/// for: "embedding.weight" [V,E], the layers', "head.weight" [V,H], "head.bias" [V]. A tied model has no
/// "head.weight"; an adaptive softmax has "head.weight" [shortlist + clusters, H] and a bias to it, and for
/// each cluster "head.tails.0.projection" [H/4, H] and "head.tails.0.weight" [its classes, H/4]. Throws as
/// Model().
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

/// What lies behind a window's loss, token by token; valid until the model's next call.
template <class T>
struct WindowRows {
  const T* h = nullptr;  ///< [steps, lanes, width]: what the head reads
  int width = 0;
  const double* nats =
      nullptr;  ///< [steps, lanes]: -log p(target); 0 where there is no target, unset before first_counted
};

template <class T>
class Model : public TrainedParameters<T> {
 public:
  /// Parameters are all 0 until initialise(), which starts the embedding from N(0, 1), a tied one, which is a
  /// softmax' weight too, from U(-0.1, 0.1) as Merity et al. 2018, or set(). Throws CellError, SpecError
  /// (units 0, …).
  Model(const ModelSpec& spec, Engine& engine);
  ~Model();

  /// As Stack's; the constructor has asked for training.
  void require_scan(bool training);

  const ModelSpec& spec() const;

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

  /// One token a lane in, logits [lanes, classes] out; with an adaptive softmax their log-probabilities.
  /// Allocates nothing after the first call with this many lanes.
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
