// parameter_update.cpp: see parameter_update.h.
#include "train/parameter_update.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "base/denormals.h"
#include "optim/clip.h"

namespace cellwright {
namespace {

// Numbers a partial sum of squares covers: fixed, so that neither threads nor the norm's last bit depend on
// each other.
constexpr std::size_t kChunk = std::size_t{1} << 16;

constexpr std::size_t kLine = kAlignment / sizeof(float);

// Ranges of whole cache lines: no element is seen twice.
template <class F>
void over_ranges(ThreadPool& pool, std::size_t size, const F& f) {
  const auto run = [&](int thread) {
    const FlushDenormals flush;
    const std::size_t lines = size / kLine, team = static_cast<std::size_t>(pool.size()),
                      t = static_cast<std::size_t>(thread);
    f(lines * t / team * kLine, t + 1 == team ? size : lines * (t + 1) / team * kLine);
  };
  pool.run(std::ref(run));
}

}  // namespace

ParameterUpdate::ParameterUpdate(TrainedParameters<float>& model, const TrainOptions& options)
    : model_(model),
      clip_norm_(options.clip_norm),
      clip_value_(options.clip_value),
      optimizer_(make_optimizer<float>(options.optimizer, model.size())),
      average_(make_average<float>(options.optimizer, model.size())),
      partial_((model.size() + kChunk - 1) / kChunk) {
  std::vector<std::string> names;
  for (const TensorInfo& info : model.tensors()) names.push_back(info.name);
  const std::vector<int> group_of = assign_groups(options.groups, names);
  std::vector<RowBlock> rows;
  for (const TensorPiece& p : model.pieces()) {
    const int g = group_of[p.tensor];
    const GroupSpec group = g < 0 ? GroupSpec() : options.groups[static_cast<std::size_t>(g)];
    const double decay = group.weight_decay.value_or(options.optimizer.weight_decay);
    const bool goes_on = !segments_.empty() && segments_.back().last == p.first &&
                         segments_.back().rate == group.learning_rate &&
                         segments_.back().weight_decay == decay;
    if (goes_on) {
      segments_.back().last = p.last;
    } else {
      segments_.push_back({p.first, p.last, group.learning_rate, decay});
    }
    any_frozen_ = any_frozen_ || group.learning_rate == 0;
    if (const std::size_t used = static_cast<std::size_t>(p.rows) % kLine; used > 0) {
      const std::size_t lines = p.packed ? static_cast<std::size_t>(p.columns) : 1;
      padding_.push_back({p.last - lines * kLine, p.last, used});
    }
    if (p.packed && group.learning_rate > 0)
      rows.push_back({static_cast<int>(p.tensor), p.first, p.row, p.rows, p.columns});
  }
  if (options.gradient_noise > 0) noise_.emplace(options.gradient_noise, options.seed);
  if (options.max_norm > 0) max_norm_.emplace(rows, options.max_norm);
}

double ParameterUpdate::norm() const {
  const auto& kernels = kernels::kernels<float>(model_.engine().options.simd);
  const float* gradients = std::as_const(model_).gradients();
  const std::size_t size = model_.size();
  ThreadPool& pool = model_.engine().pool;
  const auto sum = [&](int thread) {
    const FlushDenormals flush;
    const Part mine = part(static_cast<int>(partial_.size()), pool.size(), thread);
    for (int i = mine.first; i < mine.last; ++i) {
      const std::size_t first = static_cast<std::size_t>(i) * kChunk;
      partial_[static_cast<std::size_t>(i)] =
          kernels.sum_of_squares(gradients + first, std::min(kChunk, size - first));
    }
  };
  pool.run(std::ref(sum));
  double total = 0;
  for (const double p : partial_) total += p;
  return std::sqrt(total);
}

double ParameterUpdate::gradient_norm() {
  for (const Segment& s : segments_) {
    if (any_frozen_ && s.rate == 0)
      std::fill(model_.gradients() + s.first, model_.gradients() + s.last, 0.0f);
  }
  return norm();
}

void ParameterUpdate::clear_padding(std::size_t first, std::size_t last) {
  auto p = std::lower_bound(padding_.begin(), padding_.end(), first,
                            [](const Padding& a, std::size_t at) { return a.last <= at; });
  for (; p != padding_.end() && p->first < last; ++p) {
    for (std::size_t line = std::max(first, p->first); line < std::min(last, p->last); line += kLine)
      std::fill(written_ + line + p->used, written_ + line + kLine, 0.0f);
  }
}

// Noise first, over a stretch that the caches hold until the rule reads it.
void ParameterUpdate::move(std::size_t first, std::size_t last, double rate, double scale,
                           std::int64_t update) {
  constexpr std::size_t kStretch = 4096;
  auto s = std::lower_bound(segments_.begin(), segments_.end(), first,
                            [](const Segment& a, std::size_t at) { return a.last <= at; });
  for (; s != segments_.end() && s->first < last; ++s) {
    if (s->rate == 0) continue;
    Rates rates;
    rates.learning_rate = rate * s->rate;
    rates.weight_decay = s->weight_decay;
    rates.scale = noise_ ? 1 : scale;
    const std::size_t end = std::min(last, s->last);
    for (std::size_t at = std::max(first, s->first); at < end;) {
      const std::size_t next = noise_ ? std::min(end, (at / kStretch + 1) * kStretch) : end;
      if (noise_) {
        noise_->add(written_, at, next, static_cast<std::uint64_t>(update), scale);
        clear_padding(at, next);
      }
      step(at, next, rates);
      at = next;
    }
  }
}

// Of a table, the rows that have a gradient, where the rule leaves the others alone.
void ParameterUpdate::step(std::size_t first, std::size_t last, const Rates& rates) {
  float* const parameters = model_.parameters();
  const float* const gradients = std::as_const(model_).gradients();
  const TouchedRows table = model_.touched_rows();
  if (table.rows && first < table.numbers && rates.weight_decay == 0 && optimizer_->skips_zero_gradients()) {
    const std::size_t end = std::min(last, table.numbers);
    auto row = std::lower_bound(table.rows->begin(), table.rows->end(), first / table.width,
                                [](std::int32_t a, std::size_t b) { return static_cast<std::size_t>(a) < b; });
    for (; row != table.rows->end() && static_cast<std::size_t>(*row) * table.width < end; ++row) {
      const std::size_t at = static_cast<std::size_t>(*row) * table.width;
      optimizer_->step(parameters, gradients, std::max(first, at), std::min(end, at + table.width), rates);
    }
    first = end;
  }
  if (first < last) optimizer_->step(parameters, gradients, first, last, rates);
}

void ParameterUpdate::apply(double rate, double norm_before, std::int64_t update) {
  ThreadPool& pool = model_.engine().pool;
  const std::size_t size = model_.size();
  double clipped = norm_before;
  if (noise_ || clip_value_ > 0) written_ = model_.gradients();  // asked for once: it makes all rows count
  if (clip_value_ > 0) {
    over_ranges(pool, size, [&](std::size_t first, std::size_t last) {
      clip_by_value(written_, first, last, clip_value_);
    });
    if (clip_norm_ > 0) clipped = norm();
  }
  const double scale = clip_scale(clipped, clip_norm_);
  optimizer_->begin_step();
  over_ranges(pool, size,
              [&](std::size_t first, std::size_t last) { move(first, last, rate, scale, update); });
  if (max_norm_) {
    const auto bound = [&](int thread) {
      const FlushDenormals flush;
      const Part mine = part(max_norm_->strips(), pool.size(), thread);
      max_norm_->apply(model_.parameters(), mine.first, mine.last);
    };
    pool.run(std::ref(bound));
  }
  if (average_) {
    average_->begin_step();
    over_ranges(pool, size, [&](std::size_t first, std::size_t last) {
      average_->update(model_.parameters(), first, last);
    });
  }
  model_.parameters_changed();
}

std::vector<Optimizer<float>::State> ParameterUpdate::states() {
  std::vector<Optimizer<float>::State> all = optimizer_->states();
  if (averaged()) all.push_back({"average", &average_->array()});
  return all;
}

void ParameterUpdate::set(std::int64_t steps, std::int64_t average_from) {
  optimizer_->set_steps(steps);
  if (average_) average_->set(steps, average_from);
}

}  // namespace cellwright
