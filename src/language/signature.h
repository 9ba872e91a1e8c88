// signature.h: what a layer must ask before it can lower a cell.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "language/syntax.h"

namespace cellwright {

struct Signature {
  struct Input {
    std::string name;
    bool optional = false;
    bool sequence = false;  ///< y[j]: lower() does not support it yet
  };
  std::vector<Input> inputs;
  std::vector<std::string> outputs;
  std::vector<std::string>
      size_names;  ///< those that CellBinding::sizes must give, without "units"; in the order of the text
  std::vector<std::pair<std::string, std::vector<double>>> options;  ///< with their defaults
};

Signature signature(const syntax::Cell& cell);

}  // namespace cellwright
