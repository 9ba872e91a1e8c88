// parser.h: recursive descent over tokens; inner header of parse.cpp (statements) and parse_expression.cpp.
#pragma once

#include <string>
#include <vector>

#include "language/lexer.h"
#include "language/syntax.h"

namespace cellwright::syntax {

class Parser {
 public:
  Parser(Cell& cell, std::vector<Token> tokens) : cell_(cell), tokens_(std::move(tokens)) {}
  void cell();

 private:
  // parse.cpp: statements.
  void statement();
  void keyword_statement(Statement& s);
  void header(Statement& s);
  void equation(Statement& s);
  void init(Statement& s);
  void zone(Statement& s);
  void end_statement(Statement& s);
  std::vector<Name> names(const std::string& what);
  std::vector<Number> numbers();
  Number number();
  Name name(const std::string& what);
  Name new_name(const std::string& what);

  // parse_expression.cpp. Each takes its depth in the tree above and returns a tree of known height.
  Expr expression(int depth);     // sum { + - }
  Expr product_chain(int depth);  // { ⊙ / }
  Expr factor(int depth);         // -a, or a·b
  Expr primary(int depth);        // number, name, call, (…), […]
  Expr operand(int depth);        // right of ·
  Expr parenthesis(int depth);
  Expr list(int depth);
  Expr named(int depth);  // name, name[t-k], name[j], call
  void call(Expr& e, int depth);
  void subscript(Expr& e);
  Expr join(Expr::Kind kind, const Token& mark, Expr left, Expr right);
  void check_depth(int depth, SourceRange where);

  const Token& token() const { return tokens_[at_]; }
  const Token& ahead(std::size_t n) const { return tokens_[std::min(at_ + n, tokens_.size() - 1)]; }
  Token take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool accept(std::string_view symbol);
  bool accept_word(std::string_view word);
  Token expect(std::string_view symbol, const std::string& context);
  std::string found() const;  // the current token, for a message

  Cell& cell_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  bool header_seen_ = false;
};

/// From the first column of `a` to the last of `b`, on one line.
SourceRange span(SourceRange a, SourceRange b);

}  // namespace cellwright::syntax
