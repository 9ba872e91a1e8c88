// trained_parameters.cpp: see trained_parameters.h.
#include "nn/trained_parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "cellwright/error.h"
#include "kernels/kernels.h"
#include "nn/initialise.h"

namespace cellwright {

template <class T>
void TrainedParameters<T>::lay_out(TensorList list, const Stack<T>& stack, std::size_t size,
                                   std::int64_t count, double init_uniform) {
  list_ = std::move(list);
  stack_ = &stack;
  count_ = count;
  init_uniform_ = init_uniform;
  parameters_ = AlignedArray<T>(size);
  gradients_ = AlignedArray<T>(size);
}

template <class T>
void TrainedParameters<T>::zero_range(std::size_t begin, std::size_t end) {
  const auto zero = [&](int thread) {
    const std::size_t n = end - begin, team = static_cast<std::size_t>(engine_.pool.size());
    const std::size_t first = n * static_cast<std::size_t>(thread) / team,
                      last = n * (static_cast<std::size_t>(thread) + 1) / team;
    std::fill(gradients_.data() + begin + first, gradients_.data() + begin + last, T{});
  };
  engine_.pool.run(std::ref(zero));
}

template <class T>
void TrainedParameters<T>::zero_gradients(std::size_t size) {
  touched_known_ = false;
  zero_range(0, size);
}

template <class T>
void TrainedParameters<T>::zero_gradients(std::size_t size, std::size_t table, std::size_t width,
                                          const std::int32_t* ids, std::size_t count) {
  zero_range(touched_known_ ? table : 0, size);
  if (table == 0) return;
  if (touched_known_) {
    for (const std::int32_t row : touched_)
      std::fill_n(gradients_.data() + static_cast<std::size_t>(row) * width, width, T{});
  }
  touched_.assign(ids, ids + count);
  std::sort(touched_.begin(), touched_.end());
  touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
  table_ = table;
  table_width_ = width;
  touched_known_ = true;
}

template <class T>
TouchedRows TrainedParameters<T>::touched_rows() const {
  if (!touched_known_) return {};
  return {table_, table_width_, &touched_};
}

template <class T>
void TrainedParameters<T>::initialise(std::uint64_t seed) {
  for (std::size_t i = 0; i < list_.entries.size(); ++i) {
    const TensorEntry& entry = list_.entries[i];
    const std::vector<double> values =
        initial_values(entry.parameter, list_.infos[i].name, seed,
                       1.0 / std::sqrt(static_cast<double>(entry.units)), init_uniform_);
    set(i, std::vector<T>(values.begin(), values.end()));
  }
}

template <class T>
std::vector<T> TrainedParameters<T>::unpack(std::size_t tensor, const T* flat) const {
  const TensorEntry& entry = list_.entries.at(tensor);
  std::vector<T> values(count_of(list_.infos[tensor]));
  const T* from = flat + entry.offset;
  if (entry.kind == TensorEntry::Kind::kLayer) {
    stack_->track(entry.track).layout().unpack(entry.index, from, values.data());
  } else if (entry.kind == TensorEntry::Kind::kHeadMatrix) {
    kernels::unpack(from, 0, entry.parameter.rows, 0, entry.parameter.columns, values.data(),
                    entry.parameter.columns);
  } else {
    std::copy_n(from, values.size(), values.data());
  }
  return values;
}

template <class T>
void TrainedParameters<T>::pack(std::size_t tensor, const std::vector<T>& values, T* flat) const {
  const TensorEntry& entry = list_.entries.at(tensor);
  const TensorInfo& info = list_.infos[tensor];
  if (values.size() != count_of(info)) {
    throw ShapeError(
        fmt::format("tensor '{}' has {} numbers, not {}", info.name, count_of(info), values.size()));
  }
  T* to = flat + entry.offset;
  if (entry.kind == TensorEntry::Kind::kLayer) {
    stack_->track(entry.track).layout().pack(entry.index, values.data(), to);
  } else if (entry.kind == TensorEntry::Kind::kHeadMatrix) {
    kernels::pack(values.data(), entry.parameter.columns, 0, entry.parameter.rows, 0, entry.parameter.columns,
                  to);
  } else {
    std::copy(values.begin(), values.end(), to);
  }
}

template <class T>
std::vector<TensorPiece> TrainedParameters<T>::pieces() const {
  std::vector<TensorPiece> all;
  const auto add = [&](std::size_t tensor, std::size_t first, bool packed, int row, int rows, int columns) {
    const std::size_t size =
        packed ? kernels::packed_size<T>(rows, columns) : padded<T>(static_cast<std::size_t>(rows));
    all.push_back({tensor, first, first + size, packed, row, rows, columns});
  };
  for (std::size_t i = 0; i < list_.entries.size(); ++i) {
    const TensorEntry& entry = list_.entries[i];
    if (entry.kind == TensorEntry::Kind::kHeadMatrix) {
      add(i, entry.offset, true, 0, entry.parameter.rows, entry.parameter.columns);
    } else if (entry.kind != TensorEntry::Kind::kLayer) {
      add(i, entry.offset, false, 0, static_cast<int>(count_of(list_.infos[i])), 1);
    } else {
      const ParameterLayout<T>& layout = stack_->track(entry.track).layout();
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
std::vector<T> TrainedParameters<T>::get(std::size_t tensor) const {
  return unpack(tensor, parameters_.data());
}

template <class T>
std::vector<T> TrainedParameters<T>::gradient(std::size_t tensor) const {
  return unpack(tensor, gradients_.data());
}

template <class T>
void TrainedParameters<T>::set(std::size_t tensor, const std::vector<T>& values) {
  pack(tensor, values, parameters_.data());
  parameters_changed();
}

template class TrainedParameters<float>;
template class TrainedParameters<double>;

}  // namespace cellwright
