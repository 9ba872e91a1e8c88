// check.h: what every name of a cell is, and all errors that need no size.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "language/syntax.h"

namespace cellwright::syntax {

enum class NameKind : std::uint8_t { kInput, kLine, kConst, kOption, kLoss, kVector, kMatrix };

struct Symbol {
  NameKind kind = NameKind::kLine;
  int item = -1;          ///< kInput: port; kLine, kConst, kOption, kLoss: statement
  bool declared = false;  ///< a parameter named by 'param'
  bool used = false;      ///< appears in an equation, loss or start
  SourceRange where;      ///< a parameter's first use, any other name's definition
};

struct Symbols {
  std::map<std::string, Symbol> names;
  std::vector<std::string> parameters;  ///< used ones, in the order of the text

  const Symbol* find(const std::string& name) const;
  std::vector<std::string> known() const;  ///< every name, for nearest_name
};

/// Throws CellError at the first thing that is wrong. Warnings, as whole diagnostics, go to `warnings` if it
/// is not null.
Symbols check(const Cell& cell, std::vector<std::string>* warnings = nullptr);

/// Calls f(expr) for an expression and all its parts, from left to right.
template <typename F>
void each_part(const Expr& e, const F& f) {
  f(e);
  for (const Expr& part : e.args) each_part(part, f);
}

std::string quoted(const std::string& name);

}  // namespace cellwright::syntax
