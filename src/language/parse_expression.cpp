// parse_expression.cpp: expressions, loosest binding first. Start at Parser::expression.
//
// Depth is counted on the way down and height on the way up, so that neither this recursion nor any later
// walk over the tree can exceed kMaxHeight.
#include <algorithm>

#include "language/diagnostic.h"
#include "language/functions.h"
#include "language/parser.h"

namespace cellwright::syntax {

SourceRange span(SourceRange a, SourceRange b) {
  return {a.line, a.column, std::max(1, b.column + b.length - a.column)};
}

void Parser::check_depth(int depth, SourceRange where) {
  if (depth > kMaxHeight) {
    fail(cell_, where, "expression is nested more than " + std::to_string(kMaxHeight) + " deep",
         "give a part of it a name of its own");
  }
}

Expr Parser::join(Expr::Kind kind, const Token& mark, Expr left, Expr right) {
  Expr e;
  e.kind = kind;
  e.text = mark.text;
  e.mark = mark.where;
  e.where = span(left.where, right.where);
  e.height = std::max(left.height, right.height) + 1;
  check_depth(e.height, mark.where);
  e.args.push_back(std::move(left));
  e.args.push_back(std::move(right));
  return e;
}

Expr Parser::expression(int depth) {
  check_depth(depth, token().where);
  Expr left = product_chain(depth);
  while (token().is("+") || token().is("-")) {
    const Token mark = take();
    left = join(Expr::Kind::kBinary, mark, std::move(left), product_chain(depth));
  }
  return left;
}

Expr Parser::product_chain(int depth) {
  Expr left = factor(depth);
  while (token().is("*") || token().is("/")) {
    const Token mark = take();
    left = join(Expr::Kind::kBinary, mark, std::move(left), factor(depth));
  }
  return left;
}

Expr Parser::factor(int depth) {
  check_depth(depth, token().where);
  if (token().is("-")) {
    const Token mark = take();
    Expr inner = factor(depth + 1);
    Expr e;
    e.kind = Expr::Kind::kNegate;
    e.mark = mark.where;
    e.where = span(mark.where, inner.where);
    e.height = inner.height + 1;
    check_depth(e.height, mark.where);
    e.args.push_back(std::move(inner));
    return e;
  }
  Expr left = primary(depth);
  if (!token().is("·")) return left;
  const Token mark = take();
  if (left.kind != Expr::Kind::kName || left.parenthesised || left.delay != 0 || !left.index.empty()) {
    fail(cell_, left.where, "left of · stands the name of one matrix",
         "write a matrix such as W·…; for a product unit by unit write ⊙");
  }
  Expr e = join(Expr::Kind::kProduct, mark, std::move(left), operand(depth));
  if (token().is("·")) {
    fail(cell_, token().where, "· takes one name, a list or a parenthesis on its right",
         "for a product of a product write W·(V·x)");
  }
  return e;
}

Expr Parser::operand(int depth) {
  if (token().kind == Token::Kind::kName || token().is("[") || token().is("(")) return primary(depth);
  fail(cell_, token().where, "· takes one name, a list or a parenthesis on its right, not " + found(),
       "write W·x, W·[h[t-1], x] or W·(…)");
}

Expr Parser::primary(int depth) {
  check_depth(depth, token().where);
  if (token().is("(")) return parenthesis(depth);
  if (token().is("[")) return list(depth);
  if (token().kind == Token::Kind::kName) return named(depth);
  if (token().kind == Token::Kind::kNumber) {
    const Token number = take();
    Expr e;
    e.kind = Expr::Kind::kNumber;
    e.text = number.text;
    e.number = number.number;
    e.where = e.mark = number.where;
    return e;
  }
  fail(cell_, token().where, "expected a value, found " + found(),
       "a value is a name, a number, a call, (…) or W·[…]");
}

Expr Parser::parenthesis(int depth) {
  const Token open = take();
  Expr inner = expression(depth + 1);
  if (token().is("|")) {
    const Token mark = take();
    inner = join(Expr::Kind::kAlternative, mark, std::move(inner), expression(depth + 1));
    if (token().is("|")) fail(cell_, token().where, "one | a parenthesis", "nest them: (A | (B | C))");
  }
  const Token close = expect(")", "to close the ( at column " + std::to_string(open.where.column));
  inner.parenthesised = true;
  inner.where = span(open.where, close.where);
  return inner;
}

Expr Parser::list(int depth) {
  Expr e;
  e.kind = Expr::Kind::kList;
  const Token open = take();
  e.mark = open.where;
  do {
    e.args.push_back(expression(depth + 1));
    e.height = std::max(e.height, e.args.back().height + 1);
  } while (accept(","));
  const Token close = expect("]", "to close the [ at column " + std::to_string(open.where.column));
  check_depth(e.height, open.where);
  e.where = span(open.where, close.where);
  return e;
}

Expr Parser::named(int depth) {
  const Token name = take();
  Expr e;
  e.kind = Expr::Kind::kName;
  e.text = name.text;
  e.where = e.mark = name.where;
  if (token().is("(")) {
    call(e, depth);
    return e;
  }
  if (token().is("[")) subscript(e);
  if (e.text == "t") fail(cell_, name.where, "'t' is the step, not a value", "it stands only in [t-1]");
  if (find_function(e.text)) {
    fail(cell_, name.where, "function '" + e.text + "' needs its arguments", "write " + e.text + "(…)");
  }
  if (is_keyword(e.text))
    fail(cell_, name.where, "'" + e.text + "' is a word of the language", "choose another name");
  return e;
}

void Parser::call(Expr& e, int depth) {
  e.kind = Expr::Kind::kCall;
  const Function* function = find_function(e.text);
  if (!function) {
    // softmax_j and sum_j run over a sequence's index.
    for (const std::string_view over : {"softmax", "sum"}) {
      const std::string prefix = std::string(over) + "_";
      if (e.text.compare(0, prefix.size(), prefix) == 0 && e.text.size() > prefix.size()) {
        e.index = e.text.substr(prefix.size());
        function = find_function(over);
      }
    }
  }
  if (!function) {
    std::vector<std::string> known = function_names();
    std::string hint = did_you_mean(e.text, known);
    if (hint.empty()) {
      hint = "functions are";
      for (const std::string& f : known) hint += " " + f;
    }
    fail(cell_, e.mark, "unknown function '" + e.text + "'", hint);
  }
  e.text = std::string(function->name);
  const Token open = take();
  if (!token().is(")")) {
    do {
      e.args.push_back(expression(depth + 1));
      e.height = std::max(e.height, e.args.back().height + 1);
    } while (accept(","));
  }
  const Token close = expect(")", "to close the ( at column " + std::to_string(open.where.column));
  check_depth(e.height, e.mark);
  e.where = span(e.mark, close.where);
  if (static_cast<int>(e.args.size()) != function->arity) {
    const std::string form = e.text == "every"      ? "every(periods, new, old)"
                             : function->arity == 0 ? e.text + "()"
                             : function->arity == 1 ? e.text + "(a)"
                                                    : e.text + "(a, b)";
    fail(cell_, e.where,
         "function '" + e.text + "' takes " + std::to_string(function->arity) +
             (function->arity == 1 ? " argument, found " : " arguments, found ") +
             std::to_string(e.args.size()),
         "write " + form);
  }
}

void Parser::subscript(Expr& e) {
  const Token open = take();
  const std::string hint = "a past value is " + e.text + "[t-1]; a product over a list is W·[a, b]";
  if (token().kind != Token::Kind::kName)
    fail(cell_, token().where, "expected t-1 or an index, found " + found(), hint);
  const Token inner = take();
  if (inner.text != "t") {
    e.index = inner.text;
  } else if (accept("-")) {
    const Token steps = token();
    if (steps.kind != Token::Kind::kNumber)
      fail(cell_, steps.where, "expected a number of steps, found " + found(), hint);
    take();
    if (steps.text.find_first_not_of("0123456789") != std::string::npos || steps.number < 1 ||
        steps.number > kMaxDelay) {
      fail(cell_, steps.where, "a delay is 1 to " + std::to_string(kMaxDelay) + " steps, found " + steps.text,
           "make a longer delay from several named lines");
    }
    e.delay = static_cast<int>(steps.number);
  } else if (token().is("]")) {
    fail(cell_, span(open.where, token().where), "the value at step t is the bare name", "write " + e.text);
  } else if (token().is("+")) {
    fail(cell_, token().where, "a step cannot read the future", "a past value is " + e.text + "[t-1]");
  }
  if (!token().is("]")) fail(cell_, token().where, "expected ] after the subscript, found " + found(), hint);
  const Token close = take();
  e.where = span(e.where, close.where);
}

}  // namespace cellwright::syntax
