// evaluate.cpp: see evaluate.h.
#include "train/evaluate.h"

#include <vector>

namespace cellwright {

Evaluation evaluate(Model<float>& model, const Streams& streams, WindowRange range,
                    const std::atomic<bool>* stop) {
  Evaluation sum;
  ModelState<float> state = model.make_state(streams.batch());
  const auto size = static_cast<std::size_t>(streams.batch()) * static_cast<std::size_t>(streams.steps());
  std::vector<std::int32_t> inputs(size), targets(size);
  for (int i = range.first; i < range.last; ++i) {
    if (stop && stop->load()) break;
    streams.window(i, inputs.data(), targets.data());
    TokenWindow window;
    window.steps = streams.steps_of(i);
    window.lanes = streams.batch();
    window.inputs = inputs.data();
    window.targets = targets.data();
    const WindowLoss loss = model.evaluate_window(window, state);
    sum.nats += loss.nats;
    sum.cell_losses += loss.cell_losses;
    sum.tokens += loss.tokens;
  }
  return sum;
}

}  // namespace cellwright
