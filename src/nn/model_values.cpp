// model_values.cpp: a model's parameters and gradients by tensor, their start, and the bytes it needs.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cellwright/error.h"
#include "nn/initialise.h"
#include "nn/model_parts.h"

namespace cellwright {

template <class T>
void Model<T>::initialise(std::uint64_t seed) {
  Parts& m = *parts_;
  for (std::size_t i = 0; i < m.entries.size(); ++i) {
    const TensorEntry& entry = m.entries[i];
    const int units = entry.kind == TensorEntry::Kind::kLayer
                          ? m.spec
                                .layers[static_cast<std::size_t>(
                                    m.stack.wiring().tracks[static_cast<std::size_t>(entry.track)].layer)]
                                .units
                      : entry.kind == TensorEntry::Kind::kHeadMatrix ? entry.parameter.columns
                                                                     : m.stack.output_size(0);
    const std::vector<double> values =
        initial_values(entry.parameter, m.infos[i].name, seed, 1.0 / std::sqrt(static_cast<double>(units)),
                       m.spec.init_uniform);
    set(i, std::vector<T>(values.begin(), values.end()));
  }
}

template <class T>
const std::vector<TensorInfo>& Model<T>::tensors() const {
  return parts_->infos;
}

template <class T>
std::int64_t Model<T>::parameter_count() const {
  return parts_->count;
}

template <class T>
static std::vector<T> read_tensor(const ParameterLayout<T>* layout, const TensorEntry& entry,
                                  const TensorInfo& info, const T* from) {
  std::vector<T> values(count_of(info));
  const T* source = from + entry.offset;
  if (entry.kind == TensorEntry::Kind::kLayer) {
    layout->unpack(entry.index, source, values.data());
  } else if (entry.kind == TensorEntry::Kind::kHeadMatrix) {
    kernels::unpack(source, 0, entry.parameter.rows, 0, entry.parameter.columns, values.data(),
                    entry.parameter.columns);
  } else {
    std::copy_n(source, values.size(), values.data());
  }
  return values;
}

template <class T>
std::vector<T> Model<T>::unpack(std::size_t tensor, const T* flat) const {
  const TensorEntry& entry = parts_->entries.at(tensor);
  const auto* layout = entry.track >= 0 ? &parts_->stack.track(entry.track).layout() : nullptr;
  return read_tensor(layout, entry, parts_->infos[tensor], flat);
}

template <class T>
void Model<T>::pack(std::size_t tensor, const std::vector<T>& values, T* flat) const {
  const TensorEntry& entry = parts_->entries.at(tensor);
  const TensorInfo& info = parts_->infos[tensor];
  if (values.size() != count_of(info)) {
    throw ShapeError(
        fmt::format("tensor '{}' has {} numbers, not {}", info.name, count_of(info), values.size()));
  }
  T* to = flat + entry.offset;
  if (entry.kind == TensorEntry::Kind::kLayer) {
    parts_->stack.track(entry.track).layout().pack(entry.index, values.data(), to);
  } else if (entry.kind == TensorEntry::Kind::kHeadMatrix) {
    kernels::pack(values.data(), entry.parameter.columns, 0, entry.parameter.rows, 0, entry.parameter.columns,
                  to);
  } else {
    std::copy(values.begin(), values.end(), to);
  }
}

template <class T>
std::vector<TensorPiece> Model<T>::pieces() const {
  const Parts& m = *parts_;
  std::vector<TensorPiece> all;
  const auto add = [&](std::size_t tensor, std::size_t first, bool packed, int row, int rows, int columns) {
    const std::size_t size =
        packed ? kernels::packed_size<T>(rows, columns) : padded<T>(static_cast<std::size_t>(rows));
    all.push_back({tensor, first, first + size, packed, row, rows, columns});
  };
  for (std::size_t i = 0; i < m.entries.size(); ++i) {
    const TensorEntry& entry = m.entries[i];
    if (entry.kind == TensorEntry::Kind::kHeadMatrix) {
      add(i, entry.offset, true, 0, entry.parameter.rows, entry.parameter.columns);
    } else if (entry.kind != TensorEntry::Kind::kLayer) {
      add(i, entry.offset, false, 0, static_cast<int>(count_of(m.infos[i])), 1);
    } else {
      const ParameterLayout<T>& layout = m.stack.track(entry.track).layout();
      for (std::size_t k = 0; k < layout.pieces().size(); ++k) {
        const Piece& p = layout.pieces()[k];
        if (p.parameter != entry.index) continue;
        add(i, entry.offset + layout.offset(static_cast<int>(k)), p.matrix, p.row, p.rows, p.columns);
      }
    }
  }
  std::sort(all.begin(), all.end(),
            [](const TensorPiece& a, const TensorPiece& b) { return a.first < b.first; });
  return all;
}

template <class T>
std::vector<T> Model<T>::get(std::size_t tensor) const {
  return unpack(tensor, parts_->parameters.data());
}

template <class T>
std::vector<T> Model<T>::gradient(std::size_t tensor) const {
  return unpack(tensor, parts_->gradients.data());
}

template <class T>
void Model<T>::set(std::size_t tensor, const std::vector<T>& values) {
  pack(tensor, values, parts_->parameters.data());
  parameters_changed();
}

template <class T>
T* Model<T>::parameters() {
  return parts_->parameters.data();
}
template <class T>
const T* Model<T>::parameters() const {
  return parts_->parameters.data();
}
template <class T>
T* Model<T>::gradients() {
  parts_->touched_known = false;
  return parts_->gradients.data();
}
template <class T>
const T* Model<T>::gradients() const {
  return parts_->gradients.data();
}
template <class T>
TouchedRows Model<T>::touched_rows() const {
  const Parts& m = *parts_;
  if (!m.touched_known) return {};
  return {m.stack_at, static_cast<std::size_t>(m.spec.embedding), &m.touched};
}
template <class T>
std::size_t Model<T>::size() const {
  return parts_->parameters.size();
}
template <class T>
void Model<T>::parameters_changed() {
  parts_->bound = false;
}

template <class T>
std::size_t Model<T>::fixed_bytes() const {
  Parts& m = *parts_;
  return 2 * m.parameters.size() * sizeof(T) + m.stack.fixed_bytes() + m.head.fixed_bytes();
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

#define CELLWRIGHT_MODEL_VALUES(T)                                            \
  template void Model<T>::initialise(std::uint64_t);                          \
  template const std::vector<TensorInfo>& Model<T>::tensors() const;          \
  template std::int64_t Model<T>::parameter_count() const;                    \
  template std::vector<T> Model<T>::unpack(std::size_t, const T*) const;      \
  template void Model<T>::pack(std::size_t, const std::vector<T>&, T*) const; \
  template std::vector<TensorPiece> Model<T>::pieces() const;                 \
  template std::vector<T> Model<T>::get(std::size_t) const;                   \
  template std::vector<T> Model<T>::gradient(std::size_t) const;              \
  template void Model<T>::set(std::size_t, const std::vector<T>&);            \
  template T* Model<T>::parameters();                                         \
  template const T* Model<T>::parameters() const;                             \
  template T* Model<T>::gradients();                                          \
  template const T* Model<T>::gradients() const;                              \
  template TouchedRows Model<T>::touched_rows() const;                        \
  template std::size_t Model<T>::size() const;                                \
  template void Model<T>::parameters_changed();                               \
  template std::size_t Model<T>::fixed_bytes() const;                         \
  template std::size_t Model<T>::window_bytes(const WindowNeed&) const

CELLWRIGHT_MODEL_VALUES(float);
CELLWRIGHT_MODEL_VALUES(double);

}  // namespace cellwright
