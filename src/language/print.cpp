// print.cpp: start at print_cell(); statement_code() knows the form of each statement.
#include "language/print.h"

#include <algorithm>
#include <vector>

#include "base/utf8.h"
#include "language/functions.h"
#include "language/names.h"

namespace cellwright::syntax {
namespace {

// How tightly an expression binds; a part that binds looser than its place demands needs parentheses.
int binding(const Expr& e) {
  switch (e.kind) {
    case Expr::Kind::kAlternative:
      return 0;
    case Expr::Kind::kBinary:
      return e.text == "+" || e.text == "-" ? 1 : 2;
    case Expr::Kind::kNegate:
      return 3;
    case Expr::Kind::kProduct:
      return 4;
    case Expr::Kind::kNumber:
      return 5;
    default:
      return 6;
  }
}

class Printer {
 public:
  explicit Printer(Spelling spelling) : ascii_(spelling == Spelling::kAscii) {}

  std::string name(const std::string& text) const { return ascii_ ? ascii_name(text) : text; }

  std::string expression(const Expr& e, int wanted = 1) const {
    const std::string inner = bare(e);
    return e.parenthesised || binding(e) < wanted ? "(" + inner + ")" : inner;
  }

  std::string statement_code(const Cell& cell, const Statement& s) const {
    using Kind = Statement::Kind;
    switch (s.kind) {
      case Kind::kBlank:
      case Kind::kComment:
        return "";
      case Kind::kLanguage:
        return "language " + s.numbers[0].text;
      case Kind::kHeader:
        return header(cell);
      case Kind::kEquation:
        return names(s.names) + " = " + expression(s.value) + (s.when_generating ? " when generating" : "");
      case Kind::kLoss:
        return "loss " + names(s.names) + " = " + expression(s.value);
      case Kind::kParam:
        return "param " + names(s.names);
      case Kind::kShare:
        return "share " + names(s.names);
      case Kind::kConst:
        return "const " + names(s.names) + " = " + numbers(s);
      case Kind::kOption:
        return "option " + names(s.names) + " = " + numbers(s);
      case Kind::kSize:
        return "size " + names(s.names) + " = " + (s.numbers.empty() ? name(s.word.text) : numbers(s));
      case Kind::kStart:
        return "start " + names(s.names) + " = " + (s.numbers.empty() ? name(s.word.text) : numbers(s));
      case Kind::kInit:
        if (s.word.text.empty()) return "init " + names(s.names) + " = " + numbers(s);
        return "init " + names(s.names) + " = " + s.word.text +
               (s.numbers.empty() ? "" : "(" + numbers(s) + ")");
      case Kind::kWhere:
        return "where " + names(s.names) + " = " + s.word.text + "(" +
               (s.numbers.empty() ? name(s.argument.text) : numbers(s)) + ")";
      case Kind::kZone: {
        std::string out;
        for (const auto& group : s.groups) {
          out += out.empty() ? "zone " : ", ";
          out += group.size() > 1 ? "(" + names(group) + ")" : names(group);
        }
        return out;
      }
    }
    return "";
  }

 private:
  std::string bare(const Expr& e) const {
    switch (e.kind) {
      case Expr::Kind::kNumber:
        return e.text;
      case Expr::Kind::kName:
        if (e.delay > 0) return name(e.text) + "[t-" + std::to_string(e.delay) + "]";
        return name(e.text) + (e.index.empty() ? "" : "[" + name(e.index) + "]");
      case Expr::Kind::kNegate:
        return "-" + expression(e.args[0], 3);
      case Expr::Kind::kProduct:
        return name(e.args[0].text) + (ascii_ ? "@" : "·") + expression(e.args[1], 6);
      case Expr::Kind::kList:
        return "[" + list(e.args) + "]";
      case Expr::Kind::kAlternative:
        return expression(e.args[0]) + " | " + expression(e.args[1]);
      case Expr::Kind::kBinary: {
        const int own = binding(e);
        const std::string op = e.text == "*" && !ascii_ ? "⊙" : e.text;
        return expression(e.args[0], own) + " " + op + " " + expression(e.args[1], own + 1);
      }
      case Expr::Kind::kCall: {
        const Function* f = find_function(e.text);
        const std::string spelled(f && !ascii_ && !f->unicode.empty() ? f->unicode
                                                                      : std::string_view(e.text));
        return spelled + (e.index.empty() ? "" : "_" + name(e.index)) + "(" + list(e.args) + ")";
      }
    }
    return "";
  }

  std::string list(const std::vector<Expr>& args) const {
    std::string out;
    for (const Expr& a : args) out += (out.empty() ? "" : ", ") + expression(a);
    return out;
  }

  std::string names(const std::vector<Name>& all) const {
    std::string out;
    for (const Name& n : all) {
      out += (out.empty() ? "" : ", ") + name(n.text);
      if (!n.index.empty()) out += "[" + name(n.index) + "]";
      if (!n.block.empty()) {
        out += "[" + name(n.block) + (n.block_delay > 0 ? "[t-" + std::to_string(n.block_delay) + "]" : "") +
               "]";
      }
    }
    return out;
  }

  std::string numbers(const Statement& s) const {
    std::string out;
    for (const Number& n : s.numbers) out += (out.empty() ? "" : ", ") + n.text;
    return out;
  }

  std::string header(const Cell& cell) const {
    std::string in;
    for (const Port& p : cell.inputs) {
      in += (in.empty() ? "" : ", ") + name(p.name) + (p.index.empty() ? "" : "[" + name(p.index) + "]") +
            (p.optional ? "?" : "");
    }
    std::string out;
    for (const Port& p : cell.outputs) out += (out.empty() ? "" : ", ") + name(p.name);
    return "cell " + name(cell.name) + "(" + in + ") -> " + out;
  }

  bool ascii_;
};

}  // namespace

std::string print_expression(const Expr& e, Spelling spelling) { return Printer(spelling).expression(e, 0); }

std::string print_cell(const Cell& cell, Spelling spelling) {
  const Printer printer(spelling);
  std::vector<std::string> code;
  for (const Statement& s : cell.statements) code.push_back(printer.statement_code(cell, s));
  // Comments behind consecutive lines stand below each other.
  std::string out;
  for (std::size_t i = 0; i < code.size();) {
    const auto trails = [&](std::size_t k) {
      return k < code.size() && cell.statements[k].has_comment && !code[k].empty();
    };
    if (!trails(i)) {
      out += code[i] + (cell.statements[i].has_comment ? "#" + cell.statements[i].comment : "") + "\n";
      ++i;
      continue;
    }
    std::size_t end = i;
    std::size_t width = 0;
    for (; trails(end); ++end) width = std::max(width, display_width(code[end]));
    for (; i < end; ++i) {
      out += code[i] + std::string(width - display_width(code[i]) + 2, ' ') + "#" +
             cell.statements[i].comment + "\n";
    }
  }
  return out;
}

}  // namespace cellwright::syntax
