// others_test.cpp: layers against what other programs stored: ONNX' node tests (peepholes, GRU, RNN, sequence
// lengths) and RTNeural's Keras models, in float to 1e-5. The data are not part of the repository.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "language/shipped.h"
#include "nn/stack.h"
#include "support/data_path.h"
#include "support/tensor_proto.h"

namespace cellwright {
namespace {

constexpr double kTolerance = 1e-5;

Engine& engine() {
  static Engine one{{1}};
  return one;
}

/// Where one of our parameters stands in a file of gate blocks: its gate, or two biases to add.
struct Given {
  std::function<double(int row, int column)> input, hidden;  ///< of a matrix, by the column's operand
  std::function<double(int row)> vector;
};

/// A layer whose parameters are read by name.
struct OneLayer {
  OneLayer(const std::string& cell, int inputs, int units)
      : stack({{{std::string(shipped_cell_text(cell)), cell + ".cell", units, {}, {}, {}, {}, {}}},
               false,
               {inputs}},
              kernels::kernels<float>(), engine()),
        parameters(stack.size()) {}

  void fill(const std::function<Given(const std::string&)>& given) {
    const ParameterLayout<float>& layout = stack.track(0).layout();
    for (std::size_t p = 0; p < layout.parameters().size(); ++p) {
      const Parameter& about = layout.parameters()[p];
      const Given from = given(about.name);
      std::vector<float> stored(layout.stored_size(static_cast<int>(p)));
      for (int r = 0; r < about.rows; ++r) {
        if (!about.matrix) stored[static_cast<std::size_t>(r)] = static_cast<float>(from.vector(r));
        for (const ColumnBlock& block : about.column_blocks) {
          for (int c = 0; c < block.columns; ++c) {
            stored[static_cast<std::size_t>(r * about.columns + block.column + c)] =
                static_cast<float>(block.name == "x" ? from.input(r, c) : from.hidden(r, c));
          }
        }
      }
      layout.pack(static_cast<int>(p), stored.data(), parameters.data());
    }
    stack.bind(parameters.data());
  }

  Stack<float> stack;
  AlignedArray<float> parameters;
};

AlignedArray<float> floats(const std::vector<double>& values) {
  AlignedArray<float> array(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) array[i] = static_cast<float>(values[i]);
  return array;
}

struct OnnxCase {
  const char* folder;
  const char* cell;
  std::map<char, int> gates;  ///< by the letter of our parameter's name
  char negated;               ///< a gate that means the opposite here: σ(-a) = 1 - σ(a)
};

void PrintTo(const OnnxCase& c, std::ostream* out) { *out << c.folder; }

class OnnxNode : public testing::TestWithParam<OnnxCase> {};

TEST_P(OnnxNode, FinalStateAgrees) {
  const std::string folder =
      test::data_path(std::string("onnx-node-rnn/") + GetParam().folder + "/test_data_set_0");
  CELLWRIGHT_NEED_DATA(folder);
  const auto read = [&](int i) {
    const std::string path = folder + "/input_" + std::to_string(i) + ".pb";
    return std::filesystem::exists(path) ? test::TensorProtoReader::read(path) : test::TensorProto{};
  };
  const test::TensorProto x = read(0), w = read(1), r = read(2), b = read(3), lengths = read(4), h0 = read(5),
                          c0 = read(6), p = read(7);
  const int steps = static_cast<int>(x.dims[0]), lanes = static_cast<int>(x.dims[1]),
            inputs = static_cast<int>(x.dims[2]), units = static_cast<int>(r.dims[2]);
  const int gates = static_cast<int>(r.dims[1]) / units;

  OneLayer layer(GetParam().cell, inputs, units);
  layer.fill([&](const std::string& name) {
    const char letter = name.size() > 2 ? name[2] : 'h';  // "W_i", "b_i", "p_i"; "W", "b" of the candidate
    const int first = GetParam().gates.at(letter) * units;
    const double sign = letter == GetParam().negated ? -1 : 1;
    const auto at = [](const test::TensorProto& t, int i) { return t.values[static_cast<std::size_t>(i)]; };
    Given given;
    given.input = [=, &w](int row, int column) { return sign * at(w, (first + row) * inputs + column); };
    given.hidden = [=, &r](int row, int column) { return sign * at(r, (first + row) * units + column); };
    given.vector = [=, &b, &p](int row) {
      if (name[0] == 'p') return at(p, std::string("iof").find(letter) * units + row);  // ONNX' order
      if (b.values.empty()) return 0.0;
      return sign * (at(b, first + row) + at(b, gates * units + first + row));
    };
    return given;
  });

  StackState<float> state = layer.stack.start(lanes);
  const std::vector<State>& states = layer.stack.track(0).graph().states;
  for (std::size_t s = 0; s < states.size(); ++s) {
    const test::TensorProto& start = states[s].name == "C" ? c0 : h0;
    if (start.values.empty()) continue;
    state.layers[0].values[s] = floats(start.values);
    std::fill(state.layers[0].fresh.begin(), state.layers[0].fresh.end(), std::uint8_t{0});
  }
  std::vector<std::uint8_t> mask;
  if (!lengths.values.empty())
    mask = mask_of_lengths(std::vector<int>(lengths.values.begin(), lengths.values.end()), steps);
  const AlignedArray<float> rows = floats(x.values);
  layer.stack.forward(false, steps, {rows.data()}, state, mask.empty() ? nullptr : mask.data());
  const test::TensorProto expected = test::TensorProtoReader::read(folder + "/output_0.pb");  // Y_h [1, B, H]
  for (std::size_t s = 0; s < states.size(); ++s) {
    if (states[s].name != "h") continue;
    ASSERT_EQ(state.layers[0].values[s].size(), expected.values.size());
    for (std::size_t k = 0; k < expected.values.size(); ++k)
      EXPECT_NEAR(state.layers[0].values[s][k], expected.values[k], kTolerance) << k;
  }
}

// ONNX: lstm i,o,f,c; gru z,r,h, whose z keeps the old state as the post's 1 - z does.
INSTANTIATE_TEST_SUITE_P(
    Cases, OnnxNode,
    testing::Values(
        OnnxCase{"test_lstm_defaults", "lstm", {{'i', 0}, {'o', 1}, {'f', 2}, {'C', 3}}, ' '},
        OnnxCase{"test_lstm_with_peepholes", "lstm_peephole", {{'i', 0}, {'o', 1}, {'f', 2}, {'C', 3}}, ' '},
        OnnxCase{"test_gru_defaults", "gru", {{'z', 0}, {'r', 1}, {'h', 2}}, 'z'},
        OnnxCase{"test_gru_seq_length", "gru", {{'z', 0}, {'r', 1}, {'h', 2}}, 'z'},
        OnnxCase{"test_simple_rnn_defaults", "rnn", {{'h', 0}}, ' '},
        OnnxCase{"test_rnn_seq_length", "rnn", {{'h', 0}}, ' '}),
    [](const testing::TestParamInfo<OnnxCase>& info) { return std::string(info.param.folder).substr(5); });

using Json = nlohmann::json;

std::vector<double> lines_of(const std::string& path) {
  std::ifstream in(path);
  std::vector<double> numbers;
  for (double x; in >> x;) numbers.push_back(x);
  return numbers;
}

/// A Keras dense layer over rows.
std::vector<double> dense(const Json& layer, const std::vector<double>& x, std::size_t rows) {
  const Json &kernel = layer["weights"][0], &bias = layer["weights"][1];
  const std::size_t in = kernel.size(), out = bias.size();
  const std::string activation = layer["activation"];
  std::vector<double> y(rows * out);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t o = 0; o < out; ++o) {
      double sum = bias[o];
      for (std::size_t i = 0; i < in; ++i) sum += x[r * in + i] * kernel[i][o].get<double>();
      y[r * out + o] = activation == "tanh"      ? std::tanh(sum)
                       : activation == "sigmoid" ? 1 / (1 + std::exp(-sum))
                                                 : sum;
    }
  }
  return y;
}

/// Keras: kernel [in, G·H], recurrent [H, G·H]; lstm i,f,c,o with one bias; gru z,r,h with two (reset after).
std::vector<double> recurrent(const Json& layer, const std::vector<double>& x, std::size_t rows) {
  const bool lstm = layer["type"] == "lstm";
  const Json &kernel = layer["weights"][0], &hidden = layer["weights"][1], &bias = layer["weights"][2];
  const int inputs = static_cast<int>(kernel.size()), units = static_cast<int>(hidden.size());
  OneLayer ours(lstm ? "lstm" : "gru_reset_after", inputs, units);
  ours.fill([&](const std::string& name) {
    const std::map<char, int> gates = lstm ? std::map<char, int>{{'i', 0}, {'f', 1}, {'C', 2}, {'o', 3}}
                                           : std::map<char, int>{{'z', 0}, {'r', 1}, {'n', 2}};
    const int first = gates.at(name.back()) * units;  // "W_i", "b_i"; "U_z", "b_hz"
    Given given;
    given.input = [=, &kernel](int row, int column) { return kernel[column][first + row].get<double>(); };
    given.hidden = [=, &hidden](int row, int column) { return hidden[column][first + row].get<double>(); };
    given.vector = [=, &bias](int row) {
      return (lstm ? bias[first + row] : bias[name[2] == 'i' ? 0 : 1][first + row]).get<double>();
    };
    return given;
  });
  StackState<float> state = ours.stack.start(1);
  const AlignedArray<float> in = floats(x);
  ours.stack.forward(false, static_cast<int>(rows), {in.data()}, state);
  const float* out = ours.stack.output(0);
  return {out, out + rows * static_cast<std::size_t>(units)};
}

class RtNeural : public testing::TestWithParam<const char*> {};

TEST_P(RtNeural, OutputsAgree) {
  const std::string stem = test::data_path(std::string("rtneural/") + GetParam());
  CELLWRIGHT_NEED_DATA(stem + ".json");
  std::ifstream file(stem + ".json");
  const Json model = Json::parse(file);
  std::vector<double> rows = lines_of(stem + "_x.csv");
  const std::vector<double> expected = lines_of(stem + "_y.csv");
  const std::size_t steps = rows.size();
  for (const Json& layer : model["layers"]) {
    const std::string type = layer["type"];
    rows = type == "lstm" || type == "gru" ? recurrent(layer, rows, steps) : dense(layer, rows, steps);
  }
  ASSERT_GT(steps, 0u);
  ASSERT_EQ(rows.size(), expected.size());
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_NEAR(rows[i], expected[i], kTolerance) << "step " << i;
}

INSTANTIATE_TEST_SUITE_P(Models, RtNeural, testing::Values("lstm", "lstm_1d", "gru", "gru_1d"),
                         [](const testing::TestParamInfo<const char*>& info) {
                           return std::string(info.param);
                         });

}  // namespace
}  // namespace cellwright
