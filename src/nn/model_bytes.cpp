// model_bytes.cpp: the bytes that a language model and its windows hold.
#include <algorithm>

#include "nn/model_parts.h"

namespace cellwright {

template <class T>
std::size_t Model<T>::fixed_bytes() const {
  Parts& m = *parts_;
  return 2 * this->size() * sizeof(T) + m.stack.fixed_bytes() + m.head.fixed_bytes();
}

template <class T>
std::size_t Model<T>::window_bytes(const WindowNeed& need) const {
  Parts& m = *parts_;
  const auto cut = [&](int steps) { return need.stretch > 0 ? std::min(need.stretch, steps) : steps; };
  const int steps = cut(need.train_steps), test_steps = cut(need.evaluate_steps);
  const auto rows_of = [](int s, int lanes) {
    return static_cast<std::size_t>(s) * static_cast<std::size_t>(lanes);
  };
  const std::size_t rows = rows_of(steps, need.train_lanes),
                    all = rows_of(need.train_steps, need.train_lanes),
                    test_rows = rows_of(test_steps, need.evaluate_lanes),
                    test_all = rows_of(need.evaluate_steps, need.evaluate_lanes);
  const auto looked_up = [&](bool training, std::size_t n) {
    return n > 0 && !(m.spec.embedding == 0 && m.stack.takes_one_hot(training)) ? n : 0;
  };
  std::size_t bytes = m.tokens.window_bytes(std::max(looked_up(true, rows), looked_up(false, test_rows))) +
                      std::max(m.head.window_bytes(steps, need.train_lanes, true),
                               m.head.window_bytes(test_steps, need.evaluate_lanes, false)) +
                      std::max(all, test_all) * sizeof(double);
  std::size_t a_state = 0;  // numbers a lane
  for (int i = 0; i < m.stack.tracks(); ++i) {
    for (const State& s : m.stack.track(i).graph().states) a_state += static_cast<std::size_t>(s.size);
  }
  if (steps > 0) {
    const int count = (need.train_steps + steps - 1) / steps;
    bytes += m.stack.window_bytes(true, steps, need.train_lanes, m.spec.embedding > 0 ? 1 : 0);
    bytes += rows * static_cast<std::size_t>(m.stack.output_size(0)) * sizeof(T);  // d_h
    bytes += static_cast<std::size_t>(count + 3) * static_cast<std::size_t>(need.train_lanes) *
             (a_state * sizeof(T) + 64);
  }
  if (test_steps > 0) bytes += m.stack.window_bytes(false, test_steps, need.evaluate_lanes, 0);
  return bytes;
}

template std::size_t Model<float>::fixed_bytes() const;
template std::size_t Model<double>::fixed_bytes() const;
template std::size_t Model<float>::window_bytes(const WindowNeed&) const;
template std::size_t Model<double>::window_bytes(const WindowNeed&) const;

}  // namespace cellwright
