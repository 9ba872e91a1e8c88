// stack.cpp: upwards through the layers; stack_backward.cpp comes down again. Start at Stack::forward.
#include "nn/stack.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/rng.h"
#include "cellwright/error.h"
#include "graph/affine_recurrence.h"
#include "graph/canonicalize.h"

namespace cellwright {

std::vector<std::uint8_t> mask_of_lengths(const std::vector<int>& lengths, int steps) {
  std::vector<std::uint8_t> mask;
  mask.reserve(static_cast<std::size_t>(steps) * lengths.size());
  for (int t = 0; t < steps; ++t) {
    for (const int length : lengths) mask.push_back(t < length);
  }
  return mask;
}

template <class T>
StackState<T> select_lanes(const StackState<T>& state, const std::vector<int>& lanes) {
  StackState<T> chosen;
  chosen.lanes = static_cast<int>(lanes.size());
  for (const LayerState<T>& layer : state.layers) chosen.layers.push_back(select_lanes(layer, lanes));
  return chosen;
}

template <class T>
void copy_lane(const StackState<T>& from, int from_lane, StackState<T>& to, int to_lane) {
  if (from.layers.size() != to.layers.size())
    throw ShapeError("a lane's state was to be copied between states of different stacks");
  for (std::size_t i = 0; i < from.layers.size(); ++i)
    copy_lane(from.layers[i], from_lane, to.layers[i], to_lane);
}

template StackState<float> select_lanes(const StackState<float>&, const std::vector<int>&);
template StackState<double> select_lanes(const StackState<double>&, const std::vector<int>&);
template void copy_lane(const StackState<float>&, int, StackState<float>&, int);
template void copy_lane(const StackState<double>&, int, StackState<double>&, int);

template <class T>
Stack<T>::Stack(const StackSpec& spec, const kernels::Kernels<T>& kernels, Engine& engine)
    : wiring_(wire(spec)), engine_(engine), joints_(spec.layers.size()) {
  for (const Track& track : wiring_.tracks) {
    tracks_.push_back(std::make_unique<Layer<T>>(
        track.graph, kernels, engine, spec.layers[static_cast<std::size_t>(track.layer)].regularisation));
    tracks_.back()->perturb(track.noise);
    offsets_.push_back(size_);
    size_ += tracks_.back()->layout().size();
  }
}

template <class T>
void Stack<T>::require_scan(bool training) {
  if (!engine_.options.scan) return;
  std::string reasons;
  for (int i = 0; i < tracks(); ++i) {
    Layer<T>& layer = *tracks_[static_cast<std::size_t>(i)];
    if (layer.scans(training)) return;
    const Track& about = wiring_.tracks[static_cast<std::size_t>(i)];
    if (about.reverse && both(about.layer)) continue;  // the same cell as its twin
    reasons += fmt::format("{}layer {}, {}: {}", reasons.empty() ? "" : "; ", about.layer, about.graph.name,
                           why_not_affine(canonicalize(about.graph)));
  }
  throw SpecError(fmt::format(
      "a scan was asked for, and no layer has a recurrence s = a ⊙ s[t-1] + b with a and b free of s ({}); "
      "leave the scan out, or take a cell of that form, as min_gru, min_lstm or rg_lru",
      reasons));
}

template <class T>
void Stack<T>::bind(const T* parameters) {
  for (std::size_t i = 0; i < tracks_.size(); ++i) tracks_[i]->bind(parameters + offsets_[i]);
}

template <class T>
StackState<T> Stack<T>::start(int lanes) const {
  StackState<T> state;
  state.lanes = lanes;
  for (const auto& track : tracks_) state.layers.push_back(track->start(lanes));
  return state;
}

template <class T>
void Stack<T>::check_state(const StackState<T>& state, int lanes) const {
  if (state.lanes == lanes && state.layers.size() == tracks_.size()) return;
  throw ShapeError(fmt::format(
      "the model's {} layers and {} lanes were given a state of {} layers and {} lanes; use make_state({})",
      tracks_.size(), lanes, state.layers.size(), state.lanes, lanes));
}

template <class T>
void Stack<T>::set_noise(std::uint64_t seed, std::uint64_t update) {
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    // A stream a track and update; the multiplier is odd, so that no two updates share one.
    tracks_[i]->set_noise(seed, hash_name("noise." + wiring_.tracks[i].name) + update * 0x9E3779B97F4A7C15u);
  }
}

template <class T>
T* Stack<T>::room(AlignedArray<T>& array, int size) const {
  const std::size_t n = rows() * static_cast<std::size_t>(size);
  if (array.size() < n) {
    array = AlignedArray<T>();  // free first: two generations need not fit
    array = AlignedArray<T>(n);
  }
  return array.data();
}

template <class T>
void Stack<T>::run_layer(int l, bool training, StackState<T>& state) {
  const auto at = static_cast<std::size_t>(l);
  const std::vector<int>& sizes = wiring_.layer_inputs[at];
  for (int i = wiring_.first_track[at];
       i < tracks() && wiring_.tracks[static_cast<std::size_t>(i)].layer == l; ++i) {
    Layer<T>& track = *tracks_[static_cast<std::size_t>(i)];
    LayerState<T>& its = state.layers[static_cast<std::size_t>(i)];
    track.prepare(training, steps_, lanes_, mask_ != nullptr);
    if (!wiring_.tracks[static_cast<std::size_t>(i)].reverse) {
      track.forward(training, steps_, below_, its, mask_, l == 0 ? one_hot_ : nullptr);
      continue;
    }
    Arrays& turned = joints_[at].reversed_in;
    turned.resize(sizes.size());
    turned_.clear();
    for (std::size_t p = 0; p < sizes.size(); ++p) {
      turned_.push_back(below_[p] ? room(turned[p], sizes[p]) : nullptr);
      if (below_[p]) move(sizes[p], {below_[p], sizes[p]}, {turned[p].data(), sizes[p], 0, true});
    }
    track.forward(training, steps_, turned_, its, mask_ ? reversed_mask_.data() : nullptr);
  }
}

// What the layer hands up, from its tracks to above_.
template <class T>
void Stack<T>::join_outputs(int l) {
  const auto at = static_cast<std::size_t>(l);
  const int first = wiring_.first_track[at];
  const std::vector<int>& sizes = wiring_.layer_outputs[at];
  Arrays& out = joints_[at].out;
  if (!straight(l)) out.resize(sizes.size());
  above_.clear();
  for (std::size_t p = 0; p < sizes.size(); ++p) {
    const int port = static_cast<int>(p);
    const bool adds = layer_spec(l).residual && p == 0;
    if (layer_spec(l).direction == LayerSpec::Direction::forward && !adds) {
      above_.push_back(track(first).output(port));
      continue;
    }
    T* rows = room(out[p], sizes[p]);
    for (int i = 0; i < (both(l) ? 2 : 1); ++i) {
      const int n = track(first + i).output_size(port);
      move(n, {track(first + i).output(port), n},
           {rows, sizes[p], i * n, wiring_.tracks[static_cast<std::size_t>(first + i)].reverse});
    }
    if (adds) move(sizes[0], {below_[0], sizes[0]}, {rows, sizes[0]}, true, true);
    above_.push_back(rows);
  }
}

template <class T>
void Stack<T>::forward(bool training, int steps, const std::vector<const T*>& inputs, StackState<T>& state,
                       const std::uint8_t* mask, const std::int32_t* one_hot) {
  check_state(state, state.lanes);
  if (inputs.size() < wiring_.spec.inputs.size()) {
    throw ShapeError(
        fmt::format("the stack has {} inputs, not {}", wiring_.spec.inputs.size(), inputs.size()));
  }
  steps_ = steps;
  lanes_ = state.lanes;
  mask_ = mask;
  one_hot_ = one_hot;
  if (mask) {
    const std::size_t lanes = static_cast<std::size_t>(lanes_);
    reversed_mask_.resize(static_cast<std::size_t>(steps) * lanes);
    for (std::size_t t = 0; t < static_cast<std::size_t>(steps); ++t)
      std::copy_n(mask + t * lanes, lanes,
                  reversed_mask_.data() + (static_cast<std::size_t>(steps) - 1 - t) * lanes);
  }
  below_.assign(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(wiring_.spec.inputs.size()));
  firsts_.clear();
  for (int l = 0; l < layers(); ++l) {
    Joint& joint = joints_[static_cast<std::size_t>(l)];
    if (wiring_.spec.skip && l > 0) {
      const int width = wiring_.layer_inputs[static_cast<std::size_t>(l)][0], fed = wiring_.spec.inputs[0];
      T* rows = room(joint.in, width);
      move(width - fed, {below_[0], width - fed}, {rows, width});
      move(fed, {inputs[0], fed}, {rows, width, width - fed});
      below_[0] = rows;
    }
    run_layer(l, training, state);
    join_outputs(l);
    firsts_.push_back(above_[0]);
    below_.swap(above_);
  }
  outputs_ = below_;
  if (!wiring_.spec.skip || layers() == 1) return;
  T* all = room(all_firsts_, wiring_.outputs[0]);
  int column = 0;
  for (std::size_t l = 0; l < firsts_.size(); ++l) {
    const int n = wiring_.layer_outputs[l][0];
    move(n, {firsts_[l], n}, {all, wiring_.outputs[0], column});
    column += n;
  }
  outputs_[0] = all;
}

template <class T>
bool Stack<T>::takes_one_hot(bool training) {
  const bool read_again = wiring_.spec.skip && layers() > 1;
  return wiring_.spec.inputs.size() == 1 && !read_again && straight(0) && track(0).takes_one_hot(training);
}

template <class T>
bool Stack<T>::has_losses() const {
  return std::any_of(tracks_.begin(), tracks_.end(),
                     [](const auto& track) { return !track->graph().losses.empty(); });
}

template <class T>
double Stack<T>::loss_at(int t) const {
  double sum = 0;
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    if (tracks_[i]->graph().losses.empty()) continue;
    sum += tracks_[i]->loss_at(wiring_.tracks[i].reverse ? steps_ - 1 - t : t);
  }
  return sum;
}

template <class T>
std::size_t Stack<T>::fixed_bytes() {
  std::size_t bytes = 0;
  for (const auto& track : tracks_) bytes += track->fixed_bytes();
  return bytes;
}

template <class T>
std::size_t Stack<T>::window_bytes(bool training, int steps, int lanes, int wanted) {
  std::size_t bytes = 0, columns = 0;  // columns: of the arrays between layers
  const auto sum = [](const std::vector<int>& sizes) {
    return static_cast<std::size_t>(std::accumulate(sizes.begin(), sizes.end(), 0));
  };
  const bool skip = wiring_.spec.skip && layers() > 1;
  for (int l = 0; l < layers(); ++l) {
    const auto at = static_cast<std::size_t>(l);
    const std::size_t in = sum(wiring_.layer_inputs[at]), out = sum(wiring_.layer_outputs[at]);
    const bool turned = layer_spec(l).direction != LayerSpec::Direction::forward;
    const int given =
        l + 1 < layers()
            ? std::min(track(wiring_.first_track[at]).outputs(),
                       static_cast<int>(track(wiring_.first_track[at + 1]).graph().inputs.size()))
            : 1;
    for (int i = wiring_.first_track[at]; i < wiring_.first_track[at] + (both(l) ? 2 : 1); ++i) {
      bytes += tracks_[static_cast<std::size_t>(i)]->window_bytes(
          training, steps, lanes, given, l > 0 ? static_cast<int>(wiring_.layer_inputs[at].size()) : wanted);
    }
    if (turned) columns += in + out;
    if (turned && training) columns += in + out;
    if (!turned && layer_spec(l).residual)
      columns += static_cast<std::size_t>(wiring_.layer_outputs[at][0]) * (training ? 2 : 1);
    if (skip && l > 0) columns += static_cast<std::size_t>(wiring_.layer_inputs[at][0]);
    if (skip && training) columns += static_cast<std::size_t>(wiring_.layer_outputs[at][0]);
  }
  if (skip) columns += static_cast<std::size_t>(wiring_.outputs[0] + (training ? wiring_.spec.inputs[0] : 0));
  return bytes + columns * static_cast<std::size_t>(steps) * static_cast<std::size_t>(lanes) * sizeof(T);
}

template class Stack<float>;
template class Stack<double>;

}  // namespace cellwright
