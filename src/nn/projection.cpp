// projection.cpp: see projection.h.
#include "nn/projection.h"

#include <algorithm>
#include <functional>

#include "base/denormals.h"

namespace cellwright {
namespace {

// Below so many multiply-adds waking the team costs more than it brings.
constexpr std::size_t kWorthThreads = std::size_t{1} << 16;

template <class T>
int panels_of(int columns) {
  return (columns + kernels::kPanel<T> - 1) / kernels::kPanel<T>;
}

// f(thread, team) on the team, or on this thread alone.
template <class F>
void run(ThreadPool& pool, std::size_t size, const F& f) {
  const int team = pool.size();
  if (team == 1 || size < kWorthThreads) return f(0, 1);
  const auto on_thread = [&](int thread) {
    const FlushDenormals flush;
    f(thread, team);
  };
  pool.run(std::ref(on_thread));
}

}  // namespace

template <class T>
Projection<T>::Projection(int inputs, int outputs, const kernels::Kernels<T>& kernels, ThreadPool& pool)
    : inputs_(inputs),
      outputs_(outputs),
      kernels_(kernels),
      pool_(pool),
      threads_(static_cast<std::size_t>(pool.size())) {
  for (ThreadData& t : threads_) {
    t.panels.resize(static_cast<std::size_t>(panels_of<T>(std::max(inputs, outputs))));
    t.terms.resize(t.panels.size());
  }
}

template <class T>
void Projection<T>::bind(const T* weights, const T* bias) {
  weights_ = weights;
  bias_ = bias;
  transposed_valid_ = false;
}

// Rows of `a` [rows, k] times a packed block to `out` [rows, n].
template <class T>
void Projection<T>::multiply(int thread, const T* a, int k, const T* weights, const T* bias, Part rows,
                             T* out, int n) {
  if (rows.first == rows.last) return;
  ThreadData& mine = threads_[static_cast<std::size_t>(thread)];
  const int panels = panels_of<T>(n);
  for (int i = 0; i < panels; ++i) {
    const int column = i * kernels::kPanel<T>;
    kernels::ProductTerm<T>& term = mine.terms[static_cast<std::size_t>(i)];
    term.a = a + static_cast<std::ptrdiff_t>(rows.first) * k;
    term.a_stride = k;
    term.weights = weights + static_cast<std::ptrdiff_t>(column) * k;
    term.k = k;
    kernels::ProductPanel<T>& panel = mine.panels[static_cast<std::size_t>(i)];
    panel.out = out + static_cast<std::ptrdiff_t>(rows.first) * n + column;
    panel.out_stride = n;
    panel.width = std::min(kernels::kPanel<T>, n - column);
    panel.start = bias ? kernels::Start::kBias : kernels::Start::kZero;
    panel.bias = bias ? bias + column : nullptr;
    panel.terms = &term;
    panel.term_count = 1;
  }
  kernels_.product(rows.last - rows.first, mine.panels.data(), panels);
}

template <class T>
void Projection<T>::forward(const T* x, int rows, T* out) {
  run(pool_, static_cast<std::size_t>(rows) * size(), [&](int thread, int team) {
    multiply(thread, x, inputs_, weights_, bias_, part(rows, team, thread), out, outputs_);
  });
}

template <class T>
void Projection<T>::backward(const T* x, const T* d_out, int rows, T* gradient, bool fresh, T* d_x) {
  backward(x, d_out, 1, rows, {gradient, nullptr, fresh}, d_x);
}

template <class T>
void Projection<T>::backward(const T* x, const T* d_out, int steps, int lanes, const Gradients& g, T* d_x) {
  if (g.fresh) std::fill_n(g.weights, size(), T{});
  if (g.fresh && g.bias) std::fill_n(g.bias, bias_size(), T{});
  const int rows = steps * lanes;
  if (rows == 0) return;
  if (!transposed_valid_) {
    if (transposed_.empty()) transposed_ = AlignedArray<T>(kernels::packed_size<T>(inputs_, outputs_));
    kernels_.pack_transpose(weights_, outputs_, inputs_, 0, outputs_, transposed_.data());
    transposed_valid_ = true;
  }
  run(pool_, static_cast<std::size_t>(rows) * size(), [&](int thread, int team) {
    multiply(thread, d_out, outputs_, transposed_.data(), nullptr, part(rows, team, thread), d_x, inputs_);
    ThreadData& mine = threads_[static_cast<std::size_t>(thread)];
    if (mine.scratch.empty()) mine.scratch = AlignedArray<T>(kernels::weight_gradient_scratch<T>());
    const Part p = part(panels_of<T>(outputs_), team, thread);
    if (p.first == p.last) return;
    static constexpr T kOne = 1;
    const kernels::GradientTerm<T> terms[] = {
        {g.weights, inputs_, x, static_cast<std::ptrdiff_t>(lanes) * inputs_, inputs_},
        {g.bias, 1, &kOne, 0, 0}};
    kernels::WeightGradient<T> w;
    w.terms = terms;
    w.term_count = g.bias ? 2 : 1;
    w.n = outputs_;
    w.d = d_out;
    w.d_step = static_cast<std::ptrdiff_t>(lanes) * outputs_;
    w.d_lane = outputs_;
    w.steps = steps;
    w.lanes = lanes;
    w.first_panel = p.first;
    w.last_panel = p.last;
    w.scratch = mine.scratch.data();
    kernels_.weight_gradient(w);
  });
}

template class Projection<float>;
template class Projection<double>;

}  // namespace cellwright
