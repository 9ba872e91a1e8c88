// random_cell.cpp: start at Generator::make. Lines and their types are drawn first, because any line may read
// any other's past; then each line's value, from lines before it, inputs, the past, and parameters. A value
// of unknown size must hold a name whose size is known ("anchored"): under a matrix, a sum or in a list
// nothing else would tell it.
#include "property/random_cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/rng.h"
#include "cellwright/error.h"
#include "language/parse.h"

namespace cellwright {
namespace {

constexpr double kLargestLine = 4;

using Kind = Term::Kind;

Term call(const std::string& f, Term a, double bound) {
  Term t{Kind::kCall, f, 0, a.type, bound, {}};
  t.args.push_back(std::move(a));
  return t;
}

Term join(Kind kind, const std::string& text, Term a, Term b, double bound) {
  Term t{kind, text, 0, a.type.scalar() ? b.type : a.type, bound, {}};
  t.args.push_back(std::move(a));
  t.args.push_back(std::move(b));
  return t;
}

Term binary(const std::string& op, Term a, Term b, double bound) {
  return join(Kind::kBinary, op, std::move(a), std::move(b), bound);
}

Term number(const std::string& text) { return {Kind::kNumber, text, 0, {}, std::abs(std::stod(text)), {}}; }

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed, hash_name("random cell")) { recipe_.seed = seed; }

  CellRecipe make() {
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

 private:
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_.below(n, drawn_++)); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  int between(int a, int b) { return a + static_cast<int>(below(static_cast<std::size_t>(b - a + 1))); }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }
  int size(SizeType t) const {
    return t.scalar() ? 1 : recipe_.sizes[static_cast<std::size_t>(t.cls)] * t.times;
  }

  void shape() {
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

  void declare() {
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

  void fill(Line& line) {
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
  Term cell_line(const std::string& self, SizeType type) {
    const Term old{Kind::kName, self, one_in(6) ? 2 : 1, type, kLargestLine, {}};
    const Term gate = call("sigmoid", affine(type, 1), 1);
    switch (below(4)) {
      case 0:
        return binary("+", binary("*", binary("-", number("1"), gate, 1), old, 4),
                      binary("*", gate, call("tanh", affine(type, 1), 1), 1), 4);
      case 1:
        return binary("+", binary("*", gate, old, 4),
                      binary("*", call("sigmoid", affine(type, 1), 1), call("tanh", affine(type, 1), 1), 1),
                      4);
      case 2:
        return every(call("tanh", affine(type, 1), 1), old, type);
      default: {  // a coupled gate, the same value used three times
        const Term f = call("hard_sigmoid", affine(type, 1), 1);
        return binary("+", binary("*", f, old, 4),
                      binary("*", binary("-", number("1"), f, 1), any(type, 1), 4), 4);
      }
    }
  }

  Term squash(Term t) {
    static const std::vector<std::string> kSquash = {
        "tanh", "tanh", "tanh", "sigmoid", "sigmoid", "softsign", "hard_sigmoid", "hard_sigmoid_keras"};
    return call(pick(kSquash), std::move(t), 1);
  }

  Term name(const std::string& text, int delay, SizeType type) {
    return {Kind::kName, text, delay, type, kLargestLine, {}};
  }

  /// A line or an input of just this type, now or earlier; false if there is none.
  bool anchor(SizeType type, Term& out) {
    std::vector<Term> found;
    if (type.times != 1) return false;
    for (std::size_t i = 0; i < recipe_.lines.size(); ++i) {
      const Line& line = recipe_.lines[i];
      if (line.loss || !(line.type == type)) continue;
      for (const std::string& n : line.names) {
        if (i < defined_) found.insert(found.end(), 2, name(n, 0, type));
        found.push_back(name(n, one_in(4) ? between(2, 3) : 1, type));
      }
    }
    for (const InputPort& p : recipe_.inputs) {
      if (p.optional || p.cls != type.cls) continue;
      found.insert(found.end(), 2, name(p.name, one_in(4) ? between(1, 2) : 0, type));
    }
    if (found.empty()) return false;
    out = pick(found);
    return true;
  }

  /// A type that something anchors: what a matrix or a sum may work on.
  Term any_anchor() {
    std::vector<SizeType> types;
    for (const Line& line : recipe_.lines) {
      if (!line.loss && !line.type.scalar()) types.push_back(line.type);
    }
    for (const InputPort& p : recipe_.inputs) {
      if (!p.optional) types.insert(types.end(), 2, SizeType{p.cls, 1});
    }
    Term t;
    while (!anchor(pick(types), t)) {
    }
    return t;
  }

  /// Any value that tells its own size.
  Term anchored(int depth) {
    Term a = any_anchor();
    return anchored(std::move(a), depth);
  }

  Term anchored(Term a, int depth) {
    if (depth <= 0 || one_in(2)) return a;
    const SizeType type = a.type;
    switch (below(4)) {
      case 0:
        return squash(std::move(a));
      case 1:
        return binary("*", std::move(a), any(type, depth - 1), 4);
      case 2:
        return binary(one_in(2) ? "+" : "-", any(type, depth - 1), std::move(a), 6);
      default:
        return unary(std::move(a));
    }
  }

  Term parameter(SizeType type) {
    for (const Term& p : vectors_) {
      if (p.type == type && one_in(8)) return p;
    }
    static const std::vector<std::string> kPrefix = {"b_", "p_", "g_"};
    Term p{Kind::kParam, pick(kPrefix) + std::to_string(++count_), 0, type, 1.5, {}};
    vectors_.push_back(p);
    return p;
  }

  Term constant(SizeType type) {
    if (size(type) == 1) return parameter(type);  // a constant of one number is no vector
    return {Kind::kConst, "k_" + std::to_string(++count_), 0, type, 0.8, {}};
  }

  Term leaf(SizeType type) {
    Term t;
    if (!one_in(4) && anchor(type, t)) return t;
    if (type.scalar()) return one_in(2) ? reduce(1) : literal();
    return one_in(4) ? constant(type) : parameter(type);
  }

  Term literal() {
    static const std::vector<std::string> kNumbers = {"0.5", "1", "0.25", "1.5", "2", "0.1", "1e-1", "0"};
    return number(pick(kNumbers));
  }

  Term product(SizeType type, int depth) {
    for (const Term& old : matrices_) {  // again, on another operand of the same type
      if (!(old.type == type) || old.args[0].kind == Kind::kList || !one_in(6)) continue;
      Term operand;
      if (!anchor(old.args[0].type, operand)) continue;
      Term again = old;
      again.args[0] = std::move(operand);
      return again;
    }
    Term operand;
    double scale = 1;
    if (one_in(2)) {
      operand = {Kind::kList, "", 0, {}, 4, {}};
      const int parts = between(1, 3);
      for (int i = 0; i < parts; ++i) operand.args.push_back(one_in(8) ? scalar(1) : anchored(depth - 2));
      scale = parts;
    } else if (one_in(16)) {
      operand = scalar(1);
    } else {
      operand = anchored(depth - 1);
    }
    static const std::vector<std::string> kPrefix = {"W_", "U_", "R_"};
    Term t{Kind::kProduct, pick(kPrefix) + std::to_string(++count_), 0, type, 3 * std::sqrt(scale), {}};
    t.args.push_back(std::move(operand));
    matrices_.push_back(t);
    return t;
  }

  Term affine(SizeType type, int depth) {
    Term t = product(type, depth);
    if (one_in(3)) t = binary("+", std::move(t), product(type, depth), 5);
    Term peep;
    if (one_in(4) && anchor(type, peep))
      t = binary("+", std::move(t), binary("*", parameter(type), std::move(peep), 3), 5);
    if (one_in(5)) t = binary("-", std::move(t), any(type, depth - 1), 5);
    if (!one_in(3)) t = binary("+", std::move(t), parameter(type), 5);
    return t;
  }

  Term unary(Term a) {
    const double b = a.bound;
    switch (below(20)) {
      case 0:
        return call("relu", std::move(a), b);
      case 1:
        return call("exp", squash(std::move(a)), 2.7);
      case 2:
        return call("exp", call("log_sigmoid", std::move(a), b), 1);
      case 3:
        return call("log", binary("+", number("0.5"), call("square", std::move(a), b * b), b * b), 3);
      case 4:
        return call("log", binary("+", call("softplus", std::move(a), b), number("0.1"), b), 3);
      case 5:
        return call("log_sigmoid", std::move(a), b + 1);
      case 6:
        return call("softplus", std::move(a), b + 1);
      case 7:
        return call("sqrt", binary("+", call("square", std::move(a), b * b), number("0.3"), b * b), b);
      case 8:
        return call("sqrt", binary("+", call("sigmoid", std::move(a), 1), number("0.1"), 1), 1);
      case 9:
        return b > 2 ? call("square", squash(std::move(a)), 1) : call("square", std::move(a), b * b);
      case 10:
        return call("abs", std::move(a), b);
      case 11:
        return call("hard_sigmoid", std::move(a), 1);
      case 12:
        return call("hard_sigmoid_keras", std::move(a), 1);
      case 13:
        return call("softsign", std::move(a), 1);
      case 14:
        return call("elu", std::move(a), b);
      case 15:
        return call("identity", std::move(a), b);
      case 16:
        return call("reciprocal", binary("+", number("1"), call("square", std::move(a), b * b), b * b), 1);
      case 17: {
        Term t{Kind::kNegate, "", 0, a.type, b, {}};
        t.args.push_back(std::move(a));
        return t;
      }
      default:
        return squash(std::move(a));
    }
  }

  Term pair(Term a, Term b) {
    const double x = a.bound, y = b.bound;
    switch (below(9)) {
      case 0:
      case 1:
        return binary("+", std::move(a), std::move(b), x + y);
      case 2:
        return binary("-", std::move(a), std::move(b), x + y);
      case 3:
      case 4:
        if (x * y > 12) a = squash(std::move(a));
        return binary("*", std::move(a), std::move(b), x * y > 12 ? y : x * y);
      case 5:
        return binary("/", std::move(a), binary("+", number("1"), call("square", std::move(b), y * y), y * y),
                      x);
      case 6:
        return binary("/", std::move(a), binary("+", call("softplus", std::move(b), y), number("0.5"), y),
                      2 * x);
      default: {
        Term t = join(Kind::kCall, one_in(2) ? "max" : "min", std::move(a), std::move(b), std::max(x, y));
        return t;
      }
    }
  }

  Term reduce(int depth) {
    Term a = anchored(depth);
    const double b = a.bound;
    Term t = one_in(2)   ? call("mean", std::move(a), b)
             : one_in(2) ? call("sum", squash(std::move(a)), 3)
                         : Term{};
    if (t.kind == Kind::kNumber) {
      Term other = any(a.type, depth - 1);
      t = join(Kind::kCall, "dot", squash(std::move(a)), std::move(other), 4);
    }
    t.type = {};
    return t;
  }

  Term scalar(int depth) {
    const SizeType one;
    Term t;
    if (depth <= 0 || one_in(4)) {
      if (one_in(3)) return literal();
      if (anchor(one, t)) return t;
      return reduce(0);
    }
    switch (below(3)) {
      case 0:
        return reduce(depth);
      case 1:
        return unary(scalar(depth - 1));
      default:
        return pair(scalar(depth - 1), scalar(depth - 1));
    }
  }

  Term every(Term fresh, Term old, SizeType type) {
    static const std::vector<std::vector<int>> kPeriods = {{1, 2}, {1, 2, 4}, {1, 3},   {2},
                                                           {1},    {2, 4},    {1, 1, 2}};
    std::vector<int> periods = pick(kPeriods);
    const std::string option = "periods_" + std::to_string(++count_);
    recipe_.periods[option] = periods;
    Term t = join(Kind::kEvery, option, std::move(fresh), std::move(old), 4);
    t.type = type;
    return t;
  }

  /// `usual`, or what an optional input brings.
  Term alternative(SizeType type, int depth) {
    std::vector<InputPort> optional;
    for (const InputPort& p : recipe_.inputs) {
      if (p.optional) optional.push_back(p);
    }
    if (optional.empty()) return any(type, depth - 1);
    const InputPort& port = pick(optional);
    Term brought = name(port.name, one_in(5) ? 1 : 0, {port.cls, 1});
    if (!(brought.type == type) || one_in(3)) {
      Term t{Kind::kProduct, "W_" + std::to_string(++count_), 0, type, 3, {}};
      t.args.push_back(std::move(brought));
      brought = std::move(t);
    }
    if (one_in(4)) brought = pair(std::move(brought), any(type, depth - 2));
    Term usual = one_in(3) && type.times == 1 ? number("0.5") : any(type, depth - 1);
    const bool plain = usual.kind == Kind::kNumber;
    Term t = join(Kind::kAlternative, "", std::move(brought), std::move(usual), 4);
    t.type = type;
    return plain ? binary("+", std::move(t), parameter(type), 5) : t;  // a single number is no vector
  }

  Term any(SizeType type, int depth) {
    if (type.scalar()) return scalar(depth);
    if (depth <= 0) return leaf(type);
    switch (below(24)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
        return affine(type, depth);
      case 6:
      case 7:
      case 8:
        return unary(any(type, depth - 1));
      case 9:
      case 10:
      case 11:
      case 12:
        return pair(any(type, depth - 1), any(type, depth - 1));
      case 13: {
        Term e = any(type, depth - 1);
        const double b = e.bound;
        return one_in(2) ? binary("-", number("1"), std::move(e), 1 + b)
                         : binary(one_in(2) ? "*" : "/", std::move(e), number("2"), b * 2);
      }
      case 14:
        return call("softmax", any(type, depth - 1), 1);
      case 15:
      case 16: {
        // A norm over few units is nearly a step where they come together: there differences mean little.
        if (size(type) < 3 && recipe_.differences) return any(type, depth);
        Term spread = binary("+", product(type, depth), binary("*", number("2"), parameter(type), 3), 6);
        return binary("*", parameter(type), call(one_in(2) ? "layernorm" : "rmsnorm", std::move(spread), 2),
                      3);
      }
      case 17:
        return pair(any(type, depth - 1), constant(type));
      case 18:
      case 19: {
        Term s = scalar(depth - 1);
        Term v = any(type, depth - 1);
        return one_in(2) ? pair(std::move(s), std::move(v)) : pair(std::move(v), std::move(s));
      }
      case 20:
        return type.times == 1 ? every(any(type, depth - 1), leaf(type), type) : affine(type, depth);
      case 21:
      case 22:
        return alternative(type, depth);
      default: {
        Term n{Kind::kNormal, "", 0, type, 3, {}};
        return binary("+", any(type, depth - 1), binary("*", number("0.3"), std::move(n), 1), 4);
      }
    }
  }

  void add_loss() {
    Line line;
    line.loss = true;
    line.names = {"loss_" + std::to_string(++count_)};
    Term e = anchored(2);
    line.value = one_in(2) ? call("mean", call("square", std::move(e), 16), 16) : reduce(2);
    line.value.type = {};
    recipe_.lines.push_back(line);
  }

  void choose_outputs() {
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

  void remarks() {
    std::map<std::string, SizeType> states;
    std::map<std::string, int> uses;
    for (const Line& line : recipe_.lines) {
      each_term(line.value, [&](const Term& t) {
        if (t.kind == Kind::kName && t.delay > 0) states[t.text] = t.type;
        if (t.kind == Kind::kProduct) ++uses[t.text];
      });
    }
    for (const Line& line : recipe_.lines) {
      each_term(line.value, [&](const Term& t) {
        if (t.kind == Kind::kParam && one_in(4)) init_vector(t);
        if (t.kind != Kind::kProduct) return;
        if (uses[t.text] == 1 && t.args[0].kind != Kind::kList && !t.args[0].type.scalar() &&
            t.args[0].type.times == 1 && one_in(4))
          structure(t);
        if (one_in(4)) init_matrix(t);
      });
    }
    for (const auto& [n, type] : states) start(n, type);
    zones(states);
  }

  void add(Remark::Kind kind, std::vector<std::string> names, const std::string& text) {
    for (const Remark& r : recipe_.remarks) {
      if (r.kind == kind && r.names == names) return;
    }
    recipe_.remarks.push_back({kind, std::move(names), text, 2, {}, {}});
  }

  void init_vector(const Term& t) {
    static const std::vector<std::string> kStarts = {
        "1", "-0.5", "uniform(-0.1, 0.1)", "normal(0, 0.02)", "chrono(20)", "0"};
    add(Remark::Kind::kInit, {t.text}, pick(kStarts));
  }

  void init_matrix(const Term& t) {
    static const std::vector<std::string> kStarts = {"orthogonal",         "glorot",         "identity",
                                                     "uniform(-0.2, 0.2)", "normal(0, 0.1)", "0.5"};
    std::string n = t.text;
    const Term& first = t.args[0].kind == Kind::kList ? t.args[0].args[0] : t.args[0];
    const bool shared = std::count_if(matrices_.begin(), matrices_.end(),
                                      [&](const Term& m) { return m.text == t.text; }) > 1;
    if (first.kind == Kind::kName && one_in(2) && !shared && !first.type.scalar()) {
      n += one_in(2) && first.delay ? fmt::format("[{}[t-{}]]", first.text, first.delay)
                                    : fmt::format("[{}]", first.text);
    }
    add(Remark::Kind::kInit, {n}, pick(kStarts));
  }

  void structure(const Term& t) {
    static const std::vector<Remark::Kind> kKinds = {Remark::Kind::kBlocks, Remark::Kind::kBlocksOption,
                                                     Remark::Kind::kUpper, Remark::Kind::kUpper};
    recipe_.remarks.push_back({pick(kKinds), {t.text}, "", between(2, 3), t.type, t.args[0].type});
  }

  void start(const std::string& n, SizeType type) {
    switch (below(8)) {
      case 0:
        return add(Remark::Kind::kStart, {n}, one_in(2) ? "0.5" : "-0.25");
      case 1:
        recipe_.remarks.push_back({Remark::Kind::kStartList, {n}, "", 1, type, {}});
        return;
      case 2:
      case 3:
        if (!type.scalar()) add(Remark::Kind::kStartParam, {n}, "p_start" + std::to_string(++count_));
        return;
      default:
        return;
    }
  }

  void zones(const std::map<std::string, SizeType>& states) {
    std::vector<std::string> lines;
    for (const auto& [n, type] : states) {
      const bool input = std::any_of(recipe_.inputs.begin(), recipe_.inputs.end(),
                                     [&, &state = n](const InputPort& p) { return p.name == state; });
      if (!input && type == SizeType{0, 1}) lines.push_back(n);
    }
    if (lines.empty() || !one_in(4)) return;
    if (lines.size() > 2) lines.pop_back();
    add(Remark::Kind::kZone, lines, "");
  }

  Random random_;
  std::uint64_t drawn_ = 0;
  CellRecipe recipe_;
  std::size_t defined_ = 0;
  int count_ = 0;
  std::vector<Term> vectors_, matrices_;
};

}  // namespace

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
