// latex.cpp: a cell's equations and declarations as LaTeX. Start at Setter::set, one case a kind of
// expression.
//
// Always holds: only macros that LaTeX with amsmath, KaTeX, and MathJax as GitHub restricts it all know (so
// \mathrm, not \operatorname); a row stands on one line; no row begins with '[', which after \\ would be read
// as an argument.
#include <algorithm>
#include <map>
#include <set>

#include "cellwright/error.h"
#include "language/check.h"
#include "language/diagnostic.h"
#include "language/functions.h"
#include "language/names.h"
#include "language/print.h"

namespace cellwright::syntax {
namespace {

std::string upright(const std::string& word) {
  std::string safe;
  for (const char c : word) safe += c == '_' ? std::string("\\_") : std::string(1, c);
  return "\\mathrm{" + safe + "}";
}

std::string in_parentheses(const std::string& inner) { return "\\left(" + inner + "\\right)"; }

// A number as written, sign included: -1e30 is -10^{30}.
std::string set_number(const std::string& text) {
  const std::size_t e = text.find_first_of("eE");
  if (e == std::string::npos) return text;
  std::string exponent = text.substr(e + 1);
  const bool negative = exponent[0] == '-';
  if (negative || exponent[0] == '+') exponent.erase(0, 1);
  exponent.erase(0, std::min(exponent.find_first_not_of('0'), exponent.size() - 1));
  const std::string mantissa = text.substr(0, e);
  const std::string power = "10^{" + std::string(negative ? "-" : "") + exponent + "}";
  if (mantissa == "1" || mantissa == "-1") return mantissa.substr(0, mantissa.size() - 1) + power;
  return mantissa + " \\times " + power;
}

std::string set_numbers(const std::vector<Number>& numbers) {
  std::string out;
  for (const Number& n : numbers) out += (out.empty() ? "" : ", ") + set_number(n.text);
  return numbers.size() > 1 ? "(" + out + ")" : out;
}

// How tightly an expression binds, as readers of formulas take it: "W \cdot r \odot h" says nothing clear, so
// a matrix product next to ⊙ gets parentheses.
enum Binding { kSum = 1, kProductOfMatrix, kChain, kTight };

class Setter {
 public:
  explicit Setter(const Cell& cell) {
    for (const Port& p : cell.inputs) {
      if (p.index.empty()) timed_.insert(p.name);
      if (p.optional) optional_.insert(p.name);
    }
    for (const Statement& s : cell.statements) {
      if (s.kind != Statement::Kind::kEquation) continue;
      for (const Name& n : s.names) {
        timed_.insert(n.text);
        if (!n.index.empty()) index_[n.text] = n.index;
      }
    }
  }

  // The left side of an equation. The parts of a split, laid one after the other, are the value on the right.
  std::string targets(const Statement& s) const {
    if (s.names.size() == 1) return target(s.names[0]);
    std::string out;
    for (const Name& n : s.names) out += (out.empty() ? "" : ", ") + target(n);
    return "\\left[" + out + "\\right]";
  }

  std::string value(const Statement& s) const {
    const bool split = s.names.size() > 1 && s.value.kind == Expr::Kind::kCall && s.value.text == "split";
    return split ? bare(s.value.args[0]) : bare(s.value);
  }

  // A name of a declaration, at a step where it has one.
  std::string name_at(const std::string& name, const std::string& step) const {
    const auto index = index_.find(name);
    const std::string over = index == index_.end() ? "" : "," + latex_name(index->second);
    return latex_name(name, timed_.count(name) ? step + over : "");
  }

  std::string bare(const Expr& e) const {
    switch (e.kind) {
      case Expr::Kind::kNumber:
        return set_number(e.text);
      case Expr::Kind::kName:
        return name(e);
      case Expr::Kind::kNegate:
        return "-" + (leads_with_minus(e.args[0]) ? in_parentheses(bare(e.args[0])) : set(e.args[0], kChain));
      case Expr::Kind::kProduct:
        return latex_name(e.args[0].text) + " \\cdot " + set(e.args[1], kTight);
      case Expr::Kind::kList:
        return "[" + list(e) + "]";
      case Expr::Kind::kAlternative:
        return alternative(e);
      case Expr::Kind::kBinary:
        return binary(e);
      case Expr::Kind::kCall:
        return call(e);
    }
    return "";
  }

 private:
  static bool is_fraction(const Expr& e) { return e.kind == Expr::Kind::kBinary && e.text == "/"; }
  static bool is_call(const Expr& e, const char* name) {
    return e.kind == Expr::Kind::kCall && e.text == name;
  }
  static bool is_sum_over_sequence(const Expr& e) { return is_call(e, "sum") && !e.index.empty(); }

  static int binding(const Expr& e) {
    if (e.kind == Expr::Kind::kBinary && !is_fraction(e)) return e.text == "*" ? kChain : kSum;
    if (e.kind == Expr::Kind::kProduct) return kProductOfMatrix;
    return is_sum_over_sequence(e) ? kSum : kTight;
  }

  // Grouped by how it is drawn, whatever stood around it in the text: a fraction, a brace.
  static bool groups_itself(const Expr& e) {
    return is_fraction(e) || e.kind == Expr::Kind::kAlternative || is_call(e, "every");
  }

  static bool leads_with_minus(const Expr& e) {
    if (e.parenthesised) return false;
    if (e.kind == Expr::Kind::kBinary && !is_fraction(e)) return leads_with_minus(e.args[0]);
    return e.kind == Expr::Kind::kNegate || (e.kind == Expr::Kind::kNumber && e.text[0] == '-');
  }

  std::string set(const Expr& e, int wanted) const {
    if (groups_itself(e)) return bare(e);
    return e.parenthesised || binding(e) < wanted ? in_parentheses(bare(e)) : bare(e);
  }

  std::string target(const Name& n) const {
    return latex_name(n.text, n.index.empty() ? "t" : "t," + latex_name(n.index));
  }

  std::string name(const Expr& e) const {
    std::string time;
    if (e.delay > 0) {
      time = "t-" + std::to_string(e.delay);
    } else if (timed_.count(e.text)) {
      time = "t";
    }
    if (!e.index.empty()) time += (time.empty() ? "" : ",") + latex_name(e.index);
    return latex_name(e.text, time);
  }

  std::string binary(const Expr& e) const {
    if (is_fraction(e)) return "\\frac{" + bare(e.args[0]) + "}{" + bare(e.args[1]) + "}";
    const int own = binding(e);
    const Expr& right = e.args[1];
    const std::string after = leads_with_minus(right) ? in_parentheses(bare(right)) : set(right, own + 1);
    if (e.text != "*") return set(e.args[0], own) + " " + e.text + " " + after;
    const auto number = [](const Expr& part) { return part.kind == Expr::Kind::kNumber; };
    // A number scales: 2 σ(…), as papers write it.
    const char* sign = !number(e.args[0]) ? " \\odot " : number(right) ? " \\cdot " : "\\, ";
    return set(e.args[0], own) + sign + after;
  }

  std::string list(const Expr& e) const {
    std::string out;
    for (const Expr& a : e.args) out += (out.empty() ? "" : ", ") + set(a, kSum);
    return out;
  }

  std::string alternative(const Expr& e) const {
    std::string inputs;
    each_part(e.args[0], [&](const Expr& part) {
      if (part.kind != Expr::Kind::kName || !optional_.count(part.text)) return;
      const std::string set_name = latex_name(part.text);
      if ((", " + inputs + ",").find(", " + set_name + ",") == std::string::npos)
        inputs += (inputs.empty() ? "" : ", ") + set_name;
    });
    const std::string with = inputs.empty() ? "\\text{where it exists}" : "\\text{with } " + inputs;
    return "\\begin{cases} " + bare(e.args[0]) + " & " + with + " \\\\ " + bare(e.args[1]) +
           " & \\text{otherwise} \\end{cases}";
  }

  std::string every(const Expr& e) const {
    return "\\begin{cases} " + bare(e.args[1]) + " & \\text{in group } k \\text{ if } " +
           latex_name(e.args[0].text, "k") + " \\text{ divides } t \\\\ " + bare(e.args[2]) +
           " & \\text{otherwise} \\end{cases}";
  }

  std::string call(const Expr& e) const {
    if (e.text == "every" && e.args.size() == 3) return every(e);
    if (e.text == "sqrt") return "\\sqrt{" + bare(e.args[0]) + "}";
    if (e.text == "abs") return "\\left|" + bare(e.args[0]) + "\\right|";
    if (e.text == "dot") return "\\left\\langle " + list(e) + " \\right\\rangle";
    if (e.text == "reciprocal") return "\\frac{1}{" + bare(e.args[0]) + "}";
    if (e.text == "normal") return "\\mathcal{N}(0, 1)";
    if (e.text == "square") {
      // A prime is an exponent already, and LaTeX allows one.
      const Expr& arg = e.args[0];
      const bool simple = arg.kind == Expr::Kind::kName && arg.text.find('\'') == std::string::npos;
      return (simple ? bare(arg) : in_parentheses(bare(arg))) + "^2";
    }
    if (is_sum_over_sequence(e)) return "\\sum_{" + latex_name(e.index) + "} " + set(e.args[0], kChain);
    const Function* f = find_function(e.text);
    const std::string head = f && !f->latex.empty() ? std::string(f->latex) : upright(e.text);
    return head + (e.index.empty() ? "" : "_{" + latex_name(e.index) + "}") + in_parentheses(list(e));
  }

  std::set<std::string> timed_;
  std::set<std::string> optional_;
  std::map<std::string, std::string> index_;  ///< of lines over a sequence: s[j]
};

std::string joined(const std::vector<Name>& names, const Setter& setter, const std::string& step) {
  std::string out;
  for (const Name& n : names) out += (out.empty() ? "" : ", ") + setter.name_at(n.text, step);
  return out;
}

// The parameters of an init line; W[h] is W restricted to the columns that meet h.
std::string initialised(const std::vector<Name>& names) {
  std::string out;
  for (const Name& n : names) {
    out += (out.empty() ? "" : ", ") + latex_name(n.text);
    if (n.block.empty()) continue;
    out += "|_{" +
           latex_name(n.block, n.block_delay > 0 ? "t-" + std::to_string(n.block_delay) : std::string()) +
           "}";
  }
  return out;
}

// How many blocks a matrix has, as lowering counts them: one an entry of a clock's periods or of a list, else
// the option's own number.
std::string block_count(const Cell& cell, const Statement& s) {
  if (s.argument.text.empty()) return s.numbers[0].text;
  bool entries = false;
  for (const Statement& other : cell.statements) {
    const bool named = !other.names.empty() && other.names[0].text == s.argument.text;
    if (other.kind == Statement::Kind::kOption && named) entries |= other.numbers.size() > 1;
    each_part(other.value, [&](const Expr& e) {
      entries |= e.kind == Expr::Kind::kCall && e.text == "every" && !e.args.empty() &&
                 e.args[0].text == s.argument.text;
    });
  }
  const std::string name = latex_name(s.argument.text);
  return entries ? "|" + name + "|" : name;
}

// The row of a declaration; "" for those that say nothing in a formula (param, share, zone, language).
std::string declaration(const Cell& cell, const Setter& setter, const Statement& s) {
  using Kind = Statement::Kind;
  switch (s.kind) {
    case Kind::kConst:
    case Kind::kOption:
      return joined(s.names, setter, "") + " &= " + set_numbers(s.numbers);
    case Kind::kSize:
      return joined(s.names, setter, "t") + " &\\in \\mathbb{R}^{" +
             (s.numbers.empty() ? latex_name(s.word.text) : s.numbers[0].text) + "}";
    case Kind::kStart:
      return joined(s.names, setter, "-1") +
             " &= " + (s.numbers.empty() ? latex_name(s.word.text) : set_numbers(s.numbers)) +
             " \\quad \\text{before the first step, } t = 0";
    case Kind::kInit:
      return initialised(s.names) + " &" + latex_start(s);
    case Kind::kWhere: {
      const bool upper = s.word.text == "block_upper";
      return joined(s.names, setter, "") + " &\\text{ block " + (upper ? "upper triangular" : "diagonal") +
             ", } " + block_count(cell, s) + (upper ? " \\text{ blocks a side}" : " \\text{ blocks}");
    }
    default:
      return "";
  }
}

void require_lines(const Cell& cell, const std::vector<std::string>& lines) {
  std::vector<std::string> known;
  for (const Statement& s : cell.statements) {
    if (s.kind != Statement::Kind::kEquation && s.kind != Statement::Kind::kLoss) continue;
    for (const Name& n : s.names) known.push_back(n.text);
  }
  for (const std::string& line : lines) {
    if (std::find(known.begin(), known.end(), line) != known.end()) continue;
    const std::string hint = did_you_mean(line, known);
    throw SpecError("cell '" + cell.name + "' has no line '" + line + "'" +
                    (hint.empty() ? "" : "; " + hint));
  }
}

}  // namespace

std::string latex_start(const Statement& s) {
  const auto number = [&](std::size_t i) { return set_number(s.numbers[i].text); };
  const std::string& word = s.word.text;
  if (word.empty()) return "\\leftarrow " + set_numbers(s.numbers);
  if (word == "uniform" && s.numbers.size() == 2)
    return "\\sim \\mathcal{U}(" + number(0) + ", " + number(1) + ")";
  if (word == "normal" && s.numbers.size() == 2)
    return "\\sim \\mathcal{N}(" + number(0) + ", (" + number(1) + ")^2)";
  if (word == "chrono" && s.numbers.size() == 1)
    return "\\sim \\log\\, \\mathcal{U}(1, " + number(0) + " - 1)";  // Tallec & Ollivier 2018
  if (word == "identity") return "\\leftarrow \\mathbf{I}";
  return "\\leftarrow \\text{" + word + "}";
}

std::string print_latex(const Cell& cell, const std::vector<std::string>& lines) {
  const Setter setter(cell);
  require_lines(cell, lines);
  std::vector<std::string> equations, declarations;
  for (const Statement& s : cell.statements) {
    const auto wanted = [&](const Name& n) {
      return std::find(lines.begin(), lines.end(), n.text) != lines.end();
    };
    if (!lines.empty() && std::none_of(s.names.begin(), s.names.end(), wanted)) continue;
    if (s.kind == Statement::Kind::kEquation) {
      equations.push_back(setter.targets(s) + " &= " + setter.value(s) +
                          (s.when_generating ? " \\quad \\text{when generating}" : ""));
    } else if (s.kind == Statement::Kind::kLoss) {
      equations.push_back("\\mathcal{L}_{" + latex_name(s.names[0].text) + ",t} &= " + setter.value(s));
    } else if (const std::string row = declaration(cell, setter, s); lines.empty() && !row.empty()) {
      declarations.push_back(row);
    }
  }
  std::string out = "\\begin{aligned}\n";
  for (std::size_t i = 0; i < equations.size() + declarations.size(); ++i) {
    const bool equation = i < equations.size();
    if (i > 0) out += i == equations.size() ? " \\\\[1ex]\n" : " \\\\\n";
    out += "  " + (equation ? equations[i] : declarations[i - equations.size()]);
  }
  return out + "\n\\end{aligned}\n";
}

std::string latex_expression(const Cell& cell, const Expr& e) { return Setter(cell).bare(e); }

}  // namespace cellwright::syntax
