// evaluate.h: the loss of a model on a text, the state carried from window to window.
#pragma once

#include <atomic>
#include <cstdint>

#include "data/streams.h"
#include "nn/model.h"

namespace cellwright {

struct Evaluation {
  double nats = 0;         ///< Σ -log p(target)
  double cell_losses = 0;  ///< Σ of the cells' own losses
  std::int64_t tokens = 0;

  double per_token() const { return tokens > 0 ? nats / static_cast<double>(tokens) : 0; }
};

/// Windows of `range` in order, from a fresh state, every target other than Streams::kNoTarget once. The loss
/// is Σ in double in the order of windows, so it does not depend on threads. `stop`, when set by someone
/// else, ends it early (the figure is of no use then).
Evaluation evaluate(Model<float>& model, const Streams& streams, WindowRange range,
                    const std::atomic<bool>* stop = nullptr);

}  // namespace cellwright
