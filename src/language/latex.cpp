// latex.cpp: equations as LaTeX and Markdown. Start at Setter::set, one case a kind of expression.
#include <set>

#include "language/check.h"
#include "language/functions.h"
#include "language/names.h"
#include "language/print.h"

namespace cellwright::syntax {
namespace {

std::string upright(const std::string& word) {
  std::string safe;
  for (const char c : word) safe += c == '_' ? std::string("\\_") : std::string(1, c);
  return "\\operatorname{" + safe + "}";
}

std::string in_parentheses(const std::string& inner) { return "\\left(" + inner + "\\right)"; }

std::string set_number(const std::string& text) {
  const std::size_t e = text.find_first_of("eE");
  if (e == std::string::npos) return text;
  std::string exponent = text.substr(e + 1);
  if (exponent[0] == '+') exponent.erase(0, 1);
  const std::string mantissa = text.substr(0, e);
  return (mantissa == "1" ? "" : mantissa + " \\times ") + "10^{" + exponent + "}";
}

class Setter {
 public:
  explicit Setter(const Cell& cell) {
    for (const Port& p : cell.inputs) (p.index.empty() ? timed_ : sequences_).insert(p.name);
    for (const Statement& s : cell.statements) {
      if (s.kind != Statement::Kind::kEquation) continue;
      for (const Name& n : s.names) timed_.insert(n.text);
    }
  }

  std::string target(const Name& n) const {
    return latex_name(n.text, n.index.empty() ? "t" : "t," + latex_name(n.index));
  }

  // `bare`: a fraction's bar, a root or a bracket groups already.
  std::string set(const Expr& e, bool bare = false) const {
    const std::string inner = inside(e);
    if (e.kind == Expr::Kind::kAlternative) return "\\left(" + inner + "\\right)";
    // A fraction and a square need none, whatever stood in the text.
    return e.parenthesised && !bare && !is_fraction(e) ? in_parentheses(inner) : inner;
  }

 private:
  static bool is_fraction(const Expr& e) { return e.kind == Expr::Kind::kBinary && e.text == "/"; }

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

  std::string inside(const Expr& e) const {
    switch (e.kind) {
      case Expr::Kind::kNumber:
        return set_number(e.text);
      case Expr::Kind::kName:
        return name(e);
      case Expr::Kind::kNegate:
        return "-" + set(e.args[0]);
      case Expr::Kind::kProduct:
        return latex_name(e.args[0].text) + " \\cdot " + set(e.args[1]);
      case Expr::Kind::kList:
        return "[" + list(e) + "]";
      case Expr::Kind::kAlternative:
        return set(e.args[0], true) + " \\;\\middle|\\; " + set(e.args[1], true);
      case Expr::Kind::kBinary:
        if (is_fraction(e)) return "\\frac{" + set(e.args[0], true) + "}{" + set(e.args[1], true) + "}";
        return set(e.args[0]) + (e.text == "*" ? " \\odot " : " " + e.text + " ") + set(e.args[1]);
      case Expr::Kind::kCall:
        return call(e);
    }
    return "";
  }

  std::string list(const Expr& e) const {
    std::string out;
    for (const Expr& a : e.args) out += (out.empty() ? "" : ", ") + set(a);
    return out;
  }

  std::string call(const Expr& e) const {
    if (e.text == "sqrt") return "\\sqrt{" + set(e.args[0], true) + "}";
    if (e.text == "abs") return "\\left|" + set(e.args[0], true) + "\\right|";
    if (e.text == "square") {
      const bool simple = e.args[0].kind == Expr::Kind::kName;
      return (simple ? set(e.args[0], true) : in_parentheses(set(e.args[0], true))) + "^2";
    }
    if (e.text == "reciprocal") return "\\frac{1}{" + set(e.args[0], true) + "}";
    if (e.text == "normal") return "\\mathcal{N}(0, 1)";
    if (e.text == "sum" && !e.index.empty()) {
      const Expr& term = e.args[0];
      const bool loose = term.kind == Expr::Kind::kBinary && term.text != "*" && term.text != "/";
      const std::string set_term = set(term, loose);
      return "\\sum_{" + latex_name(e.index) + "} " + (loose ? in_parentheses(set_term) : set_term);
    }
    const Function* f = find_function(e.text);
    const std::string head = f && !f->latex.empty() ? std::string(f->latex) : upright(e.text);
    return head + (e.index.empty() ? "" : "_{" + latex_name(e.index) + "}") + in_parentheses(list(e));
  }

  std::set<std::string> timed_;
  std::set<std::string> sequences_;
};

std::string how_it_starts(const Cell& cell, const std::string& name) {
  std::string out;
  for (const Statement& s : cell.statements) {
    if (s.kind != Statement::Kind::kInit) continue;
    for (const Name& n : s.names) {
      if (n.text != name) continue;
      std::string numbers;
      for (const Number& number : s.numbers) numbers += (numbers.empty() ? "" : ", ") + number.text;
      const std::string how =
          s.word.text.empty() ? numbers : s.word.text + (numbers.empty() ? "" : "(" + numbers + ")");
      out += (out.empty() ? "" : "; ") + (n.block.empty() ? "" : n.block + ": ") + how;
    }
  }
  return out.empty() ? "default" : out;
}

std::string structure_of(const Cell& cell, const std::string& name) {
  for (const Statement& s : cell.statements) {
    if (s.kind != Statement::Kind::kWhere) continue;
    for (const Name& n : s.names) {
      if (n.text == name)
        return s.word.text + "(" + (s.numbers.empty() ? s.argument.text : s.numbers[0].text) + ")";
    }
  }
  return "";
}

// What a matrix meets, as written at its first use.
std::string operand_of(const Cell& cell, const std::string& name) {
  std::string found;
  for (const Statement& s : cell.statements) {
    each_part(s.value, [&](const Expr& e) {
      if (found.empty() && e.kind == Expr::Kind::kProduct && e.args[0].text == name) {
        found = print_expression(e.args[1], Spelling::kUnicode);
      }
    });
  }
  return found;
}

}  // namespace

std::string print_latex(const Cell& cell) {
  const Setter setter(cell);
  std::string rows;
  for (const Statement& s : cell.statements) {
    std::string row;
    if (s.kind == Statement::Kind::kEquation) {
      for (const Name& n : s.names) row += (row.empty() ? "" : ", ") + setter.target(n);
    } else if (s.kind == Statement::Kind::kLoss) {
      row = "\\mathcal{L}_{" + latex_name(s.names[0].text) + "}";
    } else {
      continue;
    }
    row += " &= " + setter.set(s.value);
    if (s.when_generating) row += " \\quad \\text{when generating}";
    rows += (rows.empty() ? "  " : " \\\\\n  ") + row;
  }
  return "\\begin{aligned}\n" + rows + "\n\\end{aligned}\n";
}

std::string print_markdown(const Cell& cell) {
  const Symbols symbols = check(cell);
  std::string out = "# " + cell.name + "\n\n";
  if (!cell.description.empty()) out += cell.description + "\n\n";
  out += "$$\n" + print_latex(cell) + "$$\n";
  if (symbols.parameters.empty()) return out;
  out += "\n| parameter | kind | meets | starts as |\n|---|---|---|---|\n";
  for (const std::string& name : symbols.parameters) {
    const bool matrix = symbols.find(name)->kind == NameKind::kMatrix;
    const std::string structure = structure_of(cell, name);
    out += "| $" + latex_name(name) + "$ | " + (matrix ? "matrix" : "vector") +
           (structure.empty() ? "" : ", " + structure) + " | " +
           (matrix ? "`" + operand_of(cell, name) + "`" : "") + " | " + how_it_starts(cell, name) + " |\n";
  }
  return out;
}

}  // namespace cellwright::syntax
