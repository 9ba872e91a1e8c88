// head.cpp: loss and gradient of the head, chunk of rows by chunk from the last step to the first, and
// within a chunk tile of classes by tile. Start at loss(), then do_chunk().
#include "nn/head.h"

#include <algorithm>
#include <functional>

#include "base/denormals.h"

namespace cellwright {
namespace {

// Exps that are held at a time, where a gradient is wanted: enough rows that reading weights and gradient
// once a chunk costs little beside the products, and never more than a window of a middling vocabulary.
constexpr std::size_t kChunkBytes = std::size_t{16} << 20;

// Rows whose logits of a tile are made and exponentiated while the first caches hold them.
constexpr int kTileRows = 96;

// Below so many multiply-adds waking the team costs more than it brings.
constexpr std::size_t kWorthThreads = std::size_t{1} << 16;

template <class T>
int rows_of_chunk(int classes) {
  const std::size_t a_row = padded<T>(static_cast<std::size_t>(classes)) * sizeof(T);
  return static_cast<int>(std::max<std::size_t>(kChunkBytes / a_row, 1));
}

// Steps of a chunk, and the lanes of it where not even one step has room.
struct Cut {
  int steps, lanes;
};
template <class T>
Cut cut_of(int classes, int steps, int lanes) {
  const int rows = rows_of_chunk<T>(classes);
  if (lanes > rows) return {1, rows};
  return {std::clamp(rows / std::max(lanes, 1), 1, std::max(steps, 1)), lanes};
}

}  // namespace

template <class T>
Head<T>::Head(int inputs, int classes, const kernels::Kernels<T>& kernels, ThreadPool& pool)
    : inputs_(inputs),
      classes_(classes),
      tiles_((classes + kTile - 1) / kTile),
      strips_((classes + kStrip - 1) / kStrip),
      kernels_(kernels),
      pool_(pool),
      weight_size_(kernels::packed_size<T>(classes, inputs)),
      threads_(static_cast<std::size_t>(pool.size())) {
  const auto panels =
      static_cast<std::size_t>((std::max(inputs, classes) + kernels::kPanel<T> - 1) / kernels::kPanel<T>);
  for (ThreadData& t : threads_) {
    t.panels.resize(panels);
    t.terms.resize(panels);
  }
}

template <class T>
void Head<T>::bind(const T* weights, const T* bias) {
  weights_ = weights;
  bias_ = bias;
  transposed_valid_ = false;
}

template <class T>
int Head<T>::width_of(int tile) const {
  return std::min(kTile, classes_ - tile * kTile);
}

template <class T>
int Head<T>::width_of_strip(int strip) const {
  return std::min(kStrip, classes_ - strip * kStrip);
}

template <class T>
int Head<T>::stride_of_strip(int strip) const {
  return static_cast<int>(padded<T>(static_cast<std::size_t>(width_of_strip(strip)))) + kernels::kPanel<T>;
}

template <class T>
std::size_t Head<T>::exps_size(int classes, std::size_t rows) {
  const int strips = (classes + kStrip - 1) / kStrip;
  return rows * (padded<T>(static_cast<std::size_t>(classes)) +
                 static_cast<std::size_t>(strips) * static_cast<std::size_t>(kernels::kPanel<T>));
}

template <class T>
void Head<T>::multiply(ThreadData& mine, const Product& p) {
  const int panels = (p.columns + kernels::kPanel<T> - 1) / kernels::kPanel<T>;
  for (int i = 0; i < panels; ++i) {
    const int column = i * kernels::kPanel<T>;
    kernels::ProductTerm<T>& term = mine.terms[static_cast<std::size_t>(i)];
    term.a = p.a;
    term.a_stride = p.a_stride;
    term.weights = p.weights + i * p.panel_stride;
    term.k = p.k;
    kernels::ProductPanel<T>& panel = mine.panels[static_cast<std::size_t>(i)];
    panel.out = p.out + column;
    panel.out_stride = p.out_stride;
    panel.width = std::min(kernels::kPanel<T>, p.columns - column);
    panel.start = p.accumulate ? kernels::Start::kAccumulate
                  : p.bias     ? kernels::Start::kBias
                               : kernels::Start::kZero;
    panel.bias = p.bias ? p.bias + column : nullptr;
    panel.terms = &term;
    panel.term_count = 1;
  }
  kernels_.product(p.rows, mine.panels.data(), panels);
}

// f(thread, team) on the team, or on this thread alone.
template <class T>
template <class F>
void Head<T>::run(bool together, const F& f) {
  if (!together) return f(0, 1);
  const int team = pool_.size();
  const auto on_thread = [&](int thread) {
    const FlushDenormals flush;
    f(thread, team);
  };
  pool_.run(std::ref(on_thread));
}

template <class T>
void Head<T>::logits(const T* h, int rows, T* out) {
  const int panels = (classes_ + kernels::kPanel<T> - 1) / kernels::kPanel<T>;
  const std::size_t size = static_cast<std::size_t>(rows) * weight_size_;
  run(pool_.size() > 1 && size >= kWorthThreads, [&](int thread, int team) {
    const Part p = part(panels, team, thread);
    if (p.first == p.last) return;
    const int column = p.first * kernels::kPanel<T>, end = std::min(p.last * kernels::kPanel<T>, classes_);
    multiply(threads_[static_cast<std::size_t>(thread)],
             {h, inputs_, weights_ + static_cast<std::ptrdiff_t>(column) * inputs_,
              std::ptrdiff_t{kernels::kPanel<T>} * inputs_, inputs_, out + column, classes_,
              bias_ ? bias_ + column : nullptr, false, rows, end - column});
  });
}

// Logits of a tile, as exps: where they are kept, or in the thread's own place.
template <class T>
void Head<T>::exponentiate(ThreadData& mine, const Chunk& c, int tile, Part rows, bool keep) {
  const int column = tile * kTile, width = width_of(tile), strip = tile / kStripTiles;
  const int stride = keep ? stride_of_strip(strip) : kTile;
  T* x = keep ? exps_of(strip, rows.first, c.rows()) + tile % kStripTiles * kTile : mine.tile.data();
  multiply(mine, {c.h + static_cast<std::ptrdiff_t>(rows.first) * inputs_, inputs_,
                  weights_ + static_cast<std::ptrdiff_t>(column) * inputs_,
                  std::ptrdiff_t{kernels::kPanel<T>} * inputs_, inputs_, x, stride,
                  bias_ ? bias_ + column : nullptr, false, rows.last - rows.first, width});
  for (int r = rows.first; r < rows.last; ++r, x += stride) {
    const int target = c.targets[r] - column;
    if (target >= 0 && target < width) target_logits_[static_cast<std::size_t>(r)] = x[target];
    const auto at =
        static_cast<std::size_t>(r) * static_cast<std::size_t>(tiles_) + static_cast<std::size_t>(tile);
    kernels_.softmax_stretch(x, static_cast<std::size_t>(width), &most_[at], &factors_[at]);
  }
}

template <class T>
void Head<T>::join(const Chunk& c, Part rows, T scale) {
  for (int r = rows.first; r < rows.last; ++r) {
    const auto at = static_cast<std::size_t>(r) * static_cast<std::size_t>(tiles_);
    c.losses[r] = c.targets[r] < 0
                      ? 0
                      : kernels_.softmax_join(&most_[at], &factors_[at], tiles_,
                                              target_logits_[static_cast<std::size_t>(r)], scale);
  }
}

// Exps of a strip become the gradient of the objective with respect to its logits.
template <class T>
void Head<T>::differentiate(const Chunk& c, Part rows, int strip, const Gradients& g) {
  const int column = strip * kStrip, width = width_of_strip(strip), stride = stride_of_strip(strip);
  const T less = g.scale * (g.smoothing / static_cast<T>(classes_));
  T* x = exps_of(strip, rows.first, c.rows());
  for (int r = rows.first; r < rows.last; ++r, x += stride) {
    if (c.targets[r] < 0) {
      std::fill_n(x, width, T{});
      continue;
    }
    const auto at = static_cast<std::size_t>(r) * static_cast<std::size_t>(tiles_) +
                    static_cast<std::size_t>(strip * kStripTiles);
    for (int i = 0; i * kTile < width; ++i)
      kernels_.softmax_gradient(x + i * kTile, static_cast<std::size_t>(std::min(kTile, width - i * kTile)),
                                factors_[at + static_cast<std::size_t>(i)], less);
    const int target = c.targets[r] - column;
    if (target >= 0 && target < width) x[target] -= g.scale * (T{1} - g.smoothing);
  }
}

template <class T>
void Head<T>::add_weight_gradients(ThreadData& mine, const Chunk& c, Part panels, const Gradients& g,
                                   bool fresh) {
  constexpr int kPanels = kStrip / kernels::kPanel<T>;
  for (int panel = panels.first; panel < panels.last;) {
    const int strip = panel / kPanels, first = panel % kPanels,
              last = std::min(panels.last - strip * kPanels, kPanels);
    const int width = width_of_strip(strip), stride = stride_of_strip(strip), column = strip * kStrip;
    const int begin = first * kernels::kPanel<T>;
    T* const weights = g.weights + static_cast<std::ptrdiff_t>(column) * inputs_;
    if (fresh) {
      std::fill_n(weights + static_cast<std::ptrdiff_t>(begin) * inputs_,
                  static_cast<std::ptrdiff_t>(last - first) * kernels::kPanel<T> * inputs_, T{});
      if (g.bias) std::fill(g.bias + column + begin, g.bias + column + last * kernels::kPanel<T>, T{});
    }
    static constexpr T kOne = 1;
    const kernels::GradientTerm<T> terms[] = {
        {weights, inputs_, c.h, static_cast<std::ptrdiff_t>(c.lanes) * inputs_, inputs_},
        {g.bias ? g.bias + column : nullptr, 1, &kOne, 0, 0}};
    kernels::WeightGradient<T> w;
    w.terms = terms;
    w.term_count = g.bias ? 2 : 1;
    w.n = width;
    w.d = exps_of(strip, 0, c.rows());
    w.d_lane = stride;
    w.d_step = static_cast<std::ptrdiff_t>(c.lanes) * stride;
    w.steps = c.steps;
    w.lanes = c.lanes;
    w.first_panel = first;
    w.last_panel = last;
    w.scratch = mine.scratch.data();
    kernels_.weight_gradient(w);
    panel = strip * kPanels + last;
  }
}

template <class T>
void Head<T>::add_input_gradients(ThreadData& mine, const Chunk& c, Part rows, Part panels, int strip) {
  const int column = panels.first * kernels::kPanel<T>,
            end = std::min(panels.last * kernels::kPanel<T>, inputs_);
  multiply(mine, {exps_of(strip, rows.first, c.rows()), stride_of_strip(strip),
                  transposed_.data() + static_cast<std::ptrdiff_t>(column) * classes_ +
                      std::ptrdiff_t{strip} * kStrip * kernels::kPanel<T>,
                  std::ptrdiff_t{kernels::kPanel<T>} * classes_, width_of_strip(strip),
                  c.d_h + static_cast<std::ptrdiff_t>(rows.first) * inputs_ + column, inputs_, nullptr,
                  strip > 0, rows.last - rows.first, end - column});
}

// One thread does all that is to be done with a strip's gradient while the cache holds it; a team splits
// tiles, rows, and then panels of the weights and rows.
template <class T>
void Head<T>::do_chunk(const Chunk& c, const Gradients* g, bool fresh) {
  const int rows = c.rows();
  const int pieces = (rows + kTileRows - 1) / kTileRows, items = tiles_ * pieces;
  const int panels = (classes_ + kernels::kPanel<T> - 1) / kernels::kPanel<T>;
  const int input_panels = (inputs_ + kernels::kPanel<T> - 1) / kernels::kPanel<T>;
  const bool together = pool_.size() > 1 && static_cast<std::size_t>(rows) * weight_size_ >= kWorthThreads;
  const auto thread_data = [&](int thread) -> ThreadData& {
    return threads_[static_cast<std::size_t>(thread)];
  };

  run(together, [&](int thread, int team) {
    const Part mine = part(items, team, thread);
    for (int i = mine.first; i < mine.last; ++i) {
      const int tile = i / pieces, piece = i % pieces;
      if (g && !transposed_valid_ && piece == 0)
        kernels_.pack_transpose(weights_, classes_, inputs_, tile * kTile, tile * kTile + width_of(tile),
                                transposed_.data());
      exponentiate(thread_data(thread), c, tile, part(rows, pieces, piece), g != nullptr);
    }
  });
  transposed_valid_ = transposed_valid_ || g;
  if (!g) return join(c, {0, rows}, T{});
  if (!together) {
    constexpr int kPanels = kStrip / kernels::kPanel<T>;
    join(c, {0, rows}, g->scale);
    for (int strip = 0; strip < strips_; ++strip) {
      differentiate(c, {0, rows}, strip, *g);
      add_weight_gradients(threads_[0], c, {strip * kPanels, std::min((strip + 1) * kPanels, panels)}, *g,
                           fresh);
      add_input_gradients(threads_[0], c, {0, rows}, {0, input_panels}, strip);
    }
    return;
  }
  run(true, [&](int thread, int team) {
    const Part mine = part(rows, team, thread);
    join(c, mine, g->scale);
    for (int strip = 0; strip < strips_; ++strip) differentiate(c, mine, strip, *g);
  });
  run(true, [&](int thread, int team) {
    add_weight_gradients(thread_data(thread), c, part(panels, team, thread), *g, fresh);
    const bool by_row = rows >= 4 * team;
    const Part r = by_row ? part(rows, team, thread) : Part{0, rows};
    const Part p = by_row ? Part{0, input_panels} : part(input_panels, team, thread);
    if (r.first == r.last || p.first == p.last) return;
    for (int strip = 0; strip < strips_; ++strip) add_input_gradients(thread_data(thread), c, r, p, strip);
  });
}

template <class T>
std::size_t Head<T>::window_bytes(int steps, int lanes, bool gradients) const {
  const Cut cut = cut_of<T>(classes_, steps, lanes);
  const std::size_t rows = static_cast<std::size_t>(cut.steps) * static_cast<std::size_t>(cut.lanes);
  const std::size_t numbers =
      gradients ? exps_size(classes_, rows) : 0;  // a tile of a thread is next to nothing
  return (numbers + rows * (2 * static_cast<std::size_t>(tiles_) + 1)) * sizeof(T) +
         static_cast<std::size_t>(steps) * static_cast<std::size_t>(lanes) * sizeof(double);
}

template <class T>
void Head<T>::prepare(int rows, bool gradients) {
  const auto count = static_cast<std::size_t>(rows), stats = count * static_cast<std::size_t>(tiles_);
  const auto room = [](AlignedArray<T>& a, std::size_t n) {
    if (a.size() < n) {
      a = AlignedArray<T>();  // not both at once
      a = AlignedArray<T>(n);
    }
  };
  room(most_, stats);
  room(factors_, stats);
  room(target_logits_, count);
  if (gradients) {
    room(exps_, exps_size(classes_, count));
    room(transposed_, kernels::packed_size<T>(inputs_, classes_));
    for (ThreadData& t : threads_) room(t.scratch, kernels::weight_gradient_scratch<T>());
  } else {
    for (ThreadData& t : threads_) room(t.tile, static_cast<std::size_t>(kTileRows) * kTile);
  }
}

template <class T>
double Head<T>::loss(const Rows& rows, const Gradients* gradients) {
  const auto lanes = static_cast<std::size_t>(rows.lanes);
  const Cut cut = cut_of<T>(classes_, rows.steps, rows.lanes);
  prepare(cut.steps * cut.lanes, gradients != nullptr);
  losses_.resize(static_cast<std::size_t>(rows.steps) * lanes);
  const std::size_t h_step = lanes * static_cast<std::size_t>(inputs_);
  bool fresh = gradients && gradients->fresh;
  if (gradients) std::fill_n(gradients->d_h, static_cast<std::size_t>(rows.first_step) * h_step, T{});
  if (fresh && rows.first_step >= rows.steps) {
    std::fill_n(gradients->weights, weight_size_, T{});
    if (gradients->bias) std::fill_n(gradients->bias, bias_size(), T{});
  }
  for (int last = rows.steps; last > rows.first_step; last -= cut.steps) {
    const int first = std::max(rows.first_step, last - cut.steps);
    for (int lane = 0; lane < rows.lanes; lane += cut.lanes) {
      const std::size_t row = static_cast<std::size_t>(first) * lanes + static_cast<std::size_t>(lane);
      const std::size_t at = row * static_cast<std::size_t>(inputs_);
      do_chunk(
          {rows.h + at, rows.targets + row, losses_.data() + row, gradients ? gradients->d_h + at : nullptr,
           last - first, std::min(cut.lanes, rows.lanes - lane)},
          gradients, fresh);
      fresh = false;
    }
  }
  double sum = 0;
  for (std::size_t i = static_cast<std::size_t>(rows.first_step) * lanes; i < losses_.size(); ++i)
    sum += losses_[i];
  return sum;
}

template class Head<float>;
template class Head<double>;

}  // namespace cellwright
