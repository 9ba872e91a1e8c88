// random_expression.cpp: values at random: start at Generator::any. Each carries a bound, so that nothing
// grows without limit.
#include <algorithm>

#include "property/random_generator.h"

namespace cellwright {

int Generator::size(SizeType t) const {
  return t.scalar() ? 1 : recipe_.sizes[static_cast<std::size_t>(t.cls)] * t.times;
}

Term Generator::squash(Term t) {
  static const std::vector<std::string> kSquash = {
      "tanh", "tanh", "tanh", "sigmoid", "sigmoid", "softsign", "hard_sigmoid", "hard_sigmoid_keras"};
  return call(pick(kSquash), std::move(t), 1);
}

Term Generator::name(const std::string& text, int delay, SizeType type) {
  return {Kind::kName, text, delay, type, kLargestLine, {}};
}

bool Generator::anchor(SizeType type, Term& out) {
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

Term Generator::any_anchor() {
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

Term Generator::anchored(int depth) {
  Term a = any_anchor();
  return anchored(std::move(a), depth);
}

Term Generator::anchored(Term a, int depth) {
  if (depth <= 0 || one_in(2)) return a;
  const SizeType type = a.type;
  switch (below(4)) {
    case 0:
      return squash(std::move(a));
    case 1:
      return binary("*", std::move(a), any(type, depth - 1), 4);
    case 2:
      return binary("-", any(type, depth - 1), std::move(a), 6);
    default:
      return unary(std::move(a));
  }
}

Term Generator::parameter(SizeType type) {
  for (const Term& p : vectors_) {
    if (p.type == type && one_in(8)) return p;
  }
  static const std::vector<std::string> kPrefix = {"b_", "p_", "g_"};
  Term p{Kind::kParam, pick(kPrefix) + std::to_string(++count_), 0, type, 1.5, {}};
  vectors_.push_back(p);
  return p;
}

Term Generator::constant(SizeType type) {
  if (size(type) == 1) return parameter(type);  // a constant of one number is no vector
  return {Kind::kConst, "k_" + std::to_string(++count_), 0, type, 0.8, {}};
}

Term Generator::leaf(SizeType type) {
  Term t;
  if (!one_in(4) && anchor(type, t)) return t;
  if (type.scalar()) return one_in(2) ? reduce(1) : literal();
  return one_in(4) ? constant(type) : parameter(type);
}

Term Generator::literal() {
  static const std::vector<std::string> kNumbers = {"0.5", "1", "0.25", "1.5", "2", "0.1", "1e-1", "0"};
  return number(pick(kNumbers));
}

Term Generator::product(SizeType type, int depth) {
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

Term Generator::affine(SizeType type, int depth) {
  Term t = product(type, depth);
  if (one_in(3)) t = binary("+", std::move(t), product(type, depth), 5);
  Term peep;
  if (one_in(4) && anchor(type, peep))
    t = binary("+", std::move(t), binary("*", parameter(type), std::move(peep), 3), 5);
  if (one_in(5)) t = binary("-", std::move(t), any(type, depth - 1), 5);
  if (!one_in(3)) t = binary("+", std::move(t), parameter(type), 5);
  return t;
}

Term Generator::unary(Term a) {
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

Term Generator::pair(Term a, Term b) {
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

Term Generator::reduce(int depth) {
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

Term Generator::scalar(int depth) {
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
    default: {
      Term first = scalar(depth - 1);
      Term second = scalar(depth - 1);
      return pair(std::move(first), std::move(second));
    }
  }
}

Term Generator::every(Term fresh, Term old, SizeType type) {
  static const std::vector<std::vector<int>> kPeriods = {{1, 2}, {1, 2, 4}, {1, 3},   {2},
                                                         {1},    {2, 4},    {1, 1, 2}};
  std::vector<int> periods = pick(kPeriods);
  const std::string option = "periods_" + std::to_string(++count_);
  recipe_.periods[option] = periods;
  Term t = join(Kind::kEvery, option, std::move(fresh), std::move(old), 4);
  t.type = type;
  return t;
}

Term Generator::alternative(SizeType type, int depth) {
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

Term Generator::any(SizeType type, int depth) {
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
    case 12: {
      Term first = any(type, depth - 1);
      Term second = any(type, depth - 1);
      return pair(std::move(first), std::move(second));
    }
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
      Term spread = product(type, depth);
      spread = binary("+", std::move(spread), binary("*", number("2"), parameter(type), 3), 6);
      Term norm = call(one_in(2) ? "layernorm" : "rmsnorm", std::move(spread), 2);
      return binary("*", parameter(type), std::move(norm), 3);
    }
    case 17: {
      Term first = any(type, depth - 1);
      return pair(std::move(first), constant(type));
    }
    case 18:
    case 19: {
      Term s = scalar(depth - 1);
      Term v = any(type, depth - 1);
      return one_in(2) ? pair(std::move(s), std::move(v)) : pair(std::move(v), std::move(s));
    }
    case 20: {
      if (type.times != 1) return affine(type, depth);
      Term fresh = any(type, depth - 1);
      return every(std::move(fresh), leaf(type), type);
    }
    case 21:
    case 22:
      return alternative(type, depth);
    default: {
      Term n{Kind::kNormal, "", 0, type, 3, {}};
      return binary("+", any(type, depth - 1), binary("*", number("0.3"), std::move(n), 1), 4);
    }
  }
}

}  // namespace cellwright
