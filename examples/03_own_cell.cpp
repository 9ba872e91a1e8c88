// 03_own_cell: change one line of a cell, let the library check its derivatives, and train it like any that
// ships.
#include <cellwright/cellwright.h>

#include <exception>
#include <iostream>

int main() try {
  // An LSTM whose input gate is what the forget gate leaves free, and that looks at its own memory to open
  // the output gate.
  const auto cell = cellwright::Cell::from_text(R"(
cell thrifty(x) -> h
f = σ(W_f·[h[t-1], x] + b_f)
C̃ = tanh(W_C·[h[t-1], x] + b_C)
C = f ⊙ C[t-1] + (1 - f) ⊙ C̃
o = σ(W_o·[h[t-1], x] + p_o ⊙ C + b_o)
h = o ⊙ tanh(C)
init b_f = 1
)");
  const auto check = cell.check({.units = 5, .inputs = {3}});
  std::cout << check.gradients << " gradients "
            << (check.passed ? "are right" : "are WRONG: " + check.failure) << "\n";

  std::string verse;
  for (int i = 0; i < 60; ++i) verse += i % 3 == 0 ? "to and fro, " : "fro and to, ";
  const auto text = cellwright::Text::from_string(verse);
  cellwright::TextModel model(text, {.cell = cell, .units = {24, 24}});
  const auto summary = model.train(text, {.epochs = 15, .batch = 4, .steps = 16, .learning_rate = 1e-2});
  std::cout << model.parameter_count() << " parameters, validation " << summary.valid_loss
            << " nats a character\n";
  std::cout << model.sample({.prime = "to", .length = 60, .temperature = 0.5}) << "\n";
  return check.passed ? 0 : 1;
} catch (const std::exception& e) {
  std::cerr << e.what() << "\n";
  return 1;
}
