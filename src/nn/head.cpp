// head.cpp: products, softmax and gradients of the head, chunk by chunk from the last step to the first.
#include "nn/head.h"

#include <algorithm>
#include <functional>

#include "base/denormals.h"

namespace cellwright {
namespace {

// Numbers of logits held at a time: large enough that weights are read a few times only, small enough for the
// cache's outer level.
constexpr std::size_t kChunk = std::size_t{1} << 20;

// Steps whose logits are held at a time, of `a_step` numbers each.
int chunk_of(std::size_t a_step, int steps) {
  return std::clamp(static_cast<int>(kChunk / std::max<std::size_t>(a_step, 1)), 1, std::max(steps, 1));
}

// Below so many multiply-adds waking the team costs more than it brings.
constexpr std::size_t kWorthThreads = std::size_t{1} << 16;

}  // namespace

template <class T>
Head<T>::Head(int inputs, int classes, const kernels::Kernels<T>& kernels, ThreadPool& pool)
    : inputs_(inputs),
      classes_(classes),
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
void Head<T>::product(const T* in, int rows, T* out, bool transposed) {
  const int n = transposed ? inputs_ : classes_;
  const int k = transposed ? classes_ : inputs_;
  const T* packed = transposed ? transposed_.data() : weights_;
  const int panels = (n + kernels::kPanel<T> - 1) / kernels::kPanel<T>;
  const int team = pool_.size();
  const bool by_row = rows >= 4 * team;
  const auto work = [&](int thread, int parts) {
    const FlushDenormals flush;
    ThreadData& mine = threads_[static_cast<std::size_t>(thread)];
    const Part r = by_row ? part(rows, parts, thread) : Part{0, rows};
    const Part p = by_row ? Part{0, panels} : part(panels, parts, thread);
    if (r.first == r.last || p.first == p.last) return;
    for (int i = p.first; i < p.last; ++i) {
      const int column = i * kernels::kPanel<T>;
      kernels::ProductTerm<T>& term = mine.terms[static_cast<std::size_t>(i)];
      term.a = in + static_cast<std::ptrdiff_t>(r.first) * k;
      term.a_stride = k;
      term.weights = packed + static_cast<std::size_t>(column) * static_cast<std::size_t>(k);
      term.k = k;
      kernels::ProductPanel<T>& panel = mine.panels[static_cast<std::size_t>(i)];
      panel.out = out + static_cast<std::ptrdiff_t>(r.first) * n + column;
      panel.out_stride = n;
      panel.width = std::min(kernels::kPanel<T>, n - column);
      panel.start = transposed ? kernels::Start::kZero : kernels::Start::kBias;
      panel.bias = transposed ? nullptr : bias_ + column;
      panel.terms = &term;
      panel.term_count = 1;
    }
    kernels_.product(r.last - r.first, mine.panels.data() + p.first, p.last - p.first);
  };
  const std::size_t size =
      static_cast<std::size_t>(rows) * static_cast<std::size_t>(n) * static_cast<std::size_t>(k);
  if (team == 1 || size < kWorthThreads) {
    work(0, 1);
  } else {
    const auto run = [&](int thread) { work(thread, team); };
    pool_.run(std::ref(run));
  }
}

// Rows of steps [first, last): logits_ become the gradient of the objective, if it is wanted; losses_ get the
// rows' nats.
template <class T>
void Head<T>::softmax(const Rows& rows, int first, int last, const Gradients* gradients) {
  const int begin = first * rows.lanes;
  const int count = (last - first) * rows.lanes;
  const auto run = [&](int thread) {
    const FlushDenormals flush;
    const Part mine = part(count, pool_.size(), thread);
    for (int i = mine.first; i < mine.last; ++i) {
      const std::size_t row = static_cast<std::size_t>(begin + i);
      T* logits = logits_.data() + static_cast<std::size_t>(i) * static_cast<std::size_t>(classes_);
      const std::int32_t target = rows.targets[row];
      if (target < 0) {
        losses_[row] = 0;
        if (gradients) std::fill_n(logits, classes_, T{});
      } else {
        losses_[row] =
            kernels_.softmax_cross_entropy(logits, classes_, target, gradients ? gradients->smoothing : T{},
                                           gradients ? gradients->scale : T{}, gradients ? logits : nullptr);
      }
    }
  };
  pool_.run(std::ref(run));
}

template <class T>
void Head<T>::add_gradients(const Rows& rows, int first, int last, const Gradients& g) {
  const std::ptrdiff_t lanes = rows.lanes;
  const int panels = (classes_ + kernels::kPanel<T> - 1) / kernels::kPanel<T>;
  const auto run = [&](int thread) {
    const FlushDenormals flush;
    ThreadData& mine = threads_[static_cast<std::size_t>(thread)];
    if (mine.scratch.empty()) mine.scratch = AlignedArray<T>(kernels::weight_gradient_scratch<T>());
    const Part p = part(panels, pool_.size(), thread);
    if (p.first == p.last) return;
    kernels::WeightGradient<T> w;
    w.gradient = g.weights;
    w.n = classes_;
    w.k = inputs_;
    w.d = logits_.data();
    w.d_step = lanes * classes_;
    w.d_lane = classes_;
    w.a = rows.h + static_cast<std::ptrdiff_t>(first) * lanes * inputs_;
    w.a_step = lanes * inputs_;
    w.a_lane = inputs_;
    w.steps = last - first;
    w.lanes = rows.lanes;
    w.first_panel = p.first;
    w.last_panel = p.last;
    w.scratch = mine.scratch.data();
    kernels_.weight_gradient(w);

    kernels::RowSum<T> b;
    b.gradient = g.bias;
    b.d = w.d;
    b.d_step = w.d_step;
    b.d_lane = w.d_lane;
    b.steps = w.steps;
    b.lanes = w.lanes;
    b.first = p.first * kernels::kPanel<T>;
    b.last = std::min(p.last * kernels::kPanel<T>, classes_);
    kernels_.row_sum(b);
  };
  pool_.run(std::ref(run));
}

template <class T>
std::size_t Head<T>::window_bytes(int steps, int lanes) const {
  const std::size_t a_step = static_cast<std::size_t>(lanes) * static_cast<std::size_t>(classes_);
  return static_cast<std::size_t>(chunk_of(a_step, steps)) * a_step * sizeof(T) +
         static_cast<std::size_t>(steps) * static_cast<std::size_t>(lanes) * sizeof(double);
}

template <class T>
double Head<T>::loss(const Rows& rows, const Gradients* gradients) {
  const auto lanes = static_cast<std::size_t>(rows.lanes);
  const std::size_t a_step = lanes * static_cast<std::size_t>(classes_);
  const int chunk = chunk_of(a_step, rows.steps);
  if (logits_.size() < static_cast<std::size_t>(chunk) * a_step)
    logits_ = AlignedArray<T>(static_cast<std::size_t>(chunk) * a_step);
  losses_.resize(static_cast<std::size_t>(rows.steps) * lanes);
  if (gradients && !transposed_valid_) {
    if (transposed_.empty()) transposed_ = AlignedArray<T>(kernels::packed_size<T>(inputs_, classes_));
    kernels::pack_transpose(weights_, classes_, inputs_, transposed_.data());
    transposed_valid_ = true;
  }
  const std::size_t h_step = lanes * static_cast<std::size_t>(inputs_);
  if (gradients) std::fill_n(gradients->d_h, static_cast<std::size_t>(rows.first_step) * h_step, T{});
  for (int last = rows.steps; last > rows.first_step; last -= chunk) {
    const int first = std::max(rows.first_step, last - chunk);
    const int count = (last - first) * rows.lanes;
    product(rows.h + static_cast<std::size_t>(first) * h_step, count, logits_.data(), false);
    softmax(rows, first, last, gradients);
    if (!gradients) continue;
    product(logits_.data(), count, gradients->d_h + static_cast<std::size_t>(first) * h_step, true);
    add_gradients(rows, first, last, *gradients);
  }
  double sum = 0;
  for (std::size_t i = static_cast<std::size_t>(rows.first_step) * lanes; i < losses_.size(); ++i)
    sum += losses_[i];
  return sum;
}

template class Head<float>;
template class Head<double>;

}  // namespace cellwright
