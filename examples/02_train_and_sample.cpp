// 02_train_and_sample: a cell, a text, a model. Usage: 02_train_and_sample BOOK.txt [OUT.safetensors]
#include <cellwright/cellwright.h>

#include <exception>
#include <iostream>

int main(int argc, char** argv) try {
  const std::string book = argc > 1 ? argv[1] : "book.txt", out = argc > 2 ? argv[2] : "book.safetensors";

  auto text = cellwright::Text::from_file(book);
  auto lstm = cellwright::Cell::named("lstm");
  cellwright::TextModel model(text, {.cell = lstm, .units = {128}});
  model.train(text, {.epochs = 2, .batch = 4, .steps = 20});
  model.save(out);

  auto loaded = cellwright::TextModel::load(out);
  std::cout << "It was" << loaded.sample({.prime = "It was", .length = 400, .temperature = 0.7}) << "\n";
} catch (const std::exception& e) {
  std::cerr << e.what() << "\n";
  return 1;
}
