// resolve.cpp: start at resolve(). Absence spreads: what reads an absent value is absent, unless a | offers
// another.
#include "language/resolve.h"

#include <algorithm>
#include <map>
#include <set>

#include "language/diagnostic.h"

namespace cellwright::syntax {
namespace {

using Absent = std::set<std::string>;

bool is_absent(const Expr& e, const Absent& absent) {
  if (e.kind == Expr::Kind::kName) return absent.count(e.text) > 0;
  if (e.kind == Expr::Kind::kAlternative) return is_absent(e.args[0], absent) && is_absent(e.args[1], absent);
  return std::any_of(e.args.begin(), e.args.end(), [&](const Expr& part) { return is_absent(part, absent); });
}

bool is_line(const Statement& s) { return s.kind == Statement::Kind::kEquation && !s.when_generating; }

Absent find_absent(const Cell& cell, const std::vector<bool>& present) {
  Absent absent;
  for (std::size_t i = 0; i < cell.inputs.size(); ++i) {
    if (!present[i]) absent.insert(cell.inputs[i].name);
  }
  if (absent.empty()) return absent;
  // A work list, so that a long chain of lines costs no more than its length.
  std::map<std::string, std::vector<const Statement*>> readers;
  for (const Statement& s : cell.statements) {
    if (!is_line(s)) continue;
    each_part(s.value, [&](const Expr& e) {
      if (e.kind == Expr::Kind::kName) readers[e.text].push_back(&s);
    });
  }
  std::vector<std::string> open(absent.begin(), absent.end());
  while (!open.empty()) {
    const auto found = readers.find(open.back());
    open.pop_back();
    if (found == readers.end()) continue;
    for (const Statement* s : found->second) {
      if (absent.count(s->names[0].text) || !is_absent(s->value, absent)) continue;
      for (const Name& n : s->names) {
        absent.insert(n.text);
        open.push_back(n.text);
      }
    }
  }
  return absent;
}

Expr choose(const Expr& e, const Absent& absent) {
  if (e.kind == Expr::Kind::kAlternative) return choose(e.args[is_absent(e.args[0], absent) ? 1 : 0], absent);
  Expr chosen = e;
  for (Expr& part : chosen.args) part = choose(part, absent);
  return chosen;
}

// Follows an absent value to the optional input behind it, for the message.
[[noreturn]] void fail_absent(const Cell& cell, const Expr* value, const Absent& absent) {
  std::set<std::string> seen;
  for (;;) {
    const Expr* culprit = nullptr;
    each_part(*value, [&](const Expr& e) {
      if (!culprit && e.kind == Expr::Kind::kName && absent.count(e.text)) culprit = &e;
    });
    const Statement* line = nullptr;
    for (const Statement& s : cell.statements) {
      const bool defines =
          std::any_of(s.names.begin(), s.names.end(), [&](const Name& n) { return n.text == culprit->text; });
      if (is_line(s) && defines) line = &s;
    }
    if (!line || !seen.insert(culprit->text).second) {
      fail(cell, culprit->where, quoted(culprit->text) + " is absent in this layer",
           "say what stands in its place: (" + culprit->text + " | …)");
    }
    value = &line->value;
  }
}

}  // namespace

std::vector<Statement> resolve(const Cell& cell, const std::vector<bool>& present) {
  const Absent absent = find_absent(cell, present);
  std::vector<Statement> lines;
  for (const Statement& s : cell.statements) {
    const bool loss = s.kind == Statement::Kind::kLoss;
    if (!loss && !is_line(s)) continue;
    if (is_absent(s.value, absent)) {
      const bool needed = loss || std::any_of(cell.outputs.begin(), cell.outputs.end(), [&](const Port& p) {
                            return std::any_of(s.names.begin(), s.names.end(),
                                               [&](const Name& n) { return n.text == p.name; });
                          });
      if (needed) fail_absent(cell, &s.value, absent);
      continue;
    }
    lines.push_back(s);
    lines.back().value = choose(s.value, absent);
  }
  return lines;
}

void check_alternatives(const Cell& cell) {
  std::vector<bool> present;
  for (const Port& p : cell.inputs) present.push_back(!p.optional);
  const Absent absent = find_absent(cell, present);
  for (const Statement& s : cell.statements) {
    each_part(s.value, [&](const Expr& e) {
      if (e.kind == Expr::Kind::kAlternative && !is_absent(e.args[0], absent)) {
        fail(cell, e.args[0].where, "the left of | reads no optional input, so the right is never taken",
             "mark an input as optional: cell " + cell.name + "(…, in?) -> …");
      }
    });
  }
}

std::vector<std::size_t> order_lines(const Cell& cell, const std::vector<Statement>& lines) {
  std::map<std::string, std::size_t> line_of;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].kind != Statement::Kind::kEquation) continue;
    for (const Name& n : lines[i].names) line_of[n.text] = i;
  }
  std::vector<std::vector<std::pair<std::size_t, std::string>>> reads(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    each_part(lines[i].value, [&](const Expr& e) {
      if (e.kind != Expr::Kind::kName || e.delay > 0) return;
      const auto at = line_of.find(e.text);
      if (at != line_of.end()) reads[i].emplace_back(at->second, e.text);
    });
  }
  // Depth first with a stack of its own: a chain of a thousand lines must not recurse.
  enum class Mark : char { kNew, kOpen, kDone };
  std::vector<Mark> marks(lines.size(), Mark::kNew);
  std::vector<std::size_t> order;
  for (std::size_t root = 0; root < lines.size(); ++root) {
    if (marks[root] != Mark::kNew) continue;
    std::vector<std::pair<std::size_t, std::size_t>> stack = {{root, 0}};  // line, next of its reads
    marks[root] = Mark::kOpen;
    while (!stack.empty()) {
      auto& [line, next] = stack.back();
      if (next == reads[line].size()) {
        marks[line] = Mark::kDone;
        order.push_back(line);
        stack.pop_back();
        continue;
      }
      const std::size_t wanted = reads[line][next++].first;
      if (marks[wanted] == Mark::kDone) continue;
      if (marks[wanted] == Mark::kNew) {
        marks[wanted] = Mark::kOpen;
        stack.emplace_back(wanted, 0);
        continue;
      }
      std::size_t begin = 0;
      while (stack[begin].first != wanted) ++begin;
      // The path names what is read on the way: from the line that closes the circle back to it.
      const std::string first = reads[stack.back().first][stack.back().second - 1].second;
      std::string path = first;
      const std::size_t links = stack.size() - begin;
      for (std::size_t i = 0; i < links; ++i) {
        if (i == 8 && links > 10) {
          path += " → …";
          i = links - 1;
        }
        const auto& [from, used] = stack[begin + i];
        path += " → " + reads[from][used - 1].second;
      }
      const Statement& s = lines[wanted];
      const auto name =
          std::find_if(s.names.begin(), s.names.end(), [&](const Name& n) { return n.text == first; });
      fail(cell, name->where, quoted(first) + " depends on itself within one step: " + path,
           "one of these must read a past value, such as " + first + "[t-1]");
    }
  }
  return order;
}

void check_shared(const Cell& cell, const Symbols& symbols, const std::vector<Statement>& lines) {
  std::set<std::string> shared;
  for (const Statement& s : cell.statements) {
    if (s.kind != Statement::Kind::kShare) continue;
    for (const Name& n : s.names) shared.insert(n.text);
  }
  std::map<std::string, SourceRange> first;
  const auto use = [&](const std::string& name, SourceRange where) {
    const Symbol* symbol = symbols.find(name);
    if (!symbol || (symbol->kind != NameKind::kVector && symbol->kind != NameKind::kMatrix)) return;
    const auto [at, fresh] = first.emplace(name, where);
    if (fresh || shared.count(name)) return;
    fail(cell, where, "parameter " + quoted(name) + " is used twice",
         "it stands at " + place(at->second) + " too; rename one, or say 'share " + name +
             "' if one matrix or vector is meant for both");
  };
  for (const Statement& s : lines) {
    each_part(s.value, [&](const Expr& e) {
      if (e.kind == Expr::Kind::kName) use(e.text, e.where);
    });
  }
  for (const Statement& s : cell.statements) {
    if (s.kind != Statement::Kind::kStart || s.word.text.empty()) continue;
    for (std::size_t i = 0; i < s.names.size(); ++i) use(s.word.text, s.word.where);
  }
}

}  // namespace cellwright::syntax
