// parameter_noise.cpp: see parameter_noise.h for what is drawn. A job is a panel of a packed piece: its rows
// are neighbours in memory, so entries are made for eight columns of all rows at a time, then put in place.
#include "nn/parameter_noise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "base/denormals.h"
#include "base/rng.h"
#include "kernels/kernels.h"

namespace cellwright {
namespace {

constexpr int kGroup = 8;  // entries that one block of random words serves

std::uint32_t drop_threshold(double rate) {
  return rate > 0 ? static_cast<std::uint32_t>(std::clamp(std::round(rate * 65536), 1.0, 65535.0)) : 0;
}

std::array<std::uint16_t, kGroup> halves(const Random& random, int row, int group) {
  const std::array<std::uint32_t, 4> words =
      random.words(static_cast<std::uint64_t>(row), static_cast<std::uint64_t>(group));
  std::array<std::uint16_t, kGroup> result;
  for (std::size_t i = 0; i < 4; ++i) {
    result[2 * i] = static_cast<std::uint16_t>(words[i]);
    result[2 * i + 1] = static_cast<std::uint16_t>(words[i] >> 16);
  }
  return result;
}

std::vector<float> make_normal_slices() {
  constexpr int kCount = 32768;
  std::vector<double> middles;
  double x = 0, squares = 0;
  for (int i = 0; i < kCount; ++i) {
    const double tail = 0.5 - (i + 0.5) / (2 * kCount);  // Φ(-x), by Newton from the slice before
    for (int k = 0; k < 50; ++k) {
      const double density = std::exp(-x * x / 2) / 2.5066282746310002;
      const double move = (std::erfc(x * 0.7071067811865476) / 2 - tail) / density;
      x += move;
      if (std::abs(move) < 1e-13) break;
    }
    middles.push_back(x);
    squares += x * x;
  }
  const double scale = 1 / std::sqrt(squares / kCount);
  std::vector<float> result;
  for (const double m : middles) result.push_back(static_cast<float>(m * scale));
  return result;
}

// The columns of a piece that meet a state.
std::vector<ColumnRange> within(const Piece& piece, const std::vector<ColumnRange>& ranges) {
  std::vector<ColumnRange> result;
  for (const ColumnRange& r : ranges) {
    const int first = std::max(r.first - piece.column, 0),
              last = std::min(r.last - piece.column, piece.columns);
    if (first < last) result.push_back({first, last});
  }
  return result;
}

}  // namespace

const std::vector<float>& normal_slices() {
  static const std::vector<float> slices = make_normal_slices();
  return slices;
}

template <class T>
ParameterNoise<T>::ParameterNoise(const ParameterLayout<T>& layout, ParameterNoiseSpec spec, ThreadPool& pool)
    : layout_(layout), spec_(std::move(spec)), pool_(pool), copy_(layout.size()) {
  if (spec_.weight_drop > 0) scales_ = AlignedArray<T>(layout.size());
  if (spec_.deviation > 0) normal_slices();
  for (std::size_t i = 0; i < layout.pieces().size(); ++i) {
    const Piece& piece = layout.pieces()[i];
    const auto p = static_cast<std::size_t>(piece.parameter);
    const int panels = piece.matrix ? (piece.rows + kernels::kPanel<T> - 1) / kernels::kPanel<T> : 1;
    for (int panel = 0; panel < panels; ++panel) {
      Job job{static_cast<int>(i), panel, {}};
      if (piece.matrix && spec_.weight_drop > 0 && p < spec_.sites.size())
        job.dropped = within(piece, spec_.sites[p]);
      jobs_.push_back(std::move(job));
    }
  }
}

template <class T>
template <class F>
void ParameterNoise<T>::each_job(const F& f) const {
  const auto run = [&](int thread) {
    const FlushDenormals flush;
    const Part mine = part(static_cast<int>(jobs_.size()), pool_.size(), thread);
    for (int i = mine.first; i < mine.last; ++i) f(jobs_[static_cast<std::size_t>(i)]);
  };
  pool_.run(std::ref(run));
}

// Where the job's part of the layout begins.
template <class T>
std::size_t ParameterNoise<T>::place(const Job& job) const {
  const Piece& piece = layout_.pieces()[static_cast<std::size_t>(job.piece)];
  constexpr auto kPanel = static_cast<std::size_t>(kernels::kPanel<T>);
  return layout_.offset(job.piece) +
         static_cast<std::size_t>(job.panel) * static_cast<std::size_t>(piece.columns) * kPanel;
}

template <class T>
void ParameterNoise<T>::vector_job(const Job& job, const Draw& draw) {
  const Piece& piece = layout_.pieces()[static_cast<std::size_t>(job.piece)];
  const Parameter& parameter = layout_.parameters()[static_cast<std::size_t>(piece.parameter)];
  const std::size_t offset = place(job);
  const Random random(draw.seed, draw.stream + hash_name("weight_noise." + parameter.name));
  const std::vector<float>& slices = normal_slices();
  const T deviation = static_cast<T>(spec_.deviation);
  for (int k = 0; k < piece.rows; ++k) {
    const int column = piece.row + k;
    const std::uint16_t u = halves(random, 0, column / kGroup)[static_cast<std::size_t>(column % kGroup)];
    const T z = static_cast<T>(slices[u / 2]);
    const std::size_t at = offset + static_cast<std::size_t>(k);
    copy_[at] = draw.parameters[at] + deviation * (u % 2 ? -z : z);
  }
}

template <class T>
void ParameterNoise<T>::matrix_job(const Job& job, const Draw& draw) {
  constexpr int kPanel = kernels::kPanel<T>;
  const Piece& piece = layout_.pieces()[static_cast<std::size_t>(job.piece)];
  const Parameter& parameter = layout_.parameters()[static_cast<std::size_t>(piece.parameter)];
  const int rows = std::min(kPanel, piece.rows - job.panel * kPanel);
  const int row = piece.row + job.panel * kPanel;
  // Stored columns: a block-diagonal matrix is stored block under block.
  const int column = parameter.structure == Structure::kBlockDiagonal ? 0 : piece.column;
  const std::size_t offset = place(job);
  // f(line, group's entries of all rows) for the packed lines of columns [first, last).
  const auto each_column = [&](const char* what, ColumnRange range, const auto& f) {
    const Random random(draw.seed, draw.stream + hash_name(what + parameter.name));
    std::array<std::array<std::uint16_t, kGroup>, static_cast<std::size_t>(kPanel)> bits;
    for (int c = range.first; c < range.last;) {
      const int group = (column + c) / kGroup;
      const int next = std::min(range.last, (group + 1) * kGroup - column);
      for (int j = 0; j < rows; ++j) bits[static_cast<std::size_t>(j)] = halves(random, row + j, group);
      for (; c < next; ++c) {
        const auto half = static_cast<std::size_t>((column + c) % kGroup);
        f(offset + static_cast<std::size_t>(c) * static_cast<std::size_t>(kPanel),
          [&](std::size_t j) { return bits[j][half]; });
      }
    }
  };
  const auto count = static_cast<std::size_t>(rows);
  if (spec_.deviation > 0) {
    const std::vector<float>& slices = normal_slices();
    const T deviation = static_cast<T>(spec_.deviation);
    each_column("weight_noise.", {0, piece.columns}, [&](std::size_t line, const auto& bits) {
      for (std::size_t j = 0; j < count; ++j) {
        const std::uint16_t u = bits(j);
        const T z = static_cast<T>(slices[u / 2]);
        copy_[line + j] = draw.parameters[line + j] + deviation * (u % 2 ? -z : z);
      }
    });
  } else {
    const std::size_t n = static_cast<std::size_t>(piece.columns) * static_cast<std::size_t>(kPanel);
    std::copy_n(draw.parameters + offset, n, copy_.data() + offset);
  }
  const std::uint32_t threshold = drop_threshold(spec_.weight_drop);
  const T scale = static_cast<T>(1 / (1 - threshold / 65536.0));
  for (const ColumnRange& range : job.dropped) {
    each_column("weight_drop.", range, [&](std::size_t line, const auto& bits) {
      for (std::size_t j = 0; j < count; ++j) {
        const bool dropped = bits(j) < threshold;
        scales_[line + j] = dropped ? T{} : scale;
        copy_[line + j] = dropped ? T{} : copy_[line + j] * scale;
      }
    });
  }
}

template <class T>
const T* ParameterNoise<T>::draw(const T* parameters, std::uint64_t seed, std::uint64_t stream) {
  const Draw draw{parameters, seed, stream};
  each_job([&](const Job& job) {
    const Piece& piece = layout_.pieces()[static_cast<std::size_t>(job.piece)];
    if (piece.matrix) {
      matrix_job(job, draw);
    } else if (spec_.deviation > 0) {
      vector_job(job, draw);
    } else {
      std::copy_n(parameters + place(job), piece.rows, copy_.data() + place(job));
    }
  });
  return copy_.data();
}

template <class T>
void ParameterNoise<T>::chain(T* gradients) const {
  if (!(spec_.weight_drop > 0)) return;
  constexpr auto kPanel = static_cast<std::size_t>(kernels::kPanel<T>);
  each_job([&](const Job& job) {
    for (const ColumnRange& range : job.dropped) {
      const std::size_t last = place(job) + static_cast<std::size_t>(range.last) * kPanel;
      for (std::size_t i = place(job) + static_cast<std::size_t>(range.first) * kPanel; i < last; ++i)
        gradients[i] *= scales_[i];
    }
  });
}

template class ParameterNoise<float>;
template class ParameterNoise<double>;

}  // namespace cellwright
