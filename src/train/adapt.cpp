// adapt.cpp: see adapt.h.
#include "train/adapt.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <vector>

#include "cellwright/error.h"

namespace cellwright {

AdaptedEvaluation evaluate_adapting(Model<float>& model, const Streams& streams, WindowRange range,
                                    const AdaptOptions& options, const std::atomic<bool>* stop) {
  std::optional<DynamicStep> moving;
  if (options.dynamic) {
    if (options.dynamic->steps != streams.steps()) {
      throw SpecError(
          fmt::format("the segments of dynamic evaluation have {} tokens, the streams' windows {}",
                      options.dynamic->steps, streams.steps()));
    }
    moving.emplace(model, *options.dynamic, options.statistics);
  }
  std::optional<NeuralCache> cache;
  if (options.cache) cache.emplace(*options.cache, streams.batch(), model.engine());

  AdaptedEvaluation sum;
  ModelState<float> state = model.make_state(streams.batch());
  const auto room = static_cast<std::size_t>(streams.batch()) * static_cast<std::size_t>(streams.steps());
  std::vector<std::int32_t> inputs(room), targets(room);
  for (int i = range.first; i < range.last; ++i) {
    if (stop && stop->load()) break;
    streams.window(i, inputs.data(), targets.data());
    TokenWindow window;
    window.steps = streams.steps_of(i);
    window.lanes = streams.batch();
    window.inputs = inputs.data();
    window.targets = targets.data();
    WindowRows<float> rows;
    const WindowLoss loss =
        moving ? model.train_window(window, state, 0, &rows) : model.evaluate_window(window, state, &rows);
    if (moving && !std::isfinite(loss.nats)) {
      throw TrainingError(fmt::format(
          "dynamic evaluation diverged after {} tokens; lower its rate (--dynamic)", sum.model.tokens));
    }
    if (cache) sum.cache_nats += cache->read(rows, targets.data(), window.steps);
    if (moving) moving->step();
    sum.model.nats += loss.nats;
    sum.model.cell_losses += loss.cell_losses;
    sum.model.tokens += loss.tokens;
  }
  return sum;
}

}  // namespace cellwright
