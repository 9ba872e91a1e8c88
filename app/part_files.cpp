#include "part_files.h"

#include <CLI/CLI.hpp>

namespace cellwright::app {

void add_part_options(CLI::App* app, PartFiles& files, const std::string& whole) {
  const auto data = [&](const std::string& name, auto& field, const std::string& text, const char* type) {
    app->add_option(name, field, text)->type_name(type)->group("Data");
  };
  data("--valid", files.valid, "To validate on, as the data", "FILE");
  data("--test", files.test, "To test on at the end, as the data", "FILE");
  data("--valid-fraction", files.valid_fraction, "Part of " + whole + " to validate on (0.1 without --valid)",
       "X");
  data("--test-fraction", files.test_fraction, "Part of " + whole + " to test on, where no test is named",
       "X");
}

}  // namespace cellwright::app
