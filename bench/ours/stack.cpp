#include "stack.h"

#include <algorithm>

#include "base/file.h"
#include "base/rng.h"
#include "language/shipped.h"
#include "works.h"

namespace cellwright {

LayerSpec layer_of(const std::string& cell, int units) {
  const std::vector<std::string> shipped = shipped_cells();
  const bool known = std::find(shipped.begin(), shipped.end(), cell) != shipped.end();
  LayerSpec layer;
  layer.cell_text = known ? std::string(shipped_cell_text(cell)) : read_file(cell);
  layer.cell_file = known ? cell + ".cell" : cell;
  layer.units = units;
  return layer;
}

AlignedArray<float> normals(std::size_t count, std::uint64_t stream) {
  AlignedArray<float> values(count);
  const Random random(1, stream);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(random.normal(i));
  return values;
}

AlignedArray<float> random_parameters(const ParameterLayout<float>& layout, std::uint64_t stream) {
  AlignedArray<float> packed(layout.size());
  const Random random(2, stream);
  std::uint64_t drawn = 0;
  for (std::size_t p = 0; p < layout.parameters().size(); ++p) {
    std::vector<float> values(layout.stored_size(static_cast<int>(p)));
    for (float& v : values) v = static_cast<float>((random.uniform(drawn++) - 0.5) * 0.1);
    layout.pack(static_cast<int>(p), values.data(), packed.data());
  }
  return packed;
}

double flop_of(const ParameterLayout<float>& layout) {
  double sum = 0;
  for (const Piece& piece : layout.pieces())
    if (piece.matrix) sum += 2.0 * piece.rows * piece.columns;
  return sum;
}

BenchStack::BenchStack(const std::string& cell, int inputs, int units, int layers, Engine& engine) {
  StackSpec spec;
  spec.inputs = {inputs};
  for (int l = 0; l < layers; ++l) spec.layers.push_back(layer_of(cell, units));
  stack_ = std::make_unique<Stack<float>>(spec, kernels::kernels<float>(engine.options.simd), engine);
  parameters_ = AlignedArray<float>(stack_->size());
  for (int t = 0; t < stack_->tracks(); ++t) {
    const AlignedArray<float> values =
        random_parameters(stack_->track(t).layout(), 2 + static_cast<std::uint64_t>(t));
    std::copy(values.begin(), values.end(), parameters_.data() + stack_->offset(t));
  }
}

float* BenchStack::gradients() {
  if (gradients_.empty()) gradients_ = AlignedArray<float>(parameters_.size());
  gradients_.fill(0);
  return gradients_.data();
}

double BenchStack::flop() const {
  double sum = 0;
  for (int t = 0; t < stack_->tracks(); ++t) sum += flop_of(stack_->track(t).layout());
  return sum;
}

bench::Work train_or_infer(bool training, const std::string& cell, const std::string& sizes, Engine& engine) {
  const std::vector<int> n = bench::numbers(sizes, 5);
  const int steps = n[0], lanes = n[1], inputs = n[2], units = n[3], layers = n[4];
  const auto rows = static_cast<std::size_t>(steps) * static_cast<std::size_t>(lanes);
  struct Held {
    BenchStack net;
    AlignedArray<float> x, d_y;
    StackState<float> start;
  };
  auto held = std::make_shared<Held>(Held{BenchStack(cell, inputs, units, layers, engine),
                                          normals(rows * static_cast<std::size_t>(inputs), 1),
                                          normals(rows * static_cast<std::size_t>(units), 2),
                                          {}});
  held->start = held->net.stack().start(lanes);
  held->net.stack().bind(held->net.parameters());
  bench::Work work;
  work.flop = (training ? 3 : 1) * held->net.flop() * static_cast<double>(rows);
  work.run = [held, training, steps] {
    Stack<float>& stack = held->net.stack();
    StackState<float> state = held->start;
    // In training parameters have just been changed by an optimiser; a model in use keeps them.
    if (training) stack.bind(held->net.parameters());
    stack.forward(training, steps, {held->x.data()}, state);
    if (!training) return;
    Stack<float>::Backward b;
    b.d_outputs = {held->d_y.data()};
    b.wanted = 1;
    b.gradients = held->net.gradients();
    stack.backward(b);
  };
  return work;
}

}  // namespace cellwright
