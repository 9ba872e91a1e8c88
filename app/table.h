// table.h: aligned columns on a terminal, by display width: "C̃" is one column wide.
#pragma once

#include <string>
#include <vector>

namespace cellwright::app {

class Table {
 public:
  /// One letter a column: 'l' left, 'r' right.
  explicit Table(std::string alignment) : alignment_(std::move(alignment)) {}
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  std::string text(const std::string& indent = "") const;  ///< lines without trailing blanks

 private:
  std::string alignment_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace cellwright::app
