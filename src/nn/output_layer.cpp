// output_layer.cpp: see output_layer.h.
#include "nn/output_layer.h"

#include <fmt/format.h>

#include <algorithm>

namespace cellwright {
namespace {

constexpr int kStretch = 1024;  // of log_sum's sums

template <class A>
void make_room(A& array, std::size_t n) {
  if (array.size() < n) array = A(n);
}

template <class T>
std::size_t size_of(const OutputTensor& t) {
  return padded<T>(t.matrix ? kernels::packed_size<T>(t.rows, t.columns) : static_cast<std::size_t>(t.rows));
}

}  // namespace

int tail_width(int inputs, std::size_t tail) { return tail < 15 ? inputs >> (2 * (tail + 1)) : 0; }

std::vector<OutputTensor> output_tensors(int inputs, int classes, const std::vector<int>& cutoffs) {
  const int clusters = static_cast<int>(cutoffs.size());
  const int first = clusters == 0 ? classes : cutoffs[0] + clusters;
  std::vector<OutputTensor> all{{"weight", first, inputs, true}, {"bias", first, 1, false}};
  for (std::size_t i = 0; i < cutoffs.size(); ++i) {
    const int last = i + 1 < cutoffs.size() ? cutoffs[i + 1] : classes, width = tail_width(inputs, i);
    all.push_back({fmt::format("tails.{}.projection", i), width, inputs, true});
    all.push_back({fmt::format("tails.{}.weight", i), last - cutoffs[i], width, true});
  }
  return all;
}

template <class T>
OutputLayer<T>::OutputLayer(int inputs, int classes, const std::vector<int>& cutoffs,
                            const kernels::Kernels<T>& kernels, ThreadPool& pool)
    : inputs_(inputs),
      classes_(classes),
      kernels_(kernels),
      pool_(pool),
      shortlist_(cutoffs.empty() ? classes : cutoffs[0]),
      head_(inputs, shortlist_ + static_cast<int>(cutoffs.size()), kernels, pool) {
  for (std::size_t i = 0; i < cutoffs.size(); ++i) {
    const int first = cutoffs[i], last = i + 1 < cutoffs.size() ? cutoffs[i + 1] : classes;
    const int width = tail_width(inputs, i);
    tails_.push_back(std::unique_ptr<Tail>(
        new Tail{first, last, {inputs, width, kernels, pool}, {width, last - first, kernels, pool}}));
  }
  for (const OutputTensor& t : output_tensors(inputs, classes, cutoffs)) {
    offsets_.push_back(size_);
    size_ += size_of<T>(t);
  }
}

template <class T>
void OutputLayer<T>::bind(const T* parameters) {
  head_.bind(parameters + offsets_[0], parameters + offsets_[1]);
  for (std::size_t i = 0; i < tails_.size(); ++i) {
    tails_[i]->projection.bind(parameters + offsets_[2 + 2 * i]);
    tails_[i]->head.bind(parameters + offsets_[3 + 2 * i], nullptr);
  }
}

template <class T>
int OutputLayer<T>::cluster_of(std::int32_t target) const {
  int i = static_cast<int>(tails_.size()) - 1;
  while (i >= 0 && target < tails_[static_cast<std::size_t>(i)]->first) --i;
  return i;
}

template <class T>
double OutputLayer<T>::loss(const Rows& rows, const Gradients* g) {
  typename Head<T>::Gradients of_head;
  if (g)
    of_head = {g->scale, g->parameters + offsets_[0], g->parameters + offsets_[1], g->d_h, g->smoothing,
               g->fresh};
  if (tails_.empty()) return head_.loss(rows, g ? &of_head : nullptr);

  const auto lanes = static_cast<std::size_t>(rows.lanes),
             count = static_cast<std::size_t>(rows.steps) * lanes,
             first = static_cast<std::size_t>(rows.first_step) * lanes;
  head_targets_.assign(rows.targets, rows.targets + count);
  for (std::int32_t& target : head_targets_) {
    const int cluster = cluster_of(target);
    if (cluster >= 0) target = shortlist_ + cluster;
  }
  Rows of_rows = rows;
  of_rows.targets = head_targets_.data();
  head_.loss(of_rows, g ? &of_head : nullptr);
  nats_.assign(head_.row_nats(), head_.row_nats() + count);
  for (std::size_t i = 0; i < tails_.size(); ++i) add_tail(rows, i, g);
  double sum = 0;
  for (std::size_t r = first; r < count; ++r) sum += nats_[r];
  return sum;
}

// What the rows lose within cluster i, whose targets lie in it.
template <class T>
void OutputLayer<T>::add_tail(const Rows& rows, std::size_t i, const Gradients* g) {
  Tail& tail = *tails_[i];
  const auto lanes = static_cast<std::size_t>(rows.lanes), n = static_cast<std::size_t>(inputs_),
             width = static_cast<std::size_t>(tail.projection.outputs());
  chosen_.clear();
  tail_targets_.clear();
  for (int t = rows.steps - 1; t >= rows.first_step; --t) {
    for (std::size_t b = 0; b < lanes; ++b) {
      const std::size_t row = static_cast<std::size_t>(t) * lanes + b;
      if (rows.targets[row] < tail.first || rows.targets[row] >= tail.last) continue;
      chosen_.push_back(row);
      tail_targets_.push_back(rows.targets[row] - tail.first);
    }
  }
  T* const d_projection = g ? g->parameters + offsets_[2 + 2 * i] : nullptr;
  T* const d_weights = g ? g->parameters + offsets_[3 + 2 * i] : nullptr;
  const int count = static_cast<int>(chosen_.size());
  if (count == 0) {
    if (g && g->fresh) {
      std::fill_n(d_projection, tail.projection.size(), T{});
      std::fill_n(d_weights, tail.head.weight_size(), T{});
    }
    return;
  }
  make_room(x_, chosen_.size() * n);
  make_room(hidden_, chosen_.size() * width);
  for (std::size_t r = 0; r < chosen_.size(); ++r) std::copy_n(rows.h + chosen_[r] * n, n, x_.data() + r * n);
  tail.projection.forward(x_.data(), count, hidden_.data());
  const Rows own{hidden_.data(), tail_targets_.data(), 1, count, 0};
  if (g) {
    make_room(d_x_, chosen_.size() * n);
    make_room(d_hidden_, chosen_.size() * width);
    const typename Head<T>::Gradients of_tail{g->scale, d_weights, nullptr, d_hidden_.data(), T{}, g->fresh};
    tail.head.loss(own, &of_tail);
    tail.projection.backward(x_.data(), d_hidden_.data(), count, d_projection, g->fresh, d_x_.data());
    for (std::size_t r = 0; r < chosen_.size(); ++r) {
      T* to = g->d_h + chosen_[r] * n;
      for (std::size_t k = 0; k < n; ++k) to[k] += d_x_[r * n + k];
    }
  } else {
    tail.head.loss(own, nullptr);
  }
  for (std::size_t r = 0; r < chosen_.size(); ++r) nats_[chosen_[r]] += tail.head.row_nats()[r];
}

// log Σ exp.
template <class T>
T OutputLayer<T>::log_sum(const T* logits, int n) {
  const auto stretches = static_cast<std::size_t>((n + kStretch - 1) / kStretch);
  make_room(exps_, static_cast<std::size_t>(kStretch));
  make_room(most_, stretches);
  make_room(sums_, stretches);
  for (std::size_t i = 0; i < stretches; ++i) {
    const int at = static_cast<int>(i) * kStretch, count = std::min(kStretch, n - at);
    std::copy_n(logits + at, count, exps_.data());
    kernels_.softmax_stretch(exps_.data(), static_cast<std::size_t>(count), &most_[i], &sums_[i]);
  }
  return static_cast<T>(
      kernels_.softmax_join(most_.data(), sums_.data(), static_cast<int>(stretches), T{}, T{1}));
}

template <class T>
void OutputLayer<T>::logits(const T* h, int rows, T* out) {
  if (tails_.empty()) return head_.logits(h, rows, out);
  const auto count = static_cast<std::size_t>(rows), all = static_cast<std::size_t>(classes_);
  const int clusters = static_cast<int>(tails_.size());
  std::size_t most = static_cast<std::size_t>(head_.classes()), widest = 0;
  for (const auto& tail : tails_) {
    most = std::max(most, static_cast<std::size_t>(tail->head.classes()));
    widest = std::max(widest, static_cast<std::size_t>(tail->projection.outputs()));
  }
  make_room(logits_, count * most);
  make_room(hidden_, count * widest);
  make_room(sums_, 1 + most / static_cast<std::size_t>(kStretch));
  make_room(most_, sums_.size());
  head_.logits(h, rows, logits_.data());
  // A cluster's log p is put where its first class belongs until its tail is there.
  for (std::size_t r = 0; r < count; ++r) {
    const T* row = logits_.data() + r * static_cast<std::size_t>(head_.classes());
    const T less = log_sum(row, head_.classes());
    for (int c = 0; c < shortlist_; ++c) out[r * all + static_cast<std::size_t>(c)] = row[c] - less;
    for (int i = 0; i < clusters; ++i)
      out[r * all + static_cast<std::size_t>(tails_[static_cast<std::size_t>(i)]->first)] =
          row[shortlist_ + i] - less;
  }
  for (const auto& tail : tails_) {
    tail->projection.forward(h, rows, hidden_.data());
    tail->head.logits(hidden_.data(), rows, logits_.data());
    const int classes = tail->head.classes();
    for (std::size_t r = 0; r < count; ++r) {
      const T* row = logits_.data() + r * static_cast<std::size_t>(classes);
      T* to = out + r * all + static_cast<std::size_t>(tail->first);
      const T add = to[0] - log_sum(row, classes);
      for (int c = 0; c < classes; ++c) to[c] = row[c] + add;
    }
  }
}

template <class T>
std::size_t OutputLayer<T>::fixed_bytes() const {
  std::size_t bytes = head_.fixed_bytes();
  for (const auto& tail : tails_) bytes += tail->projection.fixed_bytes() + tail->head.fixed_bytes();
  return bytes;
}

template <class T>
std::size_t OutputLayer<T>::window_bytes(int steps, int lanes, bool gradients) const {
  std::size_t bytes = head_.window_bytes(steps, lanes, gradients);
  if (tails_.empty()) return bytes;
  // A window may have all its targets in any one tail, but rows of several windows only fill what is there.
  const int rows = steps * lanes;
  std::size_t widest = 0, tails = 0;
  for (const auto& tail : tails_) {
    widest = std::max(widest, static_cast<std::size_t>(tail->projection.outputs()));
    tails += tail->head.window_bytes(1, rows, gradients);
  }
  return bytes + tails +
         static_cast<std::size_t>(rows) *
             ((static_cast<std::size_t>(inputs_) + widest) * sizeof(T) * (gradients ? 2 : 1) +
              sizeof(double) + 2 * sizeof(std::int32_t) + sizeof(std::size_t));
}

template class OutputLayer<float>;
template class OutputLayer<double>;

}  // namespace cellwright
