// torch_parameters.h: our parameters out of PyTorch's tensors, whose gates are blocks of rows.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace cellwright::test {

/// Where the rows of one of our parameters stand in PyTorch's: gate number `gate`. A matrix' columns meet x
/// or h[t-1] and come from weight_ih or weight_hh accordingly.
struct Source {
  int gate = 0;
  bool input_bias = false, hidden_bias = false;  ///< vectors: their sum
  bool operator==(const Source&) const = default;
};

using Sources = std::map<std::string, Source>;

inline const Sources kRnn = {{"W", {0, false, false}}, {"b", {0, true, true}}};
inline const Sources kLstm = {{"W_i", {0, false, false}}, {"b_i", {0, true, true}},
                              {"W_f", {1, false, false}}, {"b_f", {1, true, true}},
                              {"W_C", {2, false, false}}, {"b_C", {2, true, true}},
                              {"W_o", {3, false, false}}, {"b_o", {3, true, true}}};
inline const Sources kGru = {
    {"W_r", {0, false, false}}, {"U_r", {0, false, false}}, {"b_ir", {0, true, false}},
    {"b_hr", {0, false, true}}, {"W_z", {1, false, false}}, {"U_z", {1, false, false}},
    {"b_iz", {1, true, false}}, {"b_hz", {1, false, true}}, {"W_n", {2, false, false}},
    {"U_n", {2, false, false}}, {"b_in", {2, true, false}}, {"b_hn", {2, false, true}}};

/// Reads a tensor of the file by PyTorch's name.
using ReadTensor = std::function<std::vector<double>(const std::string&)>;

/// Our stored parameter `p` from the tensors ending in `suffix` ("l0", "l1_reverse"), gates of `rows` rows;
/// with prefix "d_" its gradient. `hidden`: which of two biases a gradient is taken from, where their sum is
/// ours.
inline std::vector<double> gather(const ReadTensor& read, const Sources& sources, const Parameter& p,
                                  int rows, const std::string& suffix, const std::string& prefix,
                                  bool hidden) {
  const auto h = static_cast<std::size_t>(rows);
  if (sources.count(p.name) == 0) return read(prefix + "weight_hr_" + suffix);  // a projection has no gates
  const Source source = sources.at(p.name);
  const std::size_t first_row = static_cast<std::size_t>(source.gate) * h;
  std::vector<double> stored(h * static_cast<std::size_t>(p.columns), 0.0);
  if (!p.matrix) {
    const bool both = source.input_bias && source.hidden_bias, gradient = !prefix.empty();
    for (const bool from_hidden : {false, true}) {
      if (!(from_hidden ? source.hidden_bias : source.input_bias)) continue;
      if (both && gradient && from_hidden != hidden) continue;
      const std::vector<double> bias = read(prefix + (from_hidden ? "bias_hh_" : "bias_ih_") + suffix);
      for (std::size_t k = 0; k < h; ++k) stored[k] += bias[first_row + k];
    }
    return stored;
  }
  for (const ColumnBlock& block : p.column_blocks) {
    EXPECT_TRUE(block.name == "x" || block.name == "h[t-1]") << block.name;
    const std::vector<double> weight =
        read(prefix + (block.name == "x" ? "weight_ih_" : "weight_hh_") + suffix);
    const auto columns = static_cast<std::size_t>(block.columns);
    for (std::size_t k = 0; k < h; ++k) {
      for (std::size_t j = 0; j < columns; ++j) {
        stored[k * static_cast<std::size_t>(p.columns) + static_cast<std::size_t>(block.column) + j] =
            weight[(first_row + k) * columns + j];
      }
    }
  }
  return stored;
}

}  // namespace cellwright::test
