// stack.h: a stack of layers of one cell with random parameters and input, for what is measured of it.
#pragma once

#include <memory>
#include <string>

#include "base/aligned.h"
#include "nn/stack.h"

namespace cellwright {

class BenchStack {
 public:
  /// `cell`: a shipped one, or a file.
  BenchStack(const std::string& cell, int inputs, int units, int layers, Engine& engine);

  Stack<float>& stack() { return *stack_; }
  const float* parameters() const { return parameters_.data(); }
  float* gradients();

  /// Multiplications and additions of all products of one lane's step, forward.
  double flop() const;

 private:
  std::unique_ptr<Stack<float>> stack_;
  AlignedArray<float> parameters_, gradients_;
};

/// The text of a shipped cell, or of a file. IoError.
LayerSpec layer_of(const std::string& cell, int units);

/// From U(-0.05, 0.05), packed.
AlignedArray<float> random_parameters(const ParameterLayout<float>& layout, std::uint64_t stream);

/// Multiplications and additions of all products with these parameters, for one lane's step.
double flop_of(const ParameterLayout<float>& layout);

/// Numbers from N(0, 1), the same every time.
AlignedArray<float> normals(std::size_t count, std::uint64_t stream);

}  // namespace cellwright
