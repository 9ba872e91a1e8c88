// 04_streaming_step: a cell inside a program that may not wait: an audio block, a control loop, a game.
#include <cellwright/cellwright.h>

#include <cmath>
#include <exception>
#include <iostream>
#include <vector>

int main() try {
  // All that allocates or throws happens here: 1 number in, 16 units. A trained model's parameters go in by
  // name with set(), or Step::load() takes them from a file.
  cellwright::Step voice(cellwright::Cell::named("lstm"), {.units = 16, .inputs = {1}});
  for (const auto& p : voice.parameters()) std::cout << p.name << " has " << p.values.size() << " numbers\n";

  // From here on, nothing does: step() and run() are noexcept, take no lock and ask for no memory.
  std::vector<float> block(64), out(64 * 16);
  for (std::size_t i = 0; i < block.size(); ++i) block[i] = std::sin(0.1f * static_cast<float>(i));
  voice.run(64, block.data(), out.data());

  // A second voice that begins where the first one stands, with the same parameters.
  cellwright::Step echo = voice.fork();
  float one[16], other[16];
  voice.step(block.data(), one);
  echo.step(block.data(), other);
  std::cout << "the fork says " << (one[0] == other[0] ? "the same" : "something else") << "\n";

  // A snapshot: try a step, and take it back.
  const cellwright::StepState before = voice.state();
  voice.step(block.data() + 1, one);
  voice.restore(before);
  voice.step(block.data() + 1, other);
  std::cout << "after a restore it says " << (one[0] == other[0] ? "the same" : "something else") << "\n";
} catch (const std::exception& e) {
  std::cerr << e.what() << "\n";
  return 1;
}
