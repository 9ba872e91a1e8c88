// runner.cpp: one window forward; backward.cpp goes the other way. Start at Runner::forward.
#include "run/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/denormals.h"
#include "base/rng.h"
#include "cellwright/error.h"
#include "run/leaves.h"
#include "run/scan.h"

namespace cellwright {
namespace {

/// Rows are counted in int.
constexpr int kMaxRows = 1 << 30;

/// Rows of an array that a thread takes at a time in the programs over all steps.
constexpr int kRowGrain = 6;

/// Panels that a tile of a weight gradient takes side by side where registers are many.
constexpr int kTilePanels = 4;

bool is_state(Buffer::Kind kind) {
  return kind == Buffer::Kind::kState || kind == Buffer::Kind::kAdjointState;
}

bool is_given(Buffer::Kind kind) {
  return kind == Buffer::Kind::kInput || kind == Buffer::Kind::kAdjointOutput ||
         kind == Buffer::Kind::kAdjointInput;
}

}  // namespace

template <class T>
Runner<T>::Runner(const Plan& plan, const kernels::Kernels<T>& kernels, ThreadPool& pool, RunOptions options)
    : plan_(plan),
      kernels_(kernels),
      pool_(pool),
      options_(options),
      layout_(plan),
      loops_{{plan, false, programs_[kForwardLoop], pool}, {plan, true, programs_[kBackwardLoop], pool}} {
  for (const Buffer& b : plan.buffers) bindings_.buffers.push_back({nullptr, 0, b.size, b.ring});
  bindings_.transposed.resize(plan.pieces.size());
  const Program* programs[6] = {&plan.forward_before,  &plan.forward_loop,  &plan.forward_after,
                                &plan.backward_before, &plan.backward_loop, &plan.backward_after};
  for (int p = 0; p < 6; ++p) {
    for (const Instruction& i : programs[p]->instructions) {
      programs_[p].emplace_back(i, kernels, options.accurate, layout_, bindings_, pool.size());
    }
  }
  for (const int p : {kForwardLoop, kBackwardLoop}) {
    std::vector<std::vector<AheadRows>> ahead = find_ahead(plan, *programs[p], p == kForwardLoop ? 1 : -1);
    for (std::size_t i = 0; i < ahead.size(); ++i)
      programs_[p][i].fetch(std::move(ahead[i]));
  }
  find_entangled();
  storage_.resize(plan.buffers.size());
  zeros_.resize(plan.graph.outputs.size());
  if (!plan.training) return;
  gradient_groups_ = group_gradients(plan);
  panels_ = split_panels(gradient_groups_.groups, plan, pool.size(), kernels::kPanel<T>, kTilePanels);
  // Groups that add to one matrix, one after the other: each split by itself, so that a panel has one thread.
  shared_panels_.resize(static_cast<std::size_t>(pool.size()));
  for (const GradientGroup& group : gradient_groups_.shared_groups) {
    const auto alone = split_panels({group}, plan, pool.size(), kernels::kPanel<T>, 1);
    for (std::size_t t = 0; t < alone.size(); ++t) shared_panels_[t].push_back(alone[t][0]);
  }
  std::size_t most = 0;
  for (const GradientGroup& g : gradient_groups_.groups) most = std::max(most, g.weights.size() + 1);
  terms_.resize(static_cast<std::size_t>(pool.size()));
  for (auto& terms : terms_) {
    terms.reserve(most);
    scratch_.emplace_back(kernels::weight_gradient_scratch<T>());
  }
}

template <class T>
Runner<T>::~Runner() = default;

template <class T>
void Runner<T>::bind(const T* parameters) {
  bindings_.parameters = parameters;
  pool_.run([&](int thread) {
    for (std::size_t i = 0; i < plan_.pieces.size(); ++i) {
      const Piece& piece = plan_.pieces[i];
      const Part mine = part(piece.rows, pool_.size(), thread, kernels::kPanel<T>);
      if (bindings_.transposed[i].empty() || mine.first == mine.last) continue;
      kernels_.pack_transpose(parameters + layout_.offset(static_cast<int>(i)), piece.rows, piece.columns,
                              mine.first, mine.last, bindings_.transposed[i].data());
    }
  });
  for (auto& copy : bindings_.copies) {
    for (int r = 0; r < copy.repeats; ++r) {
      layout_.read_vector(
          copy.parameter, copy.offset, copy.size, parameters,
          copy.values.data() + static_cast<std::size_t>(r) * static_cast<std::size_t>(copy.size));
    }
  }
  for (auto& program : programs_) {
    for (auto& instruction : program) instruction.bind_parameters();
  }
}

template <class T>
void Runner<T>::prepare(int steps, int lanes) {
  if (steps < 1 || lanes < 1)
    throw ShapeError(fmt::format("a window needs at least one step and lane, not {} × {}", steps, lanes));
  if (steps <= max_steps_ && lanes <= max_lanes_) return;
  steps = std::max(steps, max_steps_);
  lanes = std::max(lanes, max_lanes_);
  if (lanes > kMaxRows / steps) {
    throw ShapeError(fmt::format("{} steps of {} lanes are more than {} rows; take fewer of either", steps,
                                 lanes, kMaxRows));
  }
  max_steps_ = max_lanes_ = 0;  // should memory run out below, nothing is prepared
  for (std::size_t i = 0; i < plan_.buffers.size(); ++i) {
    const Buffer& b = plan_.buffers[i];
    if (is_given(b.kind) || b.in_place_of >= 0) continue;
    const int slots = b.ring > 0 ? b.ring : steps + (is_state(b.kind) ? 1 : 0);
    storage_[i] = AlignedArray<T>();  // free first: two generations need not fit
    storage_[i] = AlignedArray<T>(static_cast<std::size_t>(slots) * static_cast<std::size_t>(lanes) *
                                  static_cast<std::size_t>(b.size));
    bindings_.buffers[i].data = storage_[i].data();
  }
  for (std::size_t i = 0; i < plan_.buffers.size(); ++i) {
    const int other = plan_.buffers[i].in_place_of;
    if (other >= 0) bindings_.buffers[i].data = storage_[static_cast<std::size_t>(other)].data();
  }
  for (AlignedArray<T>& zeros : zeros_) zeros = AlignedArray<T>();
  for (auto& program : programs_) {
    for (auto& instruction : program) {
      if (instruction.scan()) instruction.scan()->prepare(steps, lanes, scan_chunk(plan_, steps));
    }
  }
  fresh_.reserve(static_cast<std::size_t>(lanes));
  max_steps_ = steps;
  max_lanes_ = lanes;
}

template <class T>
std::size_t Runner<T>::fixed_bytes() const {
  std::size_t numbers = 0;
  for (const auto& array : bindings_.transposed) numbers += array.size();
  for (const auto& copy : bindings_.copies) numbers += copy.values.size();
  for (const auto& array : scratch_) numbers += array.size();
  return numbers * sizeof(T);
}

template <class T>
std::size_t Runner<T>::window_bytes(int steps, int lanes, int given, int wanted) const {
  std::size_t numbers = 0;
  for (const auto& program : programs_) {
    for (const auto& instruction : program) {
      if (instruction.scan()) numbers += instruction.scan()->held(steps, lanes, scan_chunk(plan_, steps));
    }
  }
  for (std::size_t i = 0; i < plan_.buffers.size(); ++i) {
    const Buffer& b = plan_.buffers[i];
    if (b.in_place_of >= 0) continue;
    int slots = b.ring > 0 ? b.ring : steps + (is_state(b.kind) ? 1 : 0);
    if (is_given(b.kind)) {
      const bool own = (b.kind == Buffer::Kind::kAdjointOutput && b.index >= given) ||
                       (b.kind == Buffer::Kind::kAdjointInput && b.index >= wanted && entangled_[i]);
      slots = own ? steps : 0;
    }
    numbers += padded<T>(static_cast<std::size_t>(slots) * static_cast<std::size_t>(lanes) *
                         static_cast<std::size_t>(b.size));
  }
  return numbers * sizeof(T);
}

template <class T>
T* Runner<T>::at(int buffer, int slot) {
  return bindings_.buffers[static_cast<std::size_t>(buffer)].at(slot, 0);
}

template <class T>
void Runner<T>::start_window(int steps, const T* const* inputs, const LayerState<T>& state) {
  if (bindings_.parameters == nullptr && layout_.size() > 0) throw InternalError("forward() before bind()");
  if (steps < 1 || steps > max_steps_ || state.lanes > max_lanes_ ||
      state.values.size() != plan_.graph.states.size()) {
    throw ShapeError(fmt::format("window of {} steps and {} lanes where {} and {} were prepared", steps,
                                 state.lanes, max_steps_, max_lanes_));
  }
  steps_ = steps;
  lanes_ = state.lanes;
  first_step_ = state.step;
  bindings_.first_step = first_step_;
  bindings_.lanes = static_cast<std::size_t>(lanes_);
  bindings_.steps = steps_;
  for (Loop<T>& loop : loops_) loop.split(steps, lanes_, options_.split);
  for (std::size_t i = 0; i < plan_.buffers.size(); ++i) {
    const Buffer& b = plan_.buffers[i];
    BoundBuffer<T>& bound = bindings_.buffers[i];
    bound.slot = static_cast<std::size_t>(lanes_) * static_cast<std::size_t>(b.size);
    if (b.kind == Buffer::Kind::kInput) {
      bound.data = const_cast<T*>(inputs[b.index]);  // never written
      bound.hot = b.index == 0 ? one_hot_ : nullptr;
    }
  }
  fresh_.assign(state.fresh.begin(), state.fresh.end());
  for (std::size_t s = 0; s < plan_.states.size(); ++s) {
    const State& about = plan_.graph.states[s];
    const auto size = static_cast<std::size_t>(about.size);
    T* slot = at(plan_.states[s].buffer, 0);
    std::copy_n(state.values[s].data(), static_cast<std::size_t>(lanes_) * size, slot);
    if (about.start_parameter < 0) continue;
    for (std::size_t lane = 0; lane < static_cast<std::size_t>(lanes_); ++lane) {
      if (!fresh_[lane]) continue;
      for (std::size_t i = 0; i < plan_.pieces.size(); ++i) {
        const Piece& piece = plan_.pieces[i];
        if (piece.parameter != about.start_parameter) continue;
        std::copy_n(bindings_.parameters + layout_.offset(static_cast<int>(i)), piece.rows,
                    slot + lane * size + static_cast<std::size_t>(piece.row));
      }
    }
  }
}

/// f(0) … f(team-1). One lane's step, as in sampling, has work for the caller alone, and wakes nobody.
template <class T>
template <class F>
void Runner<T>::run_team(int team, const F& f) {
  if (team == 1) {
    f(0);
  } else {
    pool_.run(std::ref(f));  // by reference: a std::function of it would allocate
  }
}

template <class T>
void Runner<T>::fill_leaves() {
  for (std::size_t i = 0; i < plan_.buffers.size(); ++i) {
    const Buffer& b = plan_.buffers[i];
    if (b.kind != Buffer::Kind::kLeaf) continue;
    const Node& node = plan_.graph[b.node];
    const Random random(noise_seed_, noise_stream_ ^ hash_name(node.name));
    // Few lanes: threads take steps.
    const int team = steps_ * lanes_ > kRowGrain ? pool_.size() : 1;
    const bool by_steps = lanes_ < team;
    const auto rows_of = [&](int thread) {
      const Part mine = part(lanes_, by_steps ? 1 : team, by_steps ? 0 : thread);
      const Part steps = part(steps_, by_steps ? team : 1, by_steps ? thread : 0);
      const bool drawn_once = node.op == Op::kDropMask && node.index == 1;
      for (int t = steps.first; t < steps.last; ++t) {
        if (drawn_once && t > steps.first) {
          const auto size = static_cast<std::size_t>(node.size);
          std::copy_n(at(static_cast<int>(i), steps.first) + static_cast<std::size_t>(mine.first) * size,
                      static_cast<std::size_t>(mine.last - mine.first) * size,
                      at(static_cast<int>(i), t) + static_cast<std::size_t>(mine.first) * size);
          continue;
        }
        fill_leaf(node, random, first_step_ + t,
                  mask_ ? mask_ + static_cast<std::size_t>(t) * static_cast<std::size_t>(lanes_) : nullptr,
                  mine.first, mine.last, at(static_cast<int>(i), t));
      }
    };
    run_team(team, rows_of);
  }
}

/// How many steps go through all programs before the next ones do: enough rows for the products to run at
/// full speed, few enough that what one program leaves is still in the cache for the next.
template <class T>
int Runner<T>::stretch_steps() const {
  return std::max(1, (options_.stretch_rows > 0 ? options_.stretch_rows : kStretchRows) / lanes_);
}

/// Steps [first, last) of the window.
template <class T>
void Runner<T>::run_all_steps(std::vector<BoundInstruction<T>>& program, int first, int last) {
  const int rows = (last - first) * lanes_;
  const int team = rows > kRowGrain ? pool_.size() : 1;
  for (std::size_t i = 0; i < program.size();) {
    if (BoundScan<T>* scan = program[i].scan()) {
      scan->run(pool_, steps_, scan_chunk(plan_, steps_), first, last);
      ++i;
      continue;
    }
    // An instruction that reads rows which another thread's part of one before has written waits for it.
    std::size_t end = i + 1;
    bool wanted = program[i].wanted();
    for (; end < program.size() && program[end].joins(); ++end) wanted = wanted || program[end].wanted();
    const auto rows_of = [&](int thread) {
      const FlushDenormals flush;
      const Part mine = part(rows, team, thread, kRowGrain);
      for (std::size_t k = i; k < end; ++k) {
        if (!program[k].wanted()) continue;
        program[k].run(first, static_cast<std::size_t>(mine.first),
                       static_cast<std::size_t>(mine.last - mine.first), thread);
      }
    };
    if (wanted) run_team(team, rows_of);
    i = end;
  }
}

template <class T>
void Runner<T>::forward(int steps, const T* const* inputs, LayerState<T>& state) {
  start_window(steps, inputs, state);
  went_back_ = false;
  fill_leaves();
  const int stretch = stretch_steps();
  for (int first = 0; first < steps; first += stretch) {
    const int last = std::min(steps, first + stretch);
    run_all_steps(programs_[kForwardBefore], first, last);
    loops_[0].run(first, last);
    run_all_steps(programs_[kForwardAfter], first, last);
  }
  for (std::size_t s = 0; s < plan_.states.size(); ++s) {
    std::copy_n(at(plan_.states[s].buffer, steps_), state.values[s].size(), state.values[s].data());
  }
  std::fill(state.fresh.begin(), state.fresh.end(), std::uint8_t{0});
  state.step += steps_;
}

template <class T>
const T* Runner<T>::output(int port) const {
  const Place place = plan_.outputs[static_cast<std::size_t>(port)];
  return bindings_.buffers[static_cast<std::size_t>(place.buffer)].at(place.shift, 0);
}

template <class T>
double Runner<T>::loss_at(int t, int count) const {
  double sum = 0;
  for (const Place& place : plan_.losses) {
    if (count-- == 0) break;
    const T* rows = bindings_.buffers[static_cast<std::size_t>(place.buffer)].at(place.shift + t, 0);
    for (int lane = 0; lane < lanes_; ++lane) sum += static_cast<double>(rows[lane]);
  }
  return sum;
}

template <class T>
double Runner<T>::loss() const {
  double sum = 0;
  for (int t = 0; t < steps_ && !plan_.losses.empty(); ++t) sum += loss_at(t);
  return sum;
}

template class Runner<float>;
template class Runner<double>;

}  // namespace cellwright
