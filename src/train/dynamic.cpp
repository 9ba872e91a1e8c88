// dynamic.cpp: see dynamic.h.
#include "train/dynamic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "base/denormals.h"
#include "cellwright/error.h"

namespace cellwright {
namespace {

/// f(first, last) on ranges of whole cache lines, one a thread.
template <class F>
void over_ranges(ThreadPool& pool, std::size_t size, const F& f) {
  constexpr std::size_t kLine = kAlignment / sizeof(float);
  const auto run = [&](int thread) {
    const FlushDenormals flush;
    const std::size_t lines = size / kLine, team = static_cast<std::size_t>(pool.size()),
                      t = static_cast<std::size_t>(thread);
    f(lines * t / team * kLine, t + 1 == team ? size : lines * (t + 1) / team * kLine);
  };
  pool.run(std::ref(run));
}

}  // namespace

void check(const DynamicOptions& o) {
  if (o.steps < 1) throw SpecError(fmt::format("dynamic_steps is {}: it must be 1 or more", o.steps));
  if (!(o.rate >= 0) || !std::isfinite(static_cast<float>(o.rate)))
    throw SpecError(fmt::format("dynamic is {}: it must be a number of 0 or more", o.rate));
  if (!(o.decay >= 0 && o.decay <= 1))
    throw SpecError(fmt::format("dynamic_decay is {}: it must lie in 0 … 1", o.decay));
  if (!(o.epsilon > 0) || !std::isfinite(o.epsilon))
    throw SpecError(fmt::format("dynamic_epsilon is {}: it must be a number above 0", o.epsilon));
}

ModelSpec for_dynamic(const ModelSpec& spec) {
  ModelSpec plain = spec;
  plain.embedding_dropout = plain.label_smoothing = plain.weight_noise = 0;
  for (LayerSpec& layer : plain.layers) {
    for (const auto& [state, rate] : layer.regularisation.zoneout) {
      if (rate > 0)
        throw SpecError("dynamic evaluation is not there for models with zoneout; leave --dynamic out");
    }
    layer.regularisation = {};
  }
  return plain;
}

GradientStatistics gradient_statistics(Model<float>& model, const Streams& streams, int most,
                                       const std::atomic<bool>* stop) {
  ModelState<float> state = model.make_state(streams.batch());
  const auto room = static_cast<std::size_t>(streams.batch()) * static_cast<std::size_t>(streams.steps());
  std::vector<std::int32_t> inputs(room), targets(room);
  GradientStatistics result;
  result.rms = AlignedArray<float>(model.size());
  float* sums = result.rms.data();
  std::fill_n(sums, model.size(), 0.0f);
  const int windows = std::min(most, streams.windows());
  for (int i = 0; i < windows && !(stop && stop->load()); ++i) {
    streams.window(i, inputs.data(), targets.data());
    TokenWindow window;
    window.steps = streams.steps_of(i);
    window.lanes = streams.batch();
    window.inputs = inputs.data();
    window.targets = targets.data();
    model.train_window(window, state);
    const float* g = model.gradients();
    over_ranges(model.engine().pool, model.size(), [&](std::size_t first, std::size_t last) {
      for (std::size_t k = first; k < last; ++k) sums[k] += g[k] * g[k];
    });
  }
  double sum = 0;
  for (std::size_t k = 0; k < model.size(); ++k) {
    sums[k] = static_cast<float>(std::sqrt(static_cast<double>(sums[k]) / windows));
    sum += static_cast<double>(sums[k]);  // the padding between tensors adds 0
  }
  result.mean = sum / static_cast<double>(model.parameter_count());
  return result;
}

DynamicStep::DynamicStep(Model<float>& model, const DynamicOptions& options,
                         const GradientStatistics* statistics)
    : model_(model), options_(options), trained_(model.size()) {
  check(options_);
  std::copy_n(model_.parameters(), model_.size(), trained_.data());
  if (statistics == nullptr) return;
  rate_ = AlignedArray<float>(model_.size());
  decay_ = AlignedArray<float>(model_.size());
  for (std::size_t k = 0; k < model_.size(); ++k) {
    const auto r = static_cast<double>(statistics->rms[k]);
    rate_[k] = static_cast<float>(options_.rate / (r + options_.epsilon));
    decay_[k] = statistics->mean > 0
                    ? static_cast<float>(std::min(options_.decay * r / statistics->mean, 1.0))
                    : 0.0f;
  }
}

DynamicStep::~DynamicStep() {
  std::copy_n(trained_.data(), model_.size(), model_.parameters());
  model_.parameters_changed();
}

void DynamicStep::step() {
  float* p = model_.parameters();
  const float* g = model_.gradients();
  const float* trained = trained_.data();
  over_ranges(model_.engine().pool, model_.size(), [&](std::size_t first, std::size_t last) {
    if (rate_.empty()) {
      const auto rate = static_cast<float>(options_.rate), decay = static_cast<float>(options_.decay);
      for (std::size_t k = first; k < last; ++k) p[k] += decay * (trained[k] - p[k]) - rate * g[k];
    } else {
      const float *rate = rate_.data(), *decay = decay_.data();
      for (std::size_t k = first; k < last; ++k) p[k] += decay[k] * (trained[k] - p[k]) - rate[k] * g[k];
    }
  });
  model_.parameters_changed();
}

}  // namespace cellwright
