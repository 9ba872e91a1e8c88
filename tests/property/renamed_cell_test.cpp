// A cell of one's own has the same rights as a shipped one: the lstm under other names has the same plan but
// for the names, and the same numbers to the bit.
#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "language/parse.h"
#include "language/shipped.h"
#include "verify/trial.h"

namespace cellwright {
namespace {

/// Replaces whole names. A name is made of ASCII letters, digits, '_' and combining marks (the tilde of C̃).
std::string rename(const std::string& text, const std::map<std::string, std::string>& names) {
  const auto length_at = [&](std::size_t i) -> std::size_t {
    const auto c = static_cast<unsigned char>(text[i]);
    if (std::isalnum(c) || c == '_') return 1;
    return (c == 0xCC || c == 0xCD) && i + 1 < text.size() ? 2 : 0;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && length_at(end) > 0) end += length_at(end);
    if (end == i) {
      out += text[i++];
      continue;
    }
    std::string word = text.substr(i, end - i);
    const bool gradient = word.compare(0, 2, "d_") == 0;  // d_f in a printed plan
    const auto found = names.find(gradient ? word.substr(2) : word);
    if (found != names.end()) word = (gradient ? "d_" : "") + found->second;
    out += word;
    i = end;
  }
  return out;
}

const std::map<std::string, std::string>& names() {
  static const std::map<std::string, std::string> all = {
      {"lstm", "mine"}, {"x", "seen"},  {"h", "told"},  {"f", "keep"},  {"i", "let_in"}, {"C̃", "fresh"},
      {"C", "belt"},    {"o", "show"},  {"W_f", "K_1"}, {"W_i", "K_2"}, {"W_C", "K_3"},  {"W_o", "K_4"},
      {"b_f", "b_1"},   {"b_i", "b_2"}, {"b_C", "p_3"}, {"b_o", "b_4"}};
  return all;
}

/// Without comments, whose words would be renamed too.
std::string equations(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = std::min(text.find('\n', i), text.size());
    out += text.substr(i, std::min(end, text.find('#', i)) - i) + "\n";
    i = end + 1;
  }
  return out;
}

CellBinding binding() {
  CellBinding b;
  b.units = 19;
  b.inputs = {7};
  return b;
}

TEST(OwnCell, HasTheShippedCellsPlan) {
  const std::string shipped = equations(std::string(shipped_cell_text("lstm"))),
                    mine = rename(shipped, names());
  ASSERT_EQ(mine.find("W_"), std::string::npos);
  const Graph a = lower(syntax::parse_cell(shipped, "lstm.cell"), binding()),
              b = lower(syntax::parse_cell(mine, "mine.cell"), binding());
  for (const bool training : {true, false}) {
    EXPECT_EQ(rename(print_plan(make_plan(a, training)), names()), print_plan(make_plan(b, training)));
  }
}

template <class T>
void expect_same(const std::vector<std::vector<T>>& a, const std::vector<std::vector<T>>& b,
                 const char* what) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].size(), b[i].size());
    EXPECT_EQ(std::memcmp(a[i].data(), b[i].data(), a[i].size() * sizeof(T)), 0) << what << " " << i;
  }
}

TEST(OwnCell, GivesTheSameBits) {
  const std::string shipped = equations(std::string(shipped_cell_text("lstm")));
  VerifyOptions options;
  options.binding = binding();
  const Plan ours = make_plan(lower(syntax::parse_cell(shipped, "lstm.cell"), binding()), true);
  const Plan theirs =
      make_plan(lower(syntax::parse_cell(rename(shipped, names()), "mine.cell"), binding()), true);
  Trial<float> a(ours, options, 2), b(theirs, options, 2);
  b.parameters = a.parameters;  // a trial draws its numbers by name
  b.inputs = a.inputs;
  b.start = a.start;
  b.output_weights = a.output_weights;
  b.final_weights = a.final_weights;
  const TrialResult<float> x = a.run(true), y = b.run(true);
  expect_same(x.outputs, y.outputs, "output");
  expect_same(x.final_states, y.final_states, "state");
  expect_same(x.d_parameters, y.d_parameters, "gradient of parameter");
  expect_same(x.d_inputs, y.d_inputs, "gradient of input");
  expect_same(x.d_start, y.d_start, "gradient of state");
}

}  // namespace
}  // namespace cellwright
