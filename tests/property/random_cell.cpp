// random_cell.cpp: start at Generator::make. Lines and their types are drawn first, because any line may read
// any other's past; then each line's value, from lines before it, inputs, the past, and parameters. A value
// of unknown size must hold a name whose size is known ("anchored"): under a matrix, a sum or in a list
// nothing else would tell it.
#include "property/random_cell.h"

#include <algorithm>

#include "cellwright/error.h"
#include "language/parse.h"
#include "property/random_generator.h"

namespace cellwright {
CellRecipe Generator::make() {
  shape();
  declare();
  for (std::size_t i = 0; i < recipe_.lines.size(); ++i) {
    defined_ = i;
    fill(recipe_.lines[i]);
  }
  defined_ = recipe_.lines.size();
  while (one_in(5)) add_loss();
  choose_outputs();
  // Lines may stand in any order; the language sorts them.
  if (one_in(4)) {
    for (std::size_t i = recipe_.lines.size(); i > 1; --i)
      std::swap(recipe_.lines[i - 1], recipe_.lines[below(i)]);
  }
  remarks();
  return recipe_;
}

void Generator::shape() {
  const bool large = one_in(8);
  recipe_.differences = !large;
  recipe_.ascii = one_in(3);
  recipe_.declare_sizes = one_in(2);
  recipe_.steps = large ? between(2, 4) : between(2, 6);
  recipe_.lanes = between(1, large ? 5 : 3);
  recipe_.sizes.push_back(large ? between(17, 40) : between(1, 5));
  while (recipe_.sizes.size() < 3) recipe_.sizes.push_back(large ? between(3, 33) : between(1, 4));
  static const std::vector<std::string> kNames = {"x", "y", "c_below"};
  const int inputs = between(1, 3);
  for (int i = 0; i < inputs; ++i) {
    InputPort p;
    p.name = kNames[static_cast<std::size_t>(i)];
    if (one_in(3)) {
      p.cls = static_cast<int>(below(3));
    } else {
      p.cls = static_cast<int>(recipe_.sizes.size());
      recipe_.sizes.push_back(large ? between(1, 20) : between(1, 4));
    }
    p.optional = i > 0 && one_in(2);
    p.present = !p.optional || one_in(2);
    recipe_.inputs.push_back(p);
  }
}

void Generator::declare() {
  std::vector<std::string> names = {"h", "C", "f", "i", "o",   "z",  "r", "n",  "m",
                                    "u", "C̃", "h̃", "μ", "λ_1", "a'", "q", "d_2"};
  const auto name = [&] {
    const std::size_t i = below(names.size());
    const std::string taken = names[i];
    names.erase(names.begin() + static_cast<std::ptrdiff_t>(i));
    return taken;
  };
  const int count = between(1, 5);
  for (int i = 0; i < count; ++i) {
    Line line;
    const std::size_t die = below(20);
    line.type.cls = i == 0 || die < 12 ? 0 : die < 15 ? 1 : die < 17 ? 2 : -1;
    const int pieces = !line.type.scalar() && one_in(6) ? between(2, 4) : 1;
    for (int k = 0; k < pieces; ++k) line.names.push_back(name());
    recipe_.lines.push_back(line);
  }
  std::swap(recipe_.lines[0], recipe_.lines[below(recipe_.lines.size())]);
}

void Generator::fill(Line& line) {
  SizeType type = line.type;
  type.times = static_cast<int>(line.names.size());
  Term value;
  if (type.times == 1 && !type.scalar() && one_in(4)) {
    value = cell_line(line.names[0], type);
  } else if (type.times == 1 && !type.scalar() && one_in(12)) {
    value = leaf(type);  // a second name for a value
  } else {
    value = any(type, between(2, 4));
  }
  if (value.bound > kLargestLine || one_in(3)) value = squash(std::move(value));
  line.value = std::move(value);
}

// What real cells are made of: a state kept by a gate.
Term Generator::cell_line(const std::string& self, SizeType type) {
  const Term old{Kind::kName, self, one_in(6) ? 2 : 1, type, kLargestLine, {}};
  const Term gate = call("sigmoid", affine(type, 1), 1);
  switch (below(4)) {
    case 0:
      return binary("+", binary("*", binary("-", number("1"), gate, 1), old, 4),
                    binary("*", gate, call("tanh", affine(type, 1), 1), 1), 4);
    case 1: {
      Term input = call("sigmoid", affine(type, 1), 1);
      return binary("+", binary("*", gate, old, 4),
                    binary("*", std::move(input), call("tanh", affine(type, 1), 1), 1), 4);
    }
    case 2:
      return every(call("tanh", affine(type, 1), 1), old, type);
    default: {  // a coupled gate, the same value used three times
      const Term f = call("hard_sigmoid", affine(type, 1), 1);
      return binary("+", binary("*", f, old, 4), binary("*", binary("-", number("1"), f, 1), any(type, 1), 4),
                    4);
    }
  }
}

void Generator::add_loss() {
  Line line;
  line.loss = true;
  line.names = {"loss_" + std::to_string(++count_)};
  Term e = anchored(2);
  line.value = one_in(2) ? call("mean", call("square", std::move(e), 16), 16) : reduce(2);
  line.value.type = {};
  recipe_.lines.push_back(line);
}

void Generator::choose_outputs() {
  std::vector<std::string> units, all;
  for (const Line& line : recipe_.lines) {
    if (line.loss) continue;
    for (const std::string& n : line.names) {
      all.push_back(n);
      if (line.type == SizeType{0, 1}) units.push_back(n);
    }
  }
  // The last line reads most; often it is the output.
  recipe_.outputs.push_back(one_in(3) ? pick(units) : units.back());
  while (one_in(2)) {
    const std::string& n = pick(all);
    if (std::find(recipe_.outputs.begin(), recipe_.outputs.end(), n) == recipe_.outputs.end())
      recipe_.outputs.push_back(n);
  }
}

CellRecipe random_cell(std::uint64_t seed) {
  CellRecipe recipe = Generator(seed).make();
  try {
    lower(syntax::parse_cell(recipe_text(recipe), "random.cell"), recipe_binding(recipe));
  } catch (const CellError&) {
    recipe.declare_sizes = true;  // a size that follows from nothing; what else is wrong will be seen
  }
  return recipe;
}

}  // namespace cellwright
