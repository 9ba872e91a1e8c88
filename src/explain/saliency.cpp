// saliency.cpp: the points of the path are lanes of one batch. Start at saliency() at the end.
#include "explain/saliency.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/denormals.h"
#include "cellwright/error.h"
#include "explain/watch.h"

namespace cellwright {
namespace {

constexpr int kMostLanes = 16;

template <class T>
class Path {
 public:
  Path(Model<T>& model, Watch<T>& watch, const std::int32_t* tokens, int steps)
      : model_(model),
        watch_(watch),
        steps_(steps),
        width_(static_cast<std::size_t>(watch.tokens().width())),
        of_output_(watch.head().size()) {
    const auto rows = static_cast<std::size_t>(steps);
    watch.tokens().prepare(rows);
    const T* x = watch.tokens().forward(false, tokens, rows);
    x_.assign(x, x + rows * width_);
  }

  /// Runs the inputs at these shares of x. Afterwards log_probability() and add_gradient() speak of them.
  void run(const std::vector<double>& shares) {
    lanes_ = static_cast<int>(shares.size());
    const auto lanes = static_cast<std::size_t>(lanes_);
    const std::size_t rows = static_cast<std::size_t>(steps_) * lanes;
    if (scaled_.size() < rows * width_) scaled_ = AlignedArray<T>(rows * width_);
    for (std::size_t s = 0; s < static_cast<std::size_t>(steps_); ++s) {
      for (std::size_t b = 0; b < lanes; ++b) {
        for (std::size_t k = 0; k < width_; ++k)
          scaled_[(s * lanes + b) * width_ + k] =
              static_cast<T>(shares[b] * static_cast<double>(x_[s * width_ + k]));
      }
    }
    ModelState<T> state = model_.make_state(lanes_);
    watch_.stack().forward(true, steps_, {scaled_.data()}, state);
  }

  /// [classes] of a lane at the last step.
  std::vector<T> logits(int lane) {
    const auto inputs = static_cast<std::size_t>(watch_.head().inputs());
    std::vector<T> out(static_cast<std::size_t>(model_.spec().classes));
    AlignedArray<T> row(inputs);  // the head wants aligned rows
    const T* last =
        watch_.stack().output(0) + (static_cast<std::size_t>(steps_ - 1) * static_cast<std::size_t>(lanes_) +
                                    static_cast<std::size_t>(lane)) *
                                       inputs;
    std::copy_n(last, inputs, row.data());
    watch_.head().logits(row.data(), 1, out.data());
    return out;
  }

  /// F of each lane; and sums[s] += weight · x_s · ∂F/∂x_s, over the lanes.
  std::vector<double> back(std::int32_t target, double weight, std::vector<double>& sums) {
    const auto lanes = static_cast<std::size_t>(lanes_);
    const std::size_t rows = static_cast<std::size_t>(steps_) * lanes;
    std::vector<std::int32_t> targets(rows, -1);
    std::fill(targets.end() - lanes_, targets.end(), target);
    const std::size_t top = rows * static_cast<std::size_t>(watch_.head().inputs());
    if (d_h_.size() < top) d_h_ = AlignedArray<T>(top);
    typename OutputLayer<T>::Gradients of_head;
    of_head.parameters = of_output_.data();
    of_head.d_h = d_h_.data();
    watch_.head().loss({watch_.stack().output(0), targets.data(), steps_, lanes_, steps_ - 1}, &of_head);
    std::vector<double> values;
    for (std::size_t b = 0; b < lanes; ++b) values.push_back(-watch_.head().row_nats()[rows - lanes + b]);
    typename Stack<T>::Backward b;
    b.d_outputs.assign(1, d_h_.data());
    b.wanted = 1;
    watch_.stack().backward(b);
    const T* d = watch_.stack().d_input(0);
    for (std::size_t s = 0; s < static_cast<std::size_t>(steps_) && d != nullptr; ++s) {
      double sum = 0;
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        for (std::size_t k = 0; k < width_; ++k)
          sum -= static_cast<double>(x_[s * width_ + k]) *
                 static_cast<double>(d[(s * lanes + lane) * width_ + k]);
      }
      sums[s] += weight * sum;
    }
    return values;
  }

 private:
  Model<T>& model_;
  Watch<T>& watch_;
  int steps_, lanes_ = 0;
  std::size_t width_;
  std::vector<T> x_;
  AlignedArray<T> scaled_, d_h_, of_output_;  // the last: the output layer's gradients, not wanted
};

}  // namespace

template <class T>
Saliency saliency(Model<T>& model, const std::int32_t* tokens, int count, const SaliencyOptions& o) {
  const int classes = model.spec().classes;
  if (count < 1) throw SpecError("saliency needs at least one token that was read");
  if (o.target < -1 || o.target >= classes)
    throw SpecError(fmt::format("token {} lies outside the model's {} classes", o.target, classes));
  if (o.points < 1) throw SpecError(fmt::format("an integral of {} points; at least 1", o.points));
  for (int i = 0; i < count; ++i) {
    if (tokens[i] < 0 || tokens[i] >= classes)
      throw ShapeError(fmt::format("token {} lies outside the model's {} classes", tokens[i], classes));
  }
  const FlushDenormals flush;
  Observation plain;  // for runs without dropout that can be gone back through
  plain.states = true;
  Watch<T> watch(model, std::vector<Observation>(model.inside().stack.wiring().tracks.size(), plain));
  Path<T> path(model, watch, tokens, count);
  Saliency result;
  const auto steps = static_cast<std::size_t>(count);
  path.run({1.0});
  result.target = o.target;
  if (o.target < 0) {
    const std::vector<T> logits = path.logits(0);
    result.target =
        static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
  }
  result.gradient_input.assign(steps, 0.0);
  result.log_probability = path.back(result.target, 1, result.gradient_input)[0];
  std::vector<double> unused(steps);
  path.run({0.0});
  result.baseline = path.back(result.target, 0, unused)[0];

  const double whole = result.log_probability - result.baseline;
  for (int points = o.points;; points = std::min(2 * points, std::max(o.most_points, o.points))) {
    result.points = points;
    result.integrated.assign(steps, 0.0);
    for (int first = 0; first < points; first += kMostLanes) {
      std::vector<double> shares;
      for (int i = first; i < std::min(first + kMostLanes, points); ++i) shares.push_back((i + 0.5) / points);
      path.run(shares);
      path.back(result.target, 1.0 / points, result.integrated);
    }
    double sum = 0;
    for (double v : result.integrated) sum += v;
    result.gap = sum - whole;
    result.complete = std::fabs(result.gap) <= o.tolerance * std::max(1.0, std::fabs(whole));
    if (result.complete || points >= o.most_points) break;
  }
  return result;
}

template Saliency saliency(Model<float>&, const std::int32_t*, int, const SaliencyOptions&);
template Saliency saliency(Model<double>&, const std::int32_t*, int, const SaliencyOptions&);

}  // namespace cellwright
