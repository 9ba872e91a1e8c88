// initialise.cpp: one function a kind of start; matrices go column block by column block.
#include "nn/initialise.h"

#include <algorithm>
#include <cmath>

#include "base/rng.h"

namespace cellwright {
namespace {

// A rectangle of the stored matrix.
struct Block {
  int row, rows, column, columns;
};

// Makes the columns of a [rows, columns] matrix, rows >= columns, orthonormal: modified Gram–Schmidt, twice,
// which in double is exact to rounding. The sign is the one of R's positive diagonal, so Q is distributed
// uniformly.
void orthonormalise(std::vector<double>& q, int rows, int columns) {
  const auto at = [&](int r, int c) -> double& {
    return q[static_cast<std::size_t>(c) * static_cast<std::size_t>(rows) + static_cast<std::size_t>(r)];
  };
  for (int c = 0; c < columns; ++c) {
    for (int pass = 0; pass < 2; ++pass) {
      for (int p = 0; p < c; ++p) {
        double dot = 0;
        for (int r = 0; r < rows; ++r) dot += at(r, p) * at(r, c);
        for (int r = 0; r < rows; ++r) at(r, c) -= dot * at(r, p);
      }
    }
    double norm = 0;
    for (int r = 0; r < rows; ++r) norm += at(r, c) * at(r, c);
    norm = std::sqrt(norm);
    for (int r = 0; r < rows; ++r) at(r, c) /= norm > 0 ? norm : 1;
  }
}

class Filler {
 public:
  Filler(std::vector<double>& values, int stride, const Random& random, double by_default, bool bias)
      : values_(values), stride_(stride), random_(random), default_(by_default), bias_(bias) {}

  void fill(const Block& b, const Initializer& init) {
    using Kind = Initializer::Kind;
    switch (init.kind) {
      case Kind::kDefault:
        bias_ ? each(b, [](auto) { return 0.0; }) : uniform(b, -default_, default_);
        break;
      case Kind::kConstant:
        each(b, [&](auto) { return init.a; });
        break;
      case Kind::kUniform:
        uniform(b, init.a, init.b);
        break;
      case Kind::kNormal:
        each(b, [&](std::uint64_t i) { return init.a + init.b * random_.normal(i); });
        break;
      case Kind::kGlorot: {
        const double a = std::sqrt(6.0 / (b.rows + b.columns));
        uniform(b, -a, a);
        break;
      }
      case Kind::kChrono:  // Tallec & Ollivier 2018: remember for 1 … T-1 steps
        each(b, [&](std::uint64_t i) {
          return std::log(1.0 + std::max(init.a - 2.0, 0.0) * random_.uniform(i));
        });
        break;
      case Kind::kIdentity:
        for (int r = 0; r < b.rows; ++r) {
          for (int c = 0; c < b.columns; ++c) values_[index(b.row + r, b.column + c)] = r == c ? 1 : 0;
        }
        break;
      case Kind::kOrthogonal:
        orthogonal(b);
        break;
    }
  }

 private:
  std::size_t index(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(stride_) +
           static_cast<std::size_t>(column);
  }

  template <class F>
  void each(const Block& b, F value) {
    for (int r = b.row; r < b.row + b.rows; ++r) {
      for (int c = b.column; c < b.column + b.columns; ++c)
        values_[index(r, c)] = value(static_cast<std::uint64_t>(index(r, c)));
    }
  }

  void uniform(const Block& b, double low, double high) {
    each(b, [&](std::uint64_t i) { return low + (high - low) * random_.uniform(i); });
  }

  void orthogonal(const Block& b) {
    const bool tall = b.rows >= b.columns;
    const int length = tall ? b.rows : b.columns;
    const int count = tall ? b.columns : b.rows;
    std::vector<double> q(static_cast<std::size_t>(length) * static_cast<std::size_t>(count));
    const auto place = [&](int i, int k) {
      return tall ? index(b.row + i, b.column + k) : index(b.row + k, b.column + i);
    };
    for (int k = 0; k < count; ++k) {
      for (int i = 0; i < length; ++i) {
        q[static_cast<std::size_t>(k) * static_cast<std::size_t>(length) + static_cast<std::size_t>(i)] =
            random_.normal(static_cast<std::uint64_t>(place(i, k)));
      }
    }
    orthonormalise(q, length, count);
    for (int k = 0; k < count; ++k) {
      for (int i = 0; i < length; ++i) {
        values_[place(i, k)] =
            q[static_cast<std::size_t>(k) * static_cast<std::size_t>(length) + static_cast<std::size_t>(i)];
      }
    }
  }

  std::vector<double>& values_;
  int stride_;
  const Random& random_;
  double default_;
  bool bias_;
};

}  // namespace

std::vector<double> initial_values(const Parameter& p, const std::string& tensor, std::uint64_t seed,
                                   double by_default, double uniform) {
  const bool diagonal = p.matrix && p.structure == Structure::kBlockDiagonal;
  const int columns = diagonal ? p.columns / p.blocks : p.columns;
  std::vector<double> values(static_cast<std::size_t>(p.rows) * static_cast<std::size_t>(columns));
  const Random random(seed, hash_name("init." + tensor));
  Filler filler(values, columns, random, by_default, p.bias);

  const auto fill = [&](int column, int width, const Initializer& init) {
    const int blocks = diagonal ? p.blocks : 1;  // each diagonal block is a matrix of its own
    for (int i = 0; i < blocks; ++i)
      filler.fill({i * (p.rows / blocks), p.rows / blocks, column, width}, init);
  };
  if (uniform > 0) {
    fill(0, columns, {Initializer::Kind::kUniform, -uniform, uniform});
    return values;
  }
  if (diagonal || p.column_blocks.empty()) {
    const bool own =
        p.column_blocks.size() == 1 && p.column_blocks[0].initializer.kind != Initializer::Kind::kDefault;
    fill(0, columns, own ? p.column_blocks[0].initializer : p.initializer);
    return values;
  }
  for (const ColumnBlock& block : p.column_blocks) {
    const bool own = block.initializer.kind != Initializer::Kind::kDefault;
    fill(block.column, block.columns, own ? block.initializer : p.initializer);
  }
  return values;
}

}  // namespace cellwright
