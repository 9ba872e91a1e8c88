// backward.cpp: one window backward: the objective's gradients are laid out, the three backward programs run,
// and what they left is summed over steps and lanes into the gradients of the parameters. Start at
// Runner::backward.
#include <algorithm>

#include "base/denormals.h"
#include "cellwright/error.h"
#include "run/active_steps.h"
#include "run/runner.h"

namespace cellwright {
template <class T>
void Runner<T>::find_entangled() {
  // A gradient that the caller does not want is not computed when its instruction makes nothing else and
  // nothing reads it. Otherwise the instruction runs, and the gradient needs a place.
  entangled_.assign(plan_.buffers.size(), false);
  const auto mark = [&](Place place) {
    if (place.buffer >= 0) entangled_[static_cast<std::size_t>(place.buffer)] = true;
  };
  for (const Program* program : {&plan_.backward_before, &plan_.backward_loop, &plan_.backward_after}) {
    for (const Instruction& i : program->instructions) {
      std::vector<Place> written;
      std::vector<bool> writes(i.slots.size());
      if (i.scan.size > 0) {
        written.push_back(i.scan.next);
        for (const Slot* read : {&i.scan.a, &i.scan.b}) {
          if (read->kind == Slot::Kind::kMemory) mark(read->place);
        }
      }
      for (const ProductOutput& o : i.products) {
        written.push_back(o.out);
        for (const ProductTerm& t : o.terms) mark(t.operand);
      }
      for (const TileInstruction& t : i.tiles) {
        writes[static_cast<std::size_t>(t.out)] = true;
        for (const int read : {t.a, t.b, t.c}) {
          if (read >= 0 && i.slots[static_cast<std::size_t>(read)].kind == Slot::Kind::kMemory)
            mark(i.slots[static_cast<std::size_t>(read)].place);
        }
      }
      for (std::size_t s = 0; s < i.slots.size(); ++s) {
        if (writes[s] && i.slots[s].kind == Slot::Kind::kMemory) written.push_back(i.slots[s].place);
      }
      const bool alone =
          std::all_of(written.begin(), written.end(), [&](Place p) { return p.buffer == written[0].buffer; });
      if (!alone || program == &plan_.backward_loop) std::for_each(written.begin(), written.end(), mark);
    }
  }
  for (const WeightGradientTask& t : plan_.weight_gradients) mark(t.d), mark(t.operand);
  for (const VectorGradientTask& t : plan_.vector_gradients) mark(t.d), mark(t.times);
}

template <class T>
void Runner<T>::backward(const Backward& b) {
  if (!plan_.training) throw InternalError("backward() on a plan for inference");
  if (went_back_) throw InternalError("backward() twice after one forward(); run forward() again first");
  went_back_ = true;
  for (std::size_t i = 0; i < plan_.buffers.size(); ++i) {
    const Buffer& about = plan_.buffers[i];
    BoundBuffer<T>& bound = bindings_.buffers[i];
    const auto k = static_cast<std::size_t>(about.index);
    if (about.kind == Buffer::Kind::kAdjointOutput) {
      const T* given = b.d_outputs ? b.d_outputs[k] : nullptr;
      if (given == nullptr) {
        const std::size_t count = static_cast<std::size_t>(max_steps_) *
                                  static_cast<std::size_t>(max_lanes_) * static_cast<std::size_t>(about.size);
        if (zeros_[k].size() < count) zeros_[k] = AlignedArray<T>(count);
        given = zeros_[k].data();
      }
      bound.data = const_cast<T*>(given);  // never written
    } else if (about.kind == Buffer::Kind::kAdjointInput) {
      bound.data = b.d_inputs ? b.d_inputs[k] : nullptr;
      if (bound.data == nullptr && entangled_[i]) {
        const std::size_t count = static_cast<std::size_t>(max_steps_) *
                                  static_cast<std::size_t>(max_lanes_) * static_cast<std::size_t>(about.size);
        if (storage_[i].size() < count) storage_[i] = AlignedArray<T>(count);
        bound.data = storage_[i].data();
      }
    } else if (about.kind == Buffer::Kind::kAdjointLoss) {
      for (int t = 0; t < steps_; ++t) std::fill_n(bound.at(t, 0), lanes_, b.d_losses ? b.d_losses[t] : T{0});
    }
  }
  for (std::size_t s = 0; s < plan_.states.size(); ++s) {
    T* last = at(plan_.states[s].adjoint, steps_);
    const std::size_t count =
        static_cast<std::size_t>(lanes_) * static_cast<std::size_t>(plan_.graph.states[s].size);
    if (b.d_final) {
      std::copy_n(b.d_final->values[s].data(), count, last);
    } else {
      std::fill_n(last, count, T{0});
    }
  }
  // Stretch by stretch, the last first, so that a stretch's rows are still in the cache when its weights'
  // gradients read them.
  const int stretch = stretch_steps();
  for (int last = steps_; last > 0; last -= stretch) {
    const int first = std::max(0, last - stretch);
    run_all_steps(programs_[kBackwardBefore], first, last);
    loops_[1].run(first, last);
    run_all_steps(programs_[kBackwardAfter], first, last);
    if (b.gradients) add_gradients(b.gradients, first, last);
  }
  if (b.gradients) add_start_gradients(b.gradients);
  if (b.d_start) {
    for (std::size_t s = 0; s < plan_.states.size(); ++s) {
      std::copy_n(at(plan_.states[s].adjoint, 0), b.d_start->values[s].size(), b.d_start->values[s].data());
    }
  }
  for (std::size_t p = 0; p < plan_.graph.inputs.size(); ++p) {  // an input that nothing depends on
    if (plan_.input_gradients[p] < 0 && b.d_inputs && b.d_inputs[p]) {
      std::fill_n(b.d_inputs[p],
                  static_cast<std::size_t>(steps_) * static_cast<std::size_t>(lanes_) *
                      static_cast<std::size_t>(plan_.graph.inputs[p].size),
                  T{0});
    }
  }
}

/// Steps [first, last) of the window.
template <class T>
void Runner<T>::add_gradients(T* gradients, int first, int last) {
  const GradientGroups& all = gradient_groups_;
  if (all.groups.empty() && all.sums.empty() && all.shared_groups.empty() && all.shared_sums.empty()) return;
  pool_.run([&](int thread) {
    const FlushDenormals flush;
    const auto add_groups = [&](const std::vector<GradientGroup>& groups,
                                const std::vector<std::vector<PanelRange>>& split, int from, int to) {
      for (std::size_t i = 0; i < groups.size(); ++i)
        add_weight_gradients(groups[i], split[static_cast<std::size_t>(thread)][i], gradients, from, to,
                             thread);
    };
    add_groups(all.groups, panels_, first, last);
    for (const VectorGradientTask& task : all.sums) add_row_sum(task, gradients, first, last, thread);
    if (all.shared_groups.empty() && all.shared_sums.empty()) return;
    for (int t = last - 1; t >= first; --t) {
      add_groups(all.shared_groups, shared_panels_, t, t + 1);
      for (const VectorGradientTask& task : all.shared_sums) add_row_sum(task, gradients, t, t + 1, thread);
    }
  });
}

/// Panels `mine`, steps [first, last).
template <class T>
void Runner<T>::add_weight_gradients(const GradientGroup& group, PanelRange mine, T* gradients, int first,
                                     int last, int thread) {
  static constexpr T kOne = 1;
  const ActiveSteps active = active_steps(first_step_ + first, last - first, group.period);
  if (active.count == 0 || mine.first >= mine.last) return;
  const int step = first + active.first;
  std::vector<kernels::GradientTerm<T>>& terms = terms_[static_cast<std::size_t>(thread)];
  terms.clear();
  for (const WeightGradientTask& task : group.weights) {
    kernels::GradientTerm<T> term;
    term.gradient = gradients + layout_.offset(task.piece);
    term.k = plan_.pieces[static_cast<std::size_t>(task.piece)].columns;
    const int slot = task.operand.shift + step;
    if (const std::int32_t* hot = bindings_.buffers[static_cast<std::size_t>(task.operand.buffer)].hot) {
      term.hot = hot + static_cast<std::ptrdiff_t>(slot) * lanes_;
      term.hot_step = static_cast<std::ptrdiff_t>(lanes_) * task.period;
    } else {
      term.a = at(task.operand.buffer, slot) + task.operand_offset;
      term.a_step = static_cast<std::ptrdiff_t>(lanes_) * task.operand_size * task.period;
      term.a_lane = task.operand_size;
    }
    terms.push_back(term);
  }
  if (group.bias_piece >= 0) terms.push_back({gradients + layout_.offset(group.bias_piece), 1, &kOne, 0, 0});
  kernels::WeightGradient<T> g;
  g.terms = terms.data();
  g.term_count = static_cast<int>(terms.size());
  g.n = group.rows;
  g.d = at(group.d.buffer, group.d.shift + step) + group.d_offset;
  g.d_lane = group.d_size;
  g.d_step = static_cast<std::ptrdiff_t>(lanes_) * group.d_size * group.period;
  g.steps = active.count;
  g.lanes = lanes_;
  g.first_panel = mine.first;
  g.last_panel = mine.last;
  g.scratch = scratch_[static_cast<std::size_t>(thread)].data();
  kernels_.weight_gradient(g);
}

/// This thread's units, steps [first, last).
template <class T>
void Runner<T>::add_row_sum(const VectorGradientTask& task, T* gradients, int first, int last, int thread) {
  const ActiveSteps active = active_steps(first_step_ + first, last - first, task.period);
  const Part mine =
      part(plan_.pieces[static_cast<std::size_t>(task.piece)].rows, pool_.size(), thread, kernels::kPanel<T>);
  if (active.count == 0 || mine.first == mine.last) return;
  const int step = first + active.first;
  kernels::RowSum<T> g;
  g.gradient = gradients + layout_.offset(task.piece);
  g.d = at(task.d.buffer, task.d.shift + step) + task.d_offset;
  g.d_lane = task.d_size;
  g.d_step = static_cast<std::ptrdiff_t>(lanes_) * task.d_size * task.period;
  if (task.times.buffer >= 0) {
    g.times = at(task.times.buffer, task.times.shift + step) + task.times_offset;
    g.times_lane = task.times_size;
    g.times_step = static_cast<std::ptrdiff_t>(lanes_) * task.times_size * task.period;
  }
  g.steps = active.count;
  g.lanes = lanes_;
  g.first = mine.first;
  g.last = mine.last;
  kernels_.row_sum(g);
}

/// Learned starts: the lanes that began here, ascending.
template <class T>
void Runner<T>::add_start_gradients(T* gradients) {
  for (std::size_t s = 0; s < plan_.states.size(); ++s) {
    const int parameter = plan_.graph.states[s].start_parameter;
    if (parameter < 0) continue;
    const auto size = static_cast<std::size_t>(plan_.graph.states[s].size);
    const T* d = at(plan_.states[s].adjoint, 0);
    for (std::size_t i = 0; i < plan_.pieces.size(); ++i) {
      const Piece& piece = plan_.pieces[i];
      if (piece.parameter != parameter) continue;
      T* gradient = gradients + layout_.offset(static_cast<int>(i));
      for (std::size_t lane = 0; lane < static_cast<std::size_t>(lanes_); ++lane) {
        if (!fresh_[lane]) continue;
        for (int k = 0; k < piece.rows; ++k)
          gradient[k] += d[lane * size + static_cast<std::size_t>(piece.row + k)];
      }
    }
  }
}

template void Runner<float>::find_entangled();
template void Runner<double>::find_entangled();
template void Runner<float>::backward(const Backward&);
template void Runner<double>::backward(const Backward&);
template void Runner<float>::add_gradients(float*, int, int);
template void Runner<double>::add_gradients(double*, int, int);
template void Runner<float>::add_weight_gradients(const GradientGroup&, PanelRange, float*, int, int, int);
template void Runner<double>::add_weight_gradients(const GradientGroup&, PanelRange, double*, int, int, int);
template void Runner<float>::add_row_sum(const VectorGradientTask&, float*, int, int, int);
template void Runner<double>::add_row_sum(const VectorGradientTask&, double*, int, int, int);
template void Runner<float>::add_start_gradients(float*);
template void Runner<double>::add_start_gradients(double*);

}  // namespace cellwright
