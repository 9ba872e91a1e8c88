// step_bind.cpp: where everything of a StepRunner lies, and its list of calls. Start at StepRunner::bind.
#include <algorithm>

#include "cellwright/error.h"
#include "run/step_runner.h"

namespace cellwright {

using kernels::kPanel;

template <class T>
StepRunner<T>::StepRunner(const Plan& plan, const kernels::Kernels<T>& kernels, RunOptions options)
    : plan_(plan), kernels_(kernels), options_(options), layout_(plan), code_(make_step_code(plan)) {
  place_memory();
  for (const Buffer& b : plan_.buffers) {
    const auto i = static_cast<std::size_t>(&b - plan_.buffers.data());
    T* to = memory_.data() + buffers_[i];
    if (b.kind == Buffer::Kind::kInput) inputs_.push_back({b.index, static_cast<std::size_t>(b.size), to});
    if (b.kind == Buffer::Kind::kLeaf) leaves_.push_back({b.node, Random(0, 0), to});
  }
  set_noise(0, 0);
}

template <class T>
std::size_t StepRunner<T>::reserve(std::size_t count) {
  const std::size_t at = size_;
  size_ += padded<T>(count);
  return at;
}

template <class T>
void StepRunner<T>::place_memory() {
  constexpr auto kNowhere = static_cast<std::size_t>(-1);
  buffers_.assign(plan_.buffers.size(), kNowhere);
  const auto place_buffer = [&](std::size_t i) {
    if (buffers_[i] != kNowhere) return;
    const Buffer& b = plan_.buffers[i];
    const auto size = padded<T>(static_cast<std::size_t>(b.size));
    buffers_[i] = reserve(b.kind == Buffer::Kind::kState ? 2 * size : size);
  };
  for (const std::vector<int>& group : code_.adjacent) {
    for (const int buffer : group) place_buffer(static_cast<std::size_t>(buffer));
  }
  for (std::size_t i = 0; i < plan_.buffers.size(); ++i) place_buffer(i);
  for (const State& s : plan_.graph.states) starts_.push_back(reserve(static_cast<std::size_t>(s.size)));
  std::size_t registers = 0;
  for (const StepInstruction& code : code_.instructions) {
    constants_.emplace_back();
    for (const ProductOutput& o : code.products) {
      if (o.start == ProductOutput::Start::kBias)
        copies_.push_back(
            {o.bias_parameter, o.bias_offset, o.width, reserve(static_cast<std::size_t>(o.width))});
    }
    const Instruction& tiles = code.tiles;
    registers = std::max(registers, padded<T>(static_cast<std::size_t>(tiles.width)) *
                                        static_cast<std::size_t>(tiles.registers));
    for (const Slot& slot : tiles.slots) {
      std::size_t place = 0;
      if (slot.kind == Slot::Kind::kParameter) {
        const int size = tiles.by_row ? slot.size : tiles.width;
        place = reserve(static_cast<std::size_t>(size));
        copies_.push_back({slot.index, slot.offset, size, place});
      } else if (slot.kind == Slot::Kind::kConstant) {
        place = reserve(static_cast<std::size_t>(tiles.width));
      }
      constants_.back().push_back(place);
    }
  }
  registers_ = reserve(registers);
  memory_ = AlignedArray<T>(size_);
  for (std::size_t i = 0; i < code_.instructions.size(); ++i) {
    const Instruction& tiles = code_.instructions[i].tiles;
    for (std::size_t s = 0; s < tiles.slots.size(); ++s) {
      if (tiles.slots[s].kind != Slot::Kind::kConstant) continue;
      const std::vector<double>& values = tiles.slots[s].values;
      for (std::size_t k = 0; k < static_cast<std::size_t>(tiles.width); ++k)
        memory_[constants_[i][s] + k] = static_cast<T>(values[values.size() == 1 ? 0 : k % values.size()]);
    }
  }
  for (std::size_t s = 0; s < starts_.size(); ++s) {
    const State& state = plan_.graph.states[s];
    for (std::size_t k = 0; k < static_cast<std::size_t>(state.size) && !state.start.empty(); ++k)
      memory_[starts_[s] + k] = static_cast<T>(state.start.size() == 1 ? state.start[0] : state.start[k]);
  }
}

/// `turn` is the array of a state that gets the new value.
template <class T>
T* StepRunner<T>::at(Place place, int turn) {
  const auto i = static_cast<std::size_t>(place.buffer);
  const Buffer& b = plan_.buffers[i];
  const bool second = b.kind == Buffer::Kind::kState && (place.shift == 1) == (turn == 1);
  return memory_.data() + buffers_[i] + (second ? padded<T>(static_cast<std::size_t>(b.size)) : 0);
}

template <class T>
const T* StepRunner<T>::vector_of(int parameter, int offset, int size) {
  for (const Copy& c : copies_) {
    if (c.parameter == parameter && c.offset == offset && c.size == size) return memory_.data() + c.at;
  }
  throw InternalError("a step reads a parameter that was not copied");
}

template <class T>
void StepRunner<T>::bind(const T* parameters) {
  parameters_ = parameters;
  for (const Copy& c : copies_)
    layout_.read_vector(c.parameter, c.offset, c.size, parameters, memory_.data() + c.at);
  for (std::size_t s = 0; s < starts_.size(); ++s) {
    const State& state = plan_.graph.states[s];
    if (state.start_parameter >= 0)
      layout_.read_vector(state.start_parameter, 0, state.size, parameters, memory_.data() + starts_[s]);
  }
  std::size_t panels = 0, terms = 0;
  for (const StepInstruction& code : code_.instructions) {
    for (const ProductOutput& o : code.products) {
      const auto count = static_cast<std::size_t>((o.width + kPanel<T> - 1) / kPanel<T>);
      panels += count;
      terms += count * o.terms.size();
    }
  }
  clocked_.clear();
  due_panels_.resize(panels);
  due_terms_.resize(terms);
  for (int turn = 0; turn < 2; ++turn) {
    calls_[turn].clear();
    panels_[turn].clear();
    terms_[turn].clear();
    panels_[turn].reserve(panels);  // calls and panels point into these
    terms_[turn].reserve(terms);
    for (std::size_t i = 0; i < code_.instructions.size(); ++i) {
      add_products(code_.instructions[i], turn);
      add_tiles(code_.instructions[i], i, turn);
    }
    outputs_[turn].clear();
    for (const Place& place : plan_.outputs) outputs_[turn].push_back(at(place, turn));
    losses_[turn].clear();
    for (const Place& place : plan_.losses) losses_[turn].push_back(at(place, turn));
  }
  if (fresh_) restart();
}

/// Without its terms.
template <class T>
kernels::ProductPanel<T> StepRunner<T>::panel_of(const ProductOutput& output, int panel, int turn) {
  const int column = panel * kPanel<T>;
  kernels::ProductPanel<T> p;
  p.out = at(output.out, turn) + output.offset + column;
  p.out_stride = output.out_size;
  p.width = std::min(kPanel<T>, output.width - column);
  p.start = output.start == ProductOutput::Start::kZero   ? kernels::Start::kZero
            : output.start == ProductOutput::Start::kBias ? kernels::Start::kBias
                                                          : kernels::Start::kAccumulate;
  if (p.start == kernels::Start::kBias)
    p.bias = vector_of(output.bias_parameter, output.bias_offset, output.width) + column;
  return p;
}

template <class T>
void StepRunner<T>::add_products(const StepInstruction& code, int turn) {
  const auto term_of = [&](const ProductTerm& term, int panel) {
    const Piece& piece = layout_.pieces()[static_cast<std::size_t>(term.piece)];
    if (term.transposed) throw InternalError("a forward program reads a transpose");
    kernels::ProductTerm<T> t;
    const Buffer& operand = plan_.buffers[static_cast<std::size_t>(term.operand.buffer)];
    if (one_hot_ && operand.kind == Buffer::Kind::kInput && operand.index == 0) {
      t.hot = &place_;
    } else {
      t.a = at(term.operand, turn) + term.operand_offset;
    }
    t.a_stride = term.operand_size;
    t.k = piece.columns;
    t.weights = parameters_ + layout_.offset(term.piece) +
                static_cast<std::size_t>(panel) * static_cast<std::size_t>(t.k) * kPanel<T>;
    return t;
  };
  const auto same_operands = [](const kernels::ProductPanel<T>& p, const kernels::ProductPanel<T>& q) {
    if (p.term_count != q.term_count) return false;
    for (int t = 0; t < p.term_count; ++t) {
      if (p.terms[t].a != q.terms[t].a || p.terms[t].k != q.terms[t].k || p.terms[t].hot != q.terms[t].hot) return false;
    }
    return true;
  };
  Clocked clocked;
  std::vector<kernels::ProductPanel<T>> panels;
  for (const ProductOutput& output : code.products) {
    const bool rests = output.period > 1 || std::any_of(output.terms.begin(), output.terms.end(),
                                                        [](const ProductTerm& t) { return t.period > 1; });
    for (int i = 0; i * kPanel<T> < output.width; ++i) {
      kernels::ProductPanel<T> panel = panel_of(output, i, turn);
      if (rests) {
        typename Clocked::Panel source{panel, output.period, {}};
        for (const ProductTerm& term : output.terms) source.terms.push_back({term_of(term, i), term.period});
        clocked.panels.push_back(std::move(source));
        continue;
      }
      panel.terms = terms_[turn].data() + terms_[turn].size();
      panel.term_count = static_cast<int>(output.terms.size());
      for (const ProductTerm& term : output.terms) terms_[turn].push_back(term_of(term, i));
      panels.push_back(panel);
    }
  }
  while (!panels.empty()) {  // those that share operands, one call
    const kernels::ProductPanel<T> first = panels.front();
    const auto rest = std::stable_partition(panels.begin(), panels.end(),
                                            [&](const auto& p) { return same_operands(p, first); });
    Call call;
    call.panels = panels_[turn].data() + panels_[turn].size();
    call.panel_count = static_cast<int>(rest - panels.begin());
    // Every other step begins with the weights that the one before had last, which the cache still holds.
    if (turn == 1) std::reverse(panels.begin(), rest);
    panels_[turn].insert(panels_[turn].end(), panels.begin(), rest);
    panels.erase(panels.begin(), rest);
    calls_[turn].push_back(call);
  }
  if (clocked.panels.empty()) return;
  Call call;
  call.clocked = static_cast<int>(clocked_.size());
  clocked_.push_back(std::move(clocked));
  calls_[turn].push_back(call);
}

template <class T>
void StepRunner<T>::add_tiles(const StepInstruction& code, std::size_t constants, int turn) {
  const Instruction& tiles = code.tiles;
  const auto width = static_cast<std::size_t>(tiles.width);
  const auto slot_at = [&](int index) -> T* {
    if (index < 0) return nullptr;
    const Slot& slot = tiles.slots[static_cast<std::size_t>(index)];
    switch (slot.kind) {
      case Slot::Kind::kRegister:
        return memory_.data() + registers_ + static_cast<std::size_t>(slot.index) * padded<T>(width) +
               slot.offset;
      case Slot::Kind::kMemory:
        return at(slot.place, turn) + slot.offset;
      default:
        return memory_.data() + constants_[constants][static_cast<std::size_t>(index)];
    }
  };
  for (std::size_t i = 0; i < tiles.tiles.size(); ++i) {
    const TileInstruction& t = tiles.tiles[i];
    const auto op = static_cast<std::size_t>(t.op);
    Call call;
    call.tile = options_.accurate ? kernels_.tile_accurate[op] : kernels_.tile[op];
    call.out = slot_at(t.out);
    call.a = slot_at(t.a);
    call.b = slot_at(t.b);
    call.c = slot_at(t.c);
    call.n = tiles.by_row ? static_cast<std::size_t>(t.n)
                          : width + static_cast<std::size_t>(code.repeats[i] - 1) * padded<T>(width);
    calls_[turn].push_back(call);
  }
}

template StepRunner<float>::StepRunner(const Plan&, const kernels::Kernels<float>&, RunOptions);
template StepRunner<double>::StepRunner(const Plan&, const kernels::Kernels<double>&, RunOptions);
template void StepRunner<float>::bind(const float*);
template void StepRunner<double>::bind(const double*);
template float* StepRunner<float>::at(Place, int);
template double* StepRunner<double>::at(Place, int);

}  // namespace cellwright
