// part_files.h: the files of a command whose data come in parts: to train on, to validate, to test.
#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace cellwright::app {

struct PartFiles {
  std::string data, valid, test;
  std::optional<double> valid_fraction, test_fraction;  ///< of `data`, where no file is named
};

/// The four options of the group "Data"; `whole` is what a part is taken of: "each class".
void add_part_options(CLI::App* app, PartFiles& files, const std::string& whole);

}  // namespace cellwright::app
