// stack_backward.cpp: from the gradients of what goes out down to those of what came in. Start at
// Stack::backward.
#include <algorithm>

#include "nn/stack.h"

namespace cellwright {

// Given the gradients of what layer `l` hands up: those of what it read, by port.
template <class T>
typename Stack<T>::Ports Stack<T>::gradient_of_layer(int l, const Ports& d_outputs, const Backward& b) {
  const auto at = static_cast<std::size_t>(l);
  Joint& joint = joints_[at];
  const std::vector<int>& in = wiring_.layer_inputs[at];
  const std::vector<int>& out = wiring_.layer_outputs[at];
  // A residual or skipping reader above, or the caller, may want less than all ports.
  const int wanted =
      l > 0 ? static_cast<int>(in.size()) : std::min<int>(b.wanted, static_cast<int>(in.size()));
  const int first = wiring_.first_track[at], count = both(l) ? 2 : 1;

  std::vector<T> turned_losses;
  for (int i = first; i < first + count; ++i) {
    Layer<T>& track = *tracks_[static_cast<std::size_t>(i)];
    const bool reverse = wiring_.tracks[static_cast<std::size_t>(i)].reverse;
    Ports d = d_outputs;
    if (layer_spec(l).direction != LayerSpec::Direction::forward) {
      Arrays& own = joint.d_out[i - first];
      own.resize(out.size());
      for (std::size_t p = 0; p < d.size(); ++p) {
        if (d[p] == nullptr) continue;
        const int n = track.output_size(static_cast<int>(p));
        T* rows = room(own[p], n);
        move(n, {d[p], out[p], (i - first) * n, reverse}, {rows, n});
        d[p] = rows;
      }
    }
    typename Layer<T>::Backward wish;
    wish.d_losses = b.d_losses;
    if (reverse && b.d_losses) {
      turned_losses.assign(b.d_losses, b.d_losses + steps_);
      std::reverse(turned_losses.begin(), turned_losses.end());
      wish.d_losses = turned_losses.data();
    }
    wish.wanted = wanted;
    wish.gradients = b.gradients ? b.gradients + offsets_[static_cast<std::size_t>(i)] : nullptr;
    wish.d_final = b.d_final ? &b.d_final->layers[static_cast<std::size_t>(i)] : nullptr;
    wish.d_start = b.d_start ? &b.d_start->layers[static_cast<std::size_t>(i)] : nullptr;
    wish.more = b.more;
    track.backward(d, wish);
  }

  Ports result;
  joint.d_in.resize(in.size());
  for (int p = 0; p < wanted; ++p) {
    const auto port = static_cast<std::size_t>(p);
    const bool adds = layer_spec(l).residual && p == 0 && !d_outputs.empty() && d_outputs[0];
    const T* d = track(first).d_input(p);
    if (!adds && (d == nullptr || layer_spec(l).direction == LayerSpec::Direction::forward)) {
      result.push_back(d);
      continue;
    }
    T* rows = room(joint.d_in[port], in[port]);
    if (d == nullptr) std::fill_n(rows, this->rows() * static_cast<std::size_t>(in[port]), T{});
    for (int i = 0; i < count && d; ++i) {
      move(in[port],
           {track(first + i).d_input(p), in[port], 0,
            wiring_.tracks[static_cast<std::size_t>(first + i)].reverse},
           {rows, in[port]}, i > 0);
    }
    if (adds) move(in[port], {d_outputs[0], in[port]}, {rows, in[port]}, true, true);
    result.push_back(rows);
  }
  return result;
}

template <class T>
void Stack<T>::backward(const Backward& b) {
  const bool skip = wiring_.spec.skip && layers() > 1;
  Ports d = b.d_outputs;
  d.resize(static_cast<std::size_t>(outputs()), nullptr);
  const T* of_firsts = skip ? d[0] : nullptr;
  int column = skip ? wiring_.outputs[0] : 0;
  const int fed = wiring_.spec.inputs[0];
  const bool to_input = skip && b.wanted > 0;
  if (to_input) std::fill_n(room(d_skipped_, fed), rows() * static_cast<std::size_t>(fed), T{});
  for (int l = layers() - 1; l >= 0; --l) {
    const auto at = static_cast<std::size_t>(l);
    if (skip) {  // what lies above reads the layer's first output, and so does the caller
      const int n = wiring_.layer_outputs[at][0];
      const T* above = l + 1 < layers() ? d[0] : nullptr;
      const int width = above ? wiring_.layer_inputs[at + 1][0] : 0;
      column -= n;
      if (above && to_input) move(fed, {above, width, width - fed}, {d_skipped_.data(), fed}, true);
      T* sum = of_firsts || above ? room(joints_[at].d_first, n) : nullptr;
      if (of_firsts) move(n, {of_firsts, wiring_.outputs[0], column}, {sum, n});
      if (above) move(n, {above, width}, {sum, n}, of_firsts != nullptr);
      d[0] = sum;
    }
    d = gradient_of_layer(l, d, b);
  }
  d.resize(wiring_.spec.inputs.size(), nullptr);
  if (to_input) {
    if (d[0]) move(fed, {d[0], fed}, {d_skipped_.data(), fed}, true);
    d[0] = d_skipped_.data();
  }
  d_inputs_.swap(d);
}

template void Stack<float>::backward(const Backward&);
template void Stack<double>::backward(const Backward&);

}  // namespace cellwright
