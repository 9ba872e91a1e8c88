// check.cpp: start at check() at the end: first every definition, then every use, then what statements say
// about names.
#include "language/check.h"

#include <algorithm>
#include <set>

#include "language/diagnostic.h"
#include "language/functions.h"
#include "language/names.h"
#include "language/resolve.h"
#include "language/warn.h"

namespace cellwright::syntax {
namespace {

constexpr const char* kParameterRule = "A parameter is W… left of ·, b… or p…, or declared with 'param'.";

bool vector_name(const std::string& name) {
  return name == "b" || name == "p" || name.compare(0, 2, "b_") == 0 || name.compare(0, 2, "p_") == 0;
}

bool is_parameter(NameKind kind) { return kind == NameKind::kVector || kind == NameKind::kMatrix; }

class Checker {
 public:
  explicit Checker(const Cell& cell) : cell_(cell) {}

  Symbols run(std::vector<std::string>* warnings) {
    define();
    for (const Statement& s : cell_.statements) {
      if (s.kind == Statement::Kind::kEquation || s.kind == Statement::Kind::kLoss) uses(s);
      if (s.kind == Statement::Kind::kStart && !s.word.text.empty()) start_word(s);
    }
    for (const Statement& s : cell_.statements) statement(s);
    outputs();
    case_clash();
    check_alternatives(cell_);
    const std::vector<bool> present(cell_.inputs.size(), true);
    const std::vector<Statement> lines = resolve(cell_, present);
    check_shared(cell_, symbols_, lines);
    order_lines(cell_, lines);
    if (warnings) warn(cell_, symbols_, lines, *warnings);
    return std::move(symbols_);
  }

 private:
  void add(const Name& name, NameKind kind, int item, bool declared = false) {
    const auto [at, fresh] =
        symbols_.names.emplace(name.text, Symbol{kind, item, declared, false, name.where});
    if (fresh) return;
    const Symbol& first = at->second;
    if (first.kind == NameKind::kInput) {
      fail(cell_, name.where, quoted(name.text) + " is an input",
           "inputs come from outside; choose another name");
    }
    fail(cell_, name.where, quoted(name.text) + " is assigned twice",
         "it is already defined at " + place(first.where) + "; choose another name");
  }

  void define() {
    for (std::size_t i = 0; i < cell_.inputs.size(); ++i) {
      Name n;
      n.text = cell_.inputs[i].name;
      n.where = cell_.inputs[i].where;
      add(n, NameKind::kInput, static_cast<int>(i));
    }
    for (std::size_t i = 0; i < cell_.statements.size(); ++i) {
      const Statement& s = cell_.statements[i];
      const int item = static_cast<int>(i);
      switch (s.kind) {
        case Statement::Kind::kEquation:
          if (s.when_generating) break;
          for (const Name& n : s.names) add(n, NameKind::kLine, item);
          break;
        case Statement::Kind::kLoss:
          add(s.names[0], NameKind::kLoss, item);
          break;
        case Statement::Kind::kConst:
          add(s.names[0], NameKind::kConst, item);
          break;
        case Statement::Kind::kOption:
          add(s.names[0], NameKind::kOption, item);
          break;
        case Statement::Kind::kParam:
          for (const Name& n : s.names) add(n, NameKind::kVector, -1, true);
          break;
        default:
          break;
      }
    }
  }

  void parameter(const Expr& e, NameKind kind) {
    auto at = symbols_.names.find(e.text);
    if (at == symbols_.names.end())
      at = symbols_.names.emplace(e.text, Symbol{kind, -1, false, false, e.where}).first;
    Symbol& symbol = at->second;
    if (!symbol.used) {
      symbol.kind = kind;
      symbol.used = true;
      symbol.where = e.mark;
      symbols_.parameters.push_back(e.text);
    } else if (symbol.kind != kind) {
      const bool matrix = symbol.kind == NameKind::kMatrix;
      fail(cell_, e.where,
           quoted(e.text) + (matrix ? " is a matrix" : " is a vector") + " at " + place(symbol.where),
           matrix ? "a matrix stands left of ·: " + e.text + "·…"
                  : "left of · stands a matrix; choose another name");
    }
  }

  void matrix(const Expr& e) {
    const Symbol* symbol = symbols_.find(e.text);
    if (symbol && !is_parameter(symbol->kind)) {
      fail(cell_, e.where, quoted(e.text) + " is not a matrix",
           "left of · stands a capitalised name that no line defines; for a product unit by unit write ⊙");
    }
    if (!symbol && !is_capitalised(e.text)) {
      const std::string near = did_you_mean(e.text, symbols_.parameters);
      fail(cell_, e.where, "unknown matrix " + quoted(e.text),
           near.empty() ? "a matrix is a capitalised name, or declared with 'param'" : near);
    }
    parameter(e, NameKind::kMatrix);
  }

  void value(const Expr& e) {
    const Symbol* symbol = symbols_.find(e.text);
    if (!symbol || is_parameter(symbol->kind)) {
      if (!symbol && !vector_name(e.text)) unknown(e);
      if (e.delay > 0 || !e.index.empty()) {
        fail(cell_, e.where, "parameter " + quoted(e.text) + " has no past and no index", "write " + e.text);
      }
      parameter(e, NameKind::kVector);
      return;
    }
    if (symbol->kind == NameKind::kLoss) {
      fail(cell_, e.where, "loss " + quoted(e.text) + " cannot be read", "give the value a line of its own");
    }
    if (symbol->kind == NameKind::kConst || symbol->kind == NameKind::kOption) {
      if (e.delay == 0 && e.index.empty()) return;
      fail(cell_, e.where, "constant " + quoted(e.text) + " has no past and no index", "write " + e.text);
    }
    const std::string& index = symbol->kind == NameKind::kInput
                                   ? cell_.inputs[static_cast<std::size_t>(symbol->item)].index
                                   : line_index(*symbol, e.text);
    if (index.empty() != e.index.empty() || e.index != index) {
      fail(cell_, e.where,
           index.empty() ? quoted(e.text) + " has no index " + quoted(e.index)
                         : quoted(e.text) + " runs over index " + quoted(index),
           "write " + e.text + (index.empty() ? "" : "[" + index + "]"));
    }
  }

  const std::string& line_index(const Symbol& symbol, const std::string& name) const {
    static const std::string kNone;
    for (const Name& n : cell_.statements[static_cast<std::size_t>(symbol.item)].names) {
      if (n.text == name) return n.index;
    }
    return kNone;
  }

  [[noreturn]] void unknown(const Expr& e) {
    if (e.text == "nan" || e.text == "NaN" || e.text == "inf" || e.text == "Inf" || e.text == "infinity") {
      fail(cell_, e.where, quoted(e.text) + " is no number that a cell can hold",
           "write a finite number, such as 1e30");
    }
    const std::string near = did_you_mean(e.text, symbols_.known());
    if (e.delay > 0) {
      fail(cell_, e.where, "state " + quoted(e.text) + " is never assigned",
           near.empty() ? "add a line '" + e.text + " = …'" : near);
    }
    fail(cell_, e.where, "unknown name " + quoted(e.text), (near.empty() ? "" : near + " ") + kParameterRule);
  }

  void uses(const Statement& s) {
    const bool is_split = s.value.kind == Expr::Kind::kCall && s.value.text == "split";
    if (s.names.size() > 1 && !is_split) {
      fail(cell_, s.names[1].where, std::to_string(s.names.size()) + " names need split(…) on the right",
           "write " + s.names[0].text + ", " + s.names[1].text + " = split(…)");
    }
    if (s.names.size() == 1 && is_split) {
      fail(cell_, s.value.where, "split(…) needs at least two names on the left", "write a, b = split(…)");
    }
    if (s.when_generating) {
      for (const Name& n : s.names) {
        const Symbol* symbol = symbols_.find(n.text);
        if (!symbol || (symbol->kind != NameKind::kLine && symbol->kind != NameKind::kInput)) {
          fail(cell_, n.where, quoted(n.text) + " has no form to replace when generating",
               "it must be an input, or have a line without 'when generating'");
        }
        if (!generating_.insert(n.text).second) {
          fail(cell_, n.where, quoted(n.text) + " has two forms when generating", "keep one of them");
        }
      }
    }
    each_part(s.value, [&](const Expr& e) {
      if (e.kind == Expr::Kind::kProduct) matrix(e.args[0]);
      if (e.kind == Expr::Kind::kName && !matrices_.count(&e)) value(e);
      // A product's matrix is visited as a part of it; it is no value.
      if (e.kind == Expr::Kind::kProduct) matrices_.insert(&e.args[0]);
      if (e.kind == Expr::Kind::kCall) call(s, e);
      if (e.kind == Expr::Kind::kName && e.delay > 0) states_.insert(e.text);
    });
  }

  void call(const Statement& s, const Expr& e) {
    if (e.text == "split" && &e != &s.value) {
      fail(cell_, e.where, "split(…) stands alone on the right of '='", "write a, b = split(…)");
    }
    if (e.text == "bernoulli" && !s.when_generating) {
      fail(cell_, e.where, "bernoulli(…) stands only in a line 'when generating'",
           "it draws 0 or 1, which has no gradient");
    }
    if (e.text == "every") {
      const Symbol* clock = e.args[0].kind == Expr::Kind::kName ? symbols_.find(e.args[0].text) : nullptr;
      if (!clock || (clock->kind != NameKind::kOption && clock->kind != NameKind::kConst)) {
        fail(cell_, e.args[0].where, "the periods of every(…) are an option or a constant",
             "add a line such as 'option periods = 1, 2, 4'");
      }
    }
    if (!e.index.empty()) {
      const bool known = std::any_of(cell_.inputs.begin(), cell_.inputs.end(),
                                     [&](const Port& p) { return p.index == e.index; });
      if (!known) {
        fail(cell_, e.mark, "no input has index " + quoted(e.index),
             "an input over a sequence is written y[" + e.index + "]");
      }
    }
  }

  void start_word(const Statement& s) {
    Expr e;
    e.kind = Expr::Kind::kName;
    e.text = s.word.text;
    e.where = e.mark = s.word.where;
    const Symbol* symbol = symbols_.find(e.text);
    if (symbol && symbol->kind != NameKind::kConst && !is_parameter(symbol->kind)) {
      fail(cell_, e.where, quoted(e.text) + " is computed in the step and cannot start a state",
           "a start is a number, a constant, or a parameter such as p_0");
    }
    value(e);
  }

  // What declarations say must be about names of the right kind.
  void statement(const Statement& s) {
    using Kind = Statement::Kind;
    switch (s.kind) {
      case Kind::kParam:
      case Kind::kEquation:
      case Kind::kLoss:
        break;
      case Kind::kSize:
        for (const Name& n : s.names)
          wants(n, {NameKind::kLine, NameKind::kInput, NameKind::kVector}, "a line, input or vector");
        if (!s.numbers.empty() && !(s.numbers[0].value >= 1 && s.numbers[0].value <= 16777216 &&
                                    s.numbers[0].value == static_cast<int>(s.numbers[0].value))) {
          fail(cell_, s.numbers[0].where,
               "a size is a whole number from 1 to 16777216, found " + s.numbers[0].text);
        }
        break;
      case Kind::kStart:
        for (const Name& n : s.names) {
          wants(n, {NameKind::kLine, NameKind::kInput}, "a line or an input");
          wants_state(n);
        }
        break;
      case Kind::kInit:
      case Kind::kShare:
        for (const Name& n : s.names) wants(n, {NameKind::kVector, NameKind::kMatrix}, "a parameter");
        break;
      case Kind::kWhere:
        for (const Name& n : s.names) wants(n, {NameKind::kMatrix}, "a matrix");
        if (!s.argument.text.empty())
          wants(s.argument, {NameKind::kOption, NameKind::kConst}, "an option or a constant");
        break;
      case Kind::kZone: {
        for (const std::vector<Name>& group : s.groups) {
          for (const Name& n : group) {
            wants(n, {NameKind::kLine}, "a line");
            wants_state(n);
            if (!zoned_.insert(n.text).second)
              fail(cell_, n.where, quoted(n.text) + " has a zone already", "name it once");
          }
        }
        break;
      }
      default:
        break;
    }
  }

  void wants(const Name& n, std::initializer_list<NameKind> kinds, const std::string& what) {
    const Symbol* symbol = symbols_.find(n.text);
    if (symbol && std::find(kinds.begin(), kinds.end(), symbol->kind) != kinds.end()) return;
    std::vector<std::string> candidates;
    for (const auto& [name, other] : symbols_.names) {
      if (std::find(kinds.begin(), kinds.end(), other.kind) != kinds.end()) candidates.push_back(name);
    }
    const std::string near = did_you_mean(n.text, candidates);
    fail(cell_, n.where, quoted(n.text) + (symbol ? " is not " + what : " is not the name of " + what),
         near.empty() ? "name " + what + " of this cell" : near);
  }

  void wants_state(const Name& n) {
    if (!states_.count(n.text)) {
      fail(cell_, n.where, quoted(n.text) + " is not a state", "a state is read as " + n.text + "[t-1]");
    }
  }

  void outputs() {
    std::set<std::string> seen;
    for (const Port& p : cell_.outputs) {
      const Symbol* symbol = symbols_.find(p.name);
      if (!symbol || symbol->kind != NameKind::kLine) {
        std::vector<std::string> lines;
        for (const auto& [name, other] : symbols_.names) {
          if (other.kind == NameKind::kLine) lines.push_back(name);
        }
        const std::string near = did_you_mean(p.name, lines);
        fail(cell_, p.where, "output " + quoted(p.name) + " is never assigned",
             near.empty() ? "add a line '" + p.name + " = …'" : near);
      }
      if (!line_index(*symbol, p.name).empty())
        fail(cell_, p.where, "output " + quoted(p.name) + " runs over an index");
      if (!seen.insert(p.name).second) fail(cell_, p.where, "output " + quoted(p.name) + " is named twice");
    }
  }

  void case_clash() {
    std::map<std::string, std::string> seen;
    for (const std::string& name : symbols_.parameters) {
      const auto [at, fresh] = seen.emplace(lower_case(name), name);
      if (fresh) continue;
      fail(cell_, symbols_.find(name)->where,
           "parameters " + quoted(at->second) + " and " + quoted(name) + " differ only in case",
           quoted(at->second) + " stands at " + place(symbols_.find(at->second)->where) +
               "; rename one of them");
    }
  }

  const Cell& cell_;
  Symbols symbols_;
  std::set<const Expr*> matrices_;
  std::set<std::string> zoned_;
  std::set<std::string> states_;      // names that are read with [t-k]
  std::set<std::string> generating_;  // names that have a form when generating
};

}  // namespace

const Symbol* Symbols::find(const std::string& name) const {
  const auto at = names.find(name);
  return at == names.end() ? nullptr : &at->second;
}

std::vector<std::string> Symbols::known() const {
  std::vector<std::string> all;
  for (const auto& entry : names) all.push_back(entry.first);
  return all;
}

std::string quoted(const std::string& name) { return "'" + name + "'"; }

Symbols check(const Cell& cell, std::vector<std::string>* warnings) { return Checker(cell).run(warnings); }

}  // namespace cellwright::syntax
