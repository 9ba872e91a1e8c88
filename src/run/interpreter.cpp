// interpreter.cpp: binding once, then addresses and kernel calls. Start at BoundInstruction::run.
#include "run/interpreter.h"

#include <algorithm>

#include "run/scan.h"

namespace cellwright {
namespace {

/// Numbers a tile holds: long enough that a call per op is cheap, short enough that a tile of every array and register
/// stays in the first cache.
template <class T>
std::size_t tile_of(const Instruction& code) {
  constexpr std::size_t kAll = 20 * 1024, kLeast = 1024, kMost = 4096, kUnit = 256;  // bytes
  const std::size_t one = kAll / std::max<std::size_t>(1, code.slots.size());
  return std::clamp(one, kLeast, kMost) / kUnit * kUnit / sizeof(T);
}

/// Rows below which a product itself waits for memory.
constexpr std::size_t kFetchingRows = 3;

/// In place of a step that clocks go by.
constexpr std::int64_t kNoClock = -1;

/// What a panel without terms holds: 0 where its units are idle, else its start.
template <class T>
void write_start(const kernels::ProductPanel<T>& panel, std::size_t rows, bool awake) {
  if (panel.start == kernels::Start::kAccumulate) return;  // what stands there was made for this step
  T* out = panel.out;
  for (std::size_t r = 0; r < rows; ++r, out += panel.out_stride) {
    if (awake && panel.start == kernels::Start::kBias) {
      std::copy_n(panel.bias, panel.width, out);
    } else {
      std::fill_n(out, panel.width, T{0});
    }
  }
}

}  // namespace

template <class T>
int add_copy(Bindings<T>& bindings, int parameter, int offset, int size, int repeats) {
  for (std::size_t i = 0; i < bindings.copies.size(); ++i) {
    const auto& c = bindings.copies[i];
    if (c.parameter == parameter && c.offset == offset && c.size == size && c.repeats == repeats)
      return static_cast<int>(i);
  }
  typename Bindings<T>::Copy copy{parameter, offset, size, repeats, {}};
  copy.values = AlignedArray<T>(static_cast<std::size_t>(size) * static_cast<std::size_t>(repeats));
  bindings.copies.push_back(std::move(copy));
  return static_cast<int>(bindings.copies.size()) - 1;
}

template <class T>
BoundInstruction<T>::BoundInstruction(const Instruction& code, const kernels::Kernels<T>& kernels,
                                      bool accurate, const ParameterLayout<T>& layout, Bindings<T>& bindings,
                                      int threads)
    : code_(code),
      layout_(layout),
      kernels_(kernels),
      bindings_(bindings),
      threads_(static_cast<std::size_t>(threads)) {
  if (code.scan.size > 0) {
    scan_ = std::make_unique<BoundScan<T>>(code.scan, kernels, bindings);
  } else if (!code.products.empty()) {
    bind_products();
  } else {
    bind_tiles(accurate);
  }
}

template <class T>
BoundInstruction<T>::~BoundInstruction() = default;
template <class T>
BoundInstruction<T>::BoundInstruction(BoundInstruction&&) noexcept = default;

template <class T>
void BoundInstruction<T>::bind_products() {
  using kernels::kPanel;
  std::size_t panels = 0, terms = 0;
  for (std::size_t o = 0; o < code_.products.size(); ++o) {
    const ProductOutput& out = code_.products[o];
    const bool clocked = out.period > 1 || std::any_of(out.terms.begin(), out.terms.end(),
                                                       [](const ProductTerm& t) { return t.period > 1; });
    clocked_.push_back(clocked);
    any_clocked_ = any_clocked_ || clocked;
    all_clocked_ = all_clocked_ && clocked;
    bias_copies_.push_back(out.start == ProductOutput::Start::kBias
                               ? add_copy(bindings_, out.bias_parameter, out.bias_offset, out.width, 1)
                               : -1);
    const auto count = static_cast<std::size_t>((out.width + kPanel<T> - 1) / kPanel<T>);
    panels += count;
    terms += count * out.terms.size();
    for (const ProductTerm& term : out.terms) {
      if (!term.transposed) continue;
      const Piece& piece = layout_.pieces()[static_cast<std::size_t>(term.piece)];
      AlignedArray<T>& transposed = bindings_.transposed[static_cast<std::size_t>(term.piece)];
      if (transposed.empty())
        transposed = AlignedArray<T>(kernels::packed_size<T>(piece.columns, piece.rows));
    }
  }
  list_panels(nullptr, 1);
  for (ThreadData& t : threads_) {
    t.panels.resize(panels);
    t.terms.resize(terms);
    if (any_clocked_) {
      t.due_panels.resize(panels);
      t.due_terms.resize(terms);
    }
  }
}

/// Part by part, in each output by output: neighbours then share their operands.
template <class T>
void BoundInstruction<T>::list_panels(const InstructionShares* shares, int parts) {
  parts_.clear();
  panel_sources_.clear();
  term_sources_.clear();
  for (int q = 0; q < parts; ++q) {
    PanelPart part;
    part.first_panel = panel_sources_.size();
    part.first_term = term_sources_.size();
    for (std::size_t o = 0; o < code_.products.size(); ++o) {
      const ProductOutput& out = code_.products[o];
      const auto at = static_cast<std::size_t>(q);
      const int all = (out.width + kernels::kPanel<T> - 1) / kernels::kPanel<T>;
      const int first = shares ? shares->panels[o][at] : 0, last = shares ? shares->panels[o][at + 1] : all;
      for (int p = first; p < last; ++p) {
        panel_sources_.push_back({static_cast<int>(o), p});
        for (std::size_t t = 0; t < out.terms.size(); ++t)
          term_sources_.push_back({static_cast<int>(o), static_cast<int>(t), p});
      }
    }
    part.last_panel = panel_sources_.size();
    parts_.push_back(part);
  }
}

template <class T>
void BoundInstruction<T>::divide(const InstructionShares& shares, int parts) {
  shares_ = parts > 1 ? &shares : nullptr;
  if (code_.products.empty()) return;
  list_panels(shares_, parts);
  if (bindings_.parameters != nullptr) bind_parameters();
}

template <class T>
void BoundInstruction<T>::bind_tiles(bool accurate) {
  const auto width = static_cast<std::size_t>(code_.width);
  const std::size_t most = tile_of<T>(code_);
  if (code_.by_row) {
    register_size_ = padded<T>(width);
  } else if (code_.per_unit && width <= most) {
    tile_ = most / width * width;  // whole rows, so that copies of parameters line up
    register_size_ = padded<T>(tile_);
  } else {
    tile_ = most;
    register_size_ = most;
  }
  const bool whole_rows = !code_.by_row && code_.per_unit && width <= most;
  const int repeats = whole_rows ? static_cast<int>(tile_ / width) : 1;
  for (const Slot& slot : code_.slots) {
    parameter_copies_.push_back(
        slot.kind == Slot::Kind::kParameter
            ? add_copy(bindings_, slot.index, slot.offset, code_.by_row ? slot.size : code_.width, repeats)
            : -1);
    AlignedArray<T> constant;
    if (slot.kind == Slot::Kind::kConstant) {
      constant = AlignedArray<T>(std::max(register_size_, padded<T>(width)));
      const std::size_t count = slot.values.size();
      for (std::size_t i = 0; i < constant.size(); ++i) {
        constant[i] = static_cast<T>(count == 1 ? slot.values[0] : slot.values[i % count]);
      }
    }
    constants_.push_back(std::move(constant));
  }
  for (const TileInstruction& t : code_.tiles) {
    const auto op = static_cast<std::size_t>(t.op);
    tiles_.push_back({accurate ? kernels_.tile_accurate[op] : kernels_.tile[op], t.out, t.a, t.b, t.c,
                      static_cast<std::size_t>(t.n)});
  }
  for (ThreadData& t : threads_) {
    t.registers = AlignedArray<T>(register_size_ * static_cast<std::size_t>(code_.registers));
    t.bases.resize(code_.slots.size());
    t.strides.resize(code_.slots.size());
  }
}

template <class T>
void BoundInstruction<T>::bind_parameters() {
  using kernels::kPanel;
  std::size_t k = 0;
  std::vector<kernels::ProductTerm<T>> terms;
  for (const TermSource& s : term_sources_) {
    const ProductTerm& term =
        code_.products[static_cast<std::size_t>(s.output)].terms[static_cast<std::size_t>(s.term)];
    const Piece& piece = layout_.pieces()[static_cast<std::size_t>(term.piece)];
    kernels::ProductTerm<T> bound;
    bound.a_stride = term.operand_size;
    bound.k = term.transposed ? piece.rows : piece.columns;
    const T* packed = term.transposed ? bindings_.transposed[static_cast<std::size_t>(term.piece)].data()
                                      : bindings_.parameters + layout_.offset(term.piece);
    bound.weights =
        packed + static_cast<std::size_t>(s.panel) * static_cast<std::size_t>(bound.k) * kPanel<T>;
    terms.push_back(bound);
  }
  for (ThreadData& t : threads_) {
    std::copy(terms.begin(), terms.end(), t.terms.begin());
    k = 0;
    for (std::size_t i = 0; i < panel_sources_.size(); ++i) {
      const auto o = static_cast<std::size_t>(panel_sources_[i].output);
      const ProductOutput& out = code_.products[o];
      const int panel = panel_sources_[i].panel;
      kernels::ProductPanel<T>& p = t.panels[i];
      p.out_stride = out.out_size;
      p.width = std::min(kPanel<T>, out.width - panel * kPanel<T>);
      p.start = out.start == ProductOutput::Start::kZero   ? kernels::Start::kZero
                : out.start == ProductOutput::Start::kBias ? kernels::Start::kBias
                                                           : kernels::Start::kAccumulate;
      p.bias =
          bias_copies_[o] >= 0
              ? bindings_.copies[static_cast<std::size_t>(bias_copies_[o])].values.data() + panel * kPanel<T>
              : nullptr;
      p.terms = t.terms.data() + k;
      p.term_count = static_cast<int>(out.terms.size());
      k += out.terms.size();
    }
  }
}

template <class T>
bool BoundInstruction<T>::wanted() const {
  const auto alive = [&](Place place) {
    return bindings_.buffers[static_cast<std::size_t>(place.buffer)].data != nullptr;
  };
  if (scan_) return true;
  for (const ProductOutput& out : code_.products) {
    if (alive(out.out)) return true;
  }
  for (const TileInstruction& t : code_.tiles) {
    const Slot& slot = code_.slots[static_cast<std::size_t>(t.out)];
    if (slot.kind == Slot::Kind::kMemory && alive(slot.place)) return true;
  }
  return false;
}

template <class T>
void BoundInstruction<T>::run(int step, std::size_t row, std::size_t rows, int thread, int part) noexcept {
  if (rows == 0) return;
  ThreadData& mine = threads_[static_cast<std::size_t>(thread)];
  const auto q = static_cast<std::size_t>(part);
  if (any_clocked_) {
    run_clocked_products(step, row, rows, parts_[q], mine);
  } else if (!code_.products.empty()) {
    run_products(step, row, rows, parts_[q], mine);
  } else if (shares_ != nullptr && !shares_->by_lanes) {
    run_tiles(step, row, rows, static_cast<std::size_t>(shares_->units[q]),
              static_cast<std::size_t>(shares_->units[q + 1]), mine);
  } else {
    run_tiles(step, row, rows, 0, static_cast<std::size_t>(code_.width), mine);
  }
}

/// Where the rows of a term's operand stand.
template <class T>
void BoundInstruction<T>::point(kernels::ProductTerm<T>& term, const ProductTerm& source, int step,
                                std::size_t row) noexcept {
  const BoundBuffer<T>& operand = bindings_.buffers[static_cast<std::size_t>(source.operand.buffer)];
  const int slot = step + source.operand.shift;
  term.hot = operand.hot ? operand.hot + static_cast<std::size_t>(slot) * bindings_.lanes + row : nullptr;
  term.a = operand.hot ? nullptr : operand.at(slot, row) + source.operand_offset;
}

template <class T>
void BoundInstruction<T>::run_products(int step, std::size_t row, std::size_t rows, const PanelPart& part,
                                       ThreadData& mine) noexcept {
  std::size_t k = part.first_term;
  for (std::size_t i = part.first_panel; i < part.last_panel; ++i) {
    const PanelSource& s = panel_sources_[i];
    const ProductOutput& out = code_.products[static_cast<std::size_t>(s.output)];
    const BoundBuffer<T>& target = bindings_.buffers[static_cast<std::size_t>(out.out.buffer)];
    kernels::ProductPanel<T>& panel = mine.panels[i];
    panel.out = target.at(step + out.out.shift, row) + out.offset + s.panel * kernels::kPanel<T>;
    for (const ProductTerm& term : out.terms) point(mine.terms[k++], term, step, row);
  }
  mine.ahead.clear();
  for (const AheadRows& a : ahead_) {
    if (rows < kFetchingRows) break;
    const BoundBuffer<T>& buffer = bindings_.buffers[static_cast<std::size_t>(a.buffer)];
    const int then = step + a.steps;
    if (buffer.data == nullptr || then < 0 || then >= bindings_.steps) continue;
    mine.ahead.push_back({buffer.at(then + a.shift, row),
                          static_cast<std::ptrdiff_t>(rows * static_cast<std::size_t>(buffer.size) * sizeof(T))});
  }
  kernels_.loop_product(static_cast<int>(rows), mine.panels.data() + part.first_panel,
                        static_cast<int>(part.last_panel - part.first_panel), mine.ahead.data(),
                        static_cast<int>(mine.ahead.size()), step % 2 == 1);
}

template <class T>
void BoundInstruction<T>::fetch(std::vector<AheadRows> ahead) {
  ahead_ = std::move(ahead);
  for (ThreadData& t : threads_) t.ahead.reserve(ahead_.size());
}

/// Rows of several steps fall into those that no clock touches, which stay one product, and the rest, a
/// product a step.
template <class T>
void BoundInstruction<T>::run_clocked_products(int step, std::size_t row, std::size_t rows,
                                               const PanelPart& part, ThreadData& mine) noexcept {
  const std::size_t lanes = bindings_.lanes, last = row + rows;
  const bool one_step = row / lanes == (last - 1) / lanes;
  if (!one_step && !all_clocked_) run_due_products(step, row, rows, kNoClock, true, part, mine);
  for (std::size_t first = row; first < last;) {
    const std::size_t after = std::min(last, (first / lanes + 1) * lanes);
    const std::int64_t now = bindings_.first_step + step + static_cast<std::int64_t>(first / lanes);
    run_due_products(step, first, after - first, now, one_step, part, mine);
    first = after;
  }
}

/// At step `now` of the clocks: outputs with a clock, and with `all` the others too. kNoClock: only the
/// others.
template <class T>
void BoundInstruction<T>::run_due_products(int step, std::size_t row, std::size_t rows, std::int64_t now,
                                           bool all, const PanelPart& part, ThreadData& mine) noexcept {
  using kernels::kPanel;
  const auto due = [&](int period) { return period == 1 || now % period == 0; };
  std::size_t panels = 0, terms = 0;
  std::size_t k = part.first_term;  // in mine.terms
  for (std::size_t i = part.first_panel; i < part.last_panel; ++i) {
    const auto o = static_cast<std::size_t>(panel_sources_[i].output);
    const int offset = panel_sources_[i].panel * kPanel<T>;
    const ProductOutput& out = code_.products[o];
    const std::size_t first_term = k;
    k += out.terms.size();
    if (clocked_[o] ? now == kNoClock : !all) continue;
    kernels::ProductPanel<T>& panel = mine.due_panels[panels];
    panel = mine.panels[i];
    panel.out = bindings_.buffers[static_cast<std::size_t>(out.out.buffer)].at(step + out.out.shift, row) +
                out.offset + offset;
    panel.terms = mine.due_terms.data() + terms;
    panel.term_count = 0;
    const bool awake = due(out.period);
    for (std::size_t t = 0; awake && t < out.terms.size(); ++t) {
      const ProductTerm& term = out.terms[t];
      if (!due(term.period)) continue;
      mine.due_terms[terms] = mine.terms[first_term + t];
      point(mine.due_terms[terms++], term, step, row);
      ++panel.term_count;
    }
    if (panel.term_count > 0) {
      ++panels;
    } else {
      write_start(panel, rows, awake);
    }
  }
  if (panels > 0) kernels_.product(static_cast<int>(rows), mine.due_panels.data(), static_cast<int>(panels));
}

template <class T>
void BoundInstruction<T>::apply_all(const ThreadData& mine, const std::size_t* advance,
                                    std::size_t n) noexcept {
  const auto at = [&](int slot) -> T* {
    return slot < 0 ? nullptr : mine.bases[static_cast<std::size_t>(slot)] + advance[slot];
  };
  for (const Code& c : tiles_) c.apply(at(c.out), at(c.a), at(c.b), at(c.c), n == 0 ? c.n : n);
}

template <class T>
void BoundInstruction<T>::run_tiles(int step, std::size_t row, std::size_t rows, std::size_t first_unit,
                                    std::size_t last_unit, ThreadData& mine) noexcept {
  const std::size_t slots = code_.slots.size();
  const auto width = static_cast<std::size_t>(code_.width);
  const bool chunks = !code_.by_row && ((code_.per_unit && width > tile_) || last_unit - first_unit < width);
  // mine.strides: how far a slot moves a row (by_row), or a tile's start (0 for what stays).
  for (std::size_t i = 0; i < slots; ++i) {
    const Slot& slot = code_.slots[i];
    switch (slot.kind) {
      case Slot::Kind::kRegister:
        mine.bases[i] =
            mine.registers.data() + static_cast<std::size_t>(slot.index) * register_size_ + slot.offset;
        break;
      case Slot::Kind::kMemory:
        mine.bases[i] =
            bindings_.buffers[static_cast<std::size_t>(slot.place.buffer)].at(step + slot.place.shift, row) +
            slot.offset;
        break;
      case Slot::Kind::kParameter:
        mine.bases[i] = bindings_.copies[static_cast<std::size_t>(parameter_copies_[i])].values.data();
        break;
      case Slot::Kind::kConstant:
        mine.bases[i] = constants_[i].data();
        break;
    }
    mine.strides[i] = 0;
  }
  if (code_.by_row) {
    for (std::size_t r = 0; r < rows; ++r) {
      apply_all(mine, mine.strides.data(), 0);
      for (std::size_t i = 0; i < slots; ++i) {
        if (code_.slots[i].kind == Slot::Kind::kMemory) mine.bases[i] += code_.slots[i].size;
      }
    }
    return;
  }
  if (chunks) {  // long rows with parameters, or some units of each row: a tile is a stretch of one row
    for (std::size_t c = first_unit; c < last_unit; c += tile_) {
      const std::size_t n = std::min(tile_, last_unit - c);
      for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t i = 0; i < slots; ++i) {
          const Slot::Kind kind = code_.slots[i].kind;
          mine.strides[i] = kind == Slot::Kind::kMemory      ? r * width + c
                            : kind == Slot::Kind::kParameter ? c
                            : kind == Slot::Kind::kConstant && code_.slots[i].values.size() > 1 ? c
                                                                                                : 0;
        }
        apply_all(mine, mine.strides.data(), n);
      }
    }
    return;
  }
  const std::size_t count = rows * width;
  for (std::size_t first = 0; first < count; first += tile_) {
    for (std::size_t i = 0; i < slots; ++i)
      mine.strides[i] = code_.slots[i].kind == Slot::Kind::kMemory ? first : 0;
    apply_all(mine, mine.strides.data(), std::min(tile_, count - first));
  }
}

template int add_copy(Bindings<float>&, int, int, int, int);
template int add_copy(Bindings<double>&, int, int, int, int);
template class BoundInstruction<float>;
template class BoundInstruction<double>;

}  // namespace cellwright
