// stack.h: recurrent layers one above the other, between rows that come in and rows that go out: directions
// of time, residual and skip connections, padding. It knows no tokens and no loss.
//
// Where to start: Stack::forward, then Stack::backward. What always holds: a plain stack copies nothing
// between layers; results do not depend on threads, nor, without a layer that runs backwards in time, on
// windows; with scans, on windows to rounding.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/aligned.h"
#include "nn/engine.h"
#include "nn/layer.h"
#include "nn/rows.h"
#include "nn/wiring.h"
#include "run/runner.h"

namespace cellwright {

/// The states of all tracks (wiring.h), for any number of lanes. A plain value.
template <class T>
struct StackState {
  int lanes = 0;
  std::vector<LayerState<T>> layers;  ///< per track
};

/// As run/state.h's, for all tracks.
template <class T>
StackState<T> select_lanes(const StackState<T>& state, const std::vector<int>& lanes);
template <class T>
void copy_lane(const StackState<T>& from, int from_lane, StackState<T>& to, int to_lane);

/// Bytes [steps, lanes] for sequences of these lengths: 1 while step < length. Lengths above `steps` count as
/// `steps`, 0 is legal.
std::vector<std::uint8_t> mask_of_lengths(const std::vector<int>& lengths, int steps);

template <class T>
class Stack {
 public:
  /// Throws as wire().
  Stack(const StackSpec& spec, const kernels::Kernels<T>& kernels, Engine& engine);

  const Wiring& wiring() const { return wiring_; }
  int tracks() const { return static_cast<int>(tracks_.size()); }
  const Layer<T>& track(int i) const { return *tracks_[static_cast<std::size_t>(i)]; }
  Layer<T>& track(int i) { return *tracks_[static_cast<std::size_t>(i)]; }

  /// SpecError, with the reason a layer, where the engine asks for scans and no layer has one. Gradients
  /// alone have some in training that the forward pass has not.
  void require_scan(bool training);

  /// One flat array holds the packed parameters of all tracks, bottom first, and another the gradients.
  std::size_t size() const { return size_; }  ///< numbers
  std::size_t offset(int track) const { return offsets_[static_cast<std::size_t>(track)]; }
  void bind(const T* parameters);  ///< they have new values

  StackState<T> start(int lanes) const;
  void check_state(const StackState<T>& state, int lanes) const;  ///< ShapeError unless it fits

  /// One window. inputs: [steps, lanes, size] by port, 64-byte aligned, kept until backward() is done. `mask`
  /// [steps, lanes]: 0 where a lane's step is padding: there the lane's states stay as they are and outputs
  /// are 0; what stands there in the inputs does not matter. A lane's numbers are those of its steps run
  /// alone, to the bit unless its cell reads an input of an earlier step (x[t-1]) or a scan carries its
  /// state: then to rounding. A layer that runs backwards in time meets a lane's last valid step first, and
  /// its final state is that after the first one. Allocates while windows grow. `one_hot`, where takes_one_hot():
  /// [steps, lanes], the only input's rows as the place of their 1, kept as the inputs are.
  void forward(bool training, int steps, const std::vector<const T*>& inputs, StackState<T>& state,
               const std::uint8_t* mask = nullptr, const std::int32_t* one_hot = nullptr);

  /// Without padding: the stack's input meets nothing but matrices of the first layer.
  bool takes_one_hot(bool training);

  /// Of the last forward(), valid until the next: [steps, lanes, output_size].
  int outputs() const { return static_cast<int>(wiring_.outputs.size()); }
  int output_size(int port) const { return wiring_.outputs[static_cast<std::size_t>(port)]; }
  const T* output(int port) const { return outputs_[static_cast<std::size_t>(port)]; }
  bool has_losses() const;      ///< of the cells themselves
  double loss_at(int t) const;  ///< Σ of them over tracks and lanes at step t

  struct Backward {
    std::vector<const T*> d_outputs;         ///< by port; null or beyond the list: 0
    const T* d_losses = nullptr;             ///< [steps]: weight of a step's own losses; null: 0
    int wanted = 0;                          ///< d_input(p) is filled for the ports in [0, wanted)
    T* gradients = nullptr;                  ///< size() numbers, added to; null: not wanted
    const StackState<T>* d_final = nullptr;  ///< of the states after the window; null: 0
    StackState<T>* d_start = nullptr;        ///< of those before it; null: not wanted
    bool more = false;  ///< earlier steps of the same sequences will be added to `gradients`
  };
  /// Of the last forward() for training.
  void backward(const Backward& b);
  const T* d_input(int port) const { return d_inputs_[static_cast<std::size_t>(port)]; }

  /// As Layer's; `wanted` as Backward's.
  std::size_t fixed_bytes();
  std::size_t window_bytes(bool training, int steps, int lanes, int wanted);

  /// Noise and masks of an update are a function of the seed, the update, the track, the line, the step, lane
  /// and unit.
  void set_noise(std::uint64_t seed, std::uint64_t update);

 private:
  using Ports = std::vector<const T*>;
  using Arrays = std::vector<AlignedArray<T>>;

  struct Joint {                  // per layer: arrays that exist where it is more than a plain track
    Arrays out;                   // by port: concatenated or summed
    AlignedArray<T> in, d_first;  // with skip: what the layer reads; the gradient of its first output
    Arrays reversed_in;           // by port
    Arrays d_out[2];              // by track of the layer and port
    Arrays d_in;                  // by port
  };

  std::size_t rows() const { return static_cast<std::size_t>(steps_) * static_cast<std::size_t>(lanes_); }
  int layers() const { return static_cast<int>(joints_.size()); }
  const LayerSpec& layer_spec(int l) const { return wiring_.spec.layers[static_cast<std::size_t>(l)]; }
  bool both(int l) const { return layer_spec(l).direction == LayerSpec::Direction::both; }
  bool straight(int l) const {
    return layer_spec(l).direction == LayerSpec::Direction::forward && !layer_spec(l).residual;
  }
  T* room(AlignedArray<T>& array, int size) const;
  void move(int n, Columns<const T> from, Columns<T> to, bool add = false, bool masked = false) const {
    move_rows(engine_.pool, steps_, lanes_, n, from, to, add, masked ? mask_ : nullptr);
  }
  void run_layer(int l, bool training, StackState<T>& state);
  void join_outputs(int l);
  Ports gradient_of_layer(int l, const Ports& d_outputs, const Backward& b);

  Wiring wiring_;
  Engine& engine_;
  std::vector<std::unique_ptr<Layer<T>>> tracks_;
  std::vector<std::size_t> offsets_;
  std::size_t size_ = 0;
  std::vector<Joint> joints_;
  std::vector<std::uint8_t> reversed_mask_;
  int steps_ = 0, lanes_ = 0;                                   // of the last forward()
  const std::uint8_t* mask_ = nullptr;                          // of the last forward()
  const std::int32_t* one_hot_ = nullptr;                       // of the last forward()
  Ports outputs_, d_inputs_, firsts_, below_, above_, turned_;  // kept, so that streaming allocates nothing
  AlignedArray<T> all_firsts_, d_skipped_;
};

}  // namespace cellwright
