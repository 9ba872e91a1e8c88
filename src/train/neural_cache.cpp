// neural_cache.cpp: see neural_cache.h. All of a window's h·h are one product with the lane's memory as
// packed weights.
#include "train/neural_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "base/denormals.h"
#include "cellwright/error.h"
#include "kernels/kernels.h"

namespace cellwright {
namespace {

constexpr int kPanel = kernels::kPanel<float>;

}  // namespace

void check(const CacheOptions& o) {
  if (o.size < 1 || o.size > 1 << 20)
    throw SpecError(fmt::format("cache is {}: it must lie in 1 … {}", o.size, 1 << 20));
  if (!std::isfinite(o.theta))
    throw SpecError(fmt::format("cache_theta is {}: it must be a number", o.theta));
  if (!(o.lambda >= 0 && o.lambda < 1))
    throw SpecError(fmt::format("cache_lambda is {}: it must be at least 0 and below 1", o.lambda));
}

NeuralCache::NeuralCache(const CacheOptions& options, int lanes, Engine& engine)
    : options_(options), engine_(engine), lanes_(static_cast<std::size_t>(lanes)) {
  check(options_);
}

// Rows [first, last) of the window against all of the lane's pairs.
void NeuralCache::score(int first, int last) {
  if (first == last) return;
  const int count = static_cast<int>(lane_->next.size());
  const int panels = (count + kPanel - 1) / kPanel;
  std::vector<kernels::ProductPanel<float>> list(static_cast<std::size_t>(panels));
  std::vector<kernels::ProductTerm<float>> terms(static_cast<std::size_t>(panels));
  const float* queries =
      lane_->h.data() + (old_ + static_cast<std::size_t>(first)) * static_cast<std::size_t>(width_);
  for (int i = 0; i < panels; ++i) {
    kernels::ProductTerm<float>& term = terms[static_cast<std::size_t>(i)];
    term.a = queries;
    term.a_stride = width_;
    term.weights = packed_.data() + static_cast<std::size_t>(i) * static_cast<std::size_t>(kPanel * width_);
    term.k = width_;
    kernels::ProductPanel<float>& panel = list[static_cast<std::size_t>(i)];
    panel.out = scores_.data() + static_cast<std::ptrdiff_t>(first) * count + i * kPanel;
    panel.out_stride = count;
    panel.width = std::min(kPanel, count - i * kPanel);
    panel.start = kernels::Start::kZero;
    panel.bias = nullptr;
    panel.terms = &term;
    panel.term_count = 1;
  }
  kernels::kernels<float>(engine_.options.simd).product(last - first, list.data(), panels);
}

double NeuralCache::nats(std::size_t row, double model) const {
  const std::size_t end = old_ + row, size = static_cast<std::size_t>(options_.size);
  const std::size_t begin = end > size ? end - size : 0;
  if (begin == end) return model;
  const float* score = scores_.data() + row * lane_->next.size();
  const std::int32_t target = lane_->next[end];
  double most = -std::numeric_limits<double>::infinity();
  for (std::size_t i = begin; i < end; ++i)
    most = std::max(most, options_.theta * static_cast<double>(score[i]));
  double all = 0, hits = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const double weight = std::exp(options_.theta * static_cast<double>(score[i]) - most);
    all += weight;
    if (lane_->next[i] == target) hits += weight;
  }
  const double own = std::log1p(-options_.lambda) - model;
  const double remembered = std::log(options_.lambda) + std::log(hits / all);
  // The larger first: a probability that double cannot hold is still a finite figure.
  const double larger = std::max(own, remembered), smaller = std::min(own, remembered);
  return -(smaller == -std::numeric_limits<double>::infinity()
               ? larger
               : larger + std::log1p(std::exp(smaller - larger)));
}

double NeuralCache::read(const WindowRows<float>& rows, const std::int32_t* targets, int steps) {
  width_ = rows.width;
  const auto width = static_cast<std::size_t>(width_);
  double sum = 0;
  for (std::size_t b = 0; b < lanes_.size(); ++b) {
    lane_ = &lanes_[b];
    const std::size_t size = static_cast<std::size_t>(options_.size);
    if (lane_->next.size() > size) {
      const auto drop = static_cast<std::ptrdiff_t>(lane_->next.size() - size);
      lane_->next.erase(lane_->next.begin(), lane_->next.begin() + drop);
      lane_->h.erase(lane_->h.begin(), lane_->h.begin() + drop * width_);
    }
    old_ = lane_->next.size();
    model_nats_.clear();
    for (int t = 0; t < steps; ++t) {
      const std::size_t at = static_cast<std::size_t>(t) * lanes_.size() + b;
      if (targets[at] < 0) continue;
      lane_->h.insert(lane_->h.end(), rows.h + at * width, rows.h + (at + 1) * width);
      lane_->next.push_back(targets[at]);
      model_nats_.push_back(rows.nats[at]);
    }
    const int fresh = static_cast<int>(model_nats_.size()), count = static_cast<int>(lane_->next.size());
    if (fresh == 0) continue;
    const std::size_t packed = kernels::packed_size<float>(count, width_),
                      scores = static_cast<std::size_t>(fresh) * static_cast<std::size_t>(count);
    if (packed_.size() < packed) packed_ = AlignedArray<float>(packed);
    if (scores_.size() < scores) scores_ = AlignedArray<float>(scores);
    kernels::pack(lane_->h.data(), width_, 0, count, 0, width_, packed_.data());
    nats_.resize(static_cast<std::size_t>(fresh));
    const auto run = [&](int thread) {
      const FlushDenormals flush;
      const Part mine = part(fresh, engine_.pool.size(), thread);
      score(mine.first, mine.last);
      for (int t = mine.first; t < mine.last; ++t) {
        const auto row = static_cast<std::size_t>(t);
        nats_[row] = nats(row, model_nats_[row]);
      }
    };
    engine_.pool.run(std::ref(run));
    for (const double n : nats_) sum += n;
  }
  return sum;
}

}  // namespace cellwright
