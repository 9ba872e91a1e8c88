// warn.cpp: start at warn().
#include "language/warn.h"

#include <algorithm>
#include <set>

#include "language/diagnostic.h"

namespace cellwright::syntax {
namespace {

// W·r ⊙ h: · binds tighter, but the eye may read W·(r ⊙ h).
void warn_binding(const Cell& cell, const Expr& e, std::vector<std::string>& out) {
  if (e.kind != Expr::Kind::kBinary || (e.text != "*" && e.text != "/")) return;
  const Expr& left = e.args[0];
  const Expr& right = e.args[1];
  const bool bare_product = left.kind == Expr::Kind::kProduct && !left.parenthesised &&
                            left.args[1].kind == Expr::Kind::kName && !left.args[1].parenthesised;
  if (!bare_product || right.kind != Expr::Kind::kName || right.parenthesised) return;
  const std::string op = e.text == "*" ? " ⊙ " : " / ";
  const std::string matrix = left.args[0].text;
  const auto shown = [](const Expr& n) {
    return n.delay > 0 ? n.text + "[t-" + std::to_string(n.delay) + "]" : n.text;
  };
  const std::string a = shown(left.args[1]);
  const std::string b = shown(right);
  out.push_back(diagnostic(cell, e.where, "warning",
                           "· binds before" + op + "here: (" + matrix + "·" + a + ")" + op + b,
                           "write these parentheses, or " + matrix + "·(" + a + op + b + ")"));
}

// Names that an output or a loss reaches, at this step or a later one.
std::set<std::string> reached_names(const Cell& cell, const std::vector<Statement>& lines) {
  std::map<std::string, const Statement*> line_of;
  for (const Statement& s : lines) {
    if (s.kind != Statement::Kind::kEquation) continue;
    for (const Name& n : s.names) line_of[n.text] = &s;
  }
  std::set<std::string> reached;
  std::vector<const Statement*> open;
  const auto reach = [&](const std::string& name) {
    if (!reached.insert(name).second) return;
    const auto at = line_of.find(name);
    if (at != line_of.end()) open.push_back(at->second);
  };
  for (const Port& p : cell.outputs) reach(p.name);
  for (const Statement& s : cell.statements) {
    if (s.kind == Statement::Kind::kLoss || s.when_generating) open.push_back(&s);
    // The side of a | that is taken only when an input is absent counts too.
    each_part(s.value, [&](const Expr& e) {
      if (e.kind != Expr::Kind::kAlternative) return;
      each_part(e, [&](const Expr& part) {
        if (part.kind == Expr::Kind::kName) reach(part.text);
      });
    });
  }
  while (!open.empty()) {
    const Statement* s = open.back();
    open.pop_back();
    each_part(s->value, [&](const Expr& e) {
      if (e.kind == Expr::Kind::kName) reach(e.text);
    });
  }
  return reached;
}

}  // namespace

void warn(const Cell& cell, const Symbols& symbols, const std::vector<Statement>& lines,
          std::vector<std::string>& out) {
  const std::set<std::string> reached = reached_names(cell, lines);
  const auto unused = [&](const std::string& name, SourceRange where, const std::string& what,
                          const std::string& hint) {
    out.push_back(
        diagnostic(cell, where, "warning", what + quoted(name) + " reaches no output and no loss", hint));
  };
  for (const Port& p : cell.inputs) {
    if (!reached.count(p.name)) unused(p.name, p.where, "input ", "remove it, or use it");
  }
  for (const Statement& s : cell.statements) {
    each_part(s.value, [&](const Expr& e) { warn_binding(cell, e, out); });
    for (const Name& n : s.names) {
      if (s.kind == Statement::Kind::kEquation && !s.when_generating && !reached.count(n.text)) {
        unused(n.text, n.where, "line ", "remove the line, or name it as an output");
      }
      if (s.kind == Statement::Kind::kParam && !symbols.find(n.text)->used) {
        out.push_back(diagnostic(cell, n.where, "warning",
                                 "parameter " + quoted(n.text) + " is declared but never used", "remove it"));
      }
    }
  }
}

}  // namespace cellwright::syntax
