// parse.cpp: statements, one a line. Start at Parser::cell.
#include "language/parse.h"

#include <algorithm>

#include "language/check.h"
#include "language/diagnostic.h"
#include "language/functions.h"
#include "language/parser.h"

namespace cellwright::syntax {

bool Parser::accept(std::string_view symbol) {
  if (!token().is(symbol)) return false;
  take();
  return true;
}

bool Parser::accept_word(std::string_view word) {
  if (token().kind != Token::Kind::kName || token().text != word) return false;
  take();
  return true;
}

std::string Parser::found() const {
  switch (token().kind) {
    case Token::Kind::kNewline:
    case Token::Kind::kComment:
      return "the end of the line";
    case Token::Kind::kEnd:
      return "the end of the text";
    default:
      return "'" + token().text + "'";
  }
}

Token Parser::expect(std::string_view symbol, const std::string& context) {
  if (!token().is(symbol)) {
    fail(cell_, token().where, "expected '" + std::string(symbol) + "' " + context + ", found " + found());
  }
  return take();
}

Name Parser::name(const std::string& what) {
  if (token().kind != Token::Kind::kName)
    fail(cell_, token().where, "expected " + what + ", found " + found());
  Name n;
  n.where = token().where;
  n.text = take().text;
  return n;
}

Name Parser::new_name(const std::string& what) {
  Name n = name(what);
  if (is_reserved(n.text)) {
    fail(cell_, n.where,
         "'" + n.text + "' is a " + (is_keyword(n.text) ? "word" : "function") + " of the language",
         "choose another name");
  }
  return n;
}

std::vector<Name> Parser::names(const std::string& what) {
  std::vector<Name> all;
  do all.push_back(new_name(what));
  while (accept(","));
  return all;
}

Number Parser::number() {
  Number n;
  n.where = token().where;
  const bool negative = accept("-");
  if (token().kind != Token::Kind::kNumber) fail(cell_, token().where, "expected a number, found " + found());
  const Token t = take();
  n.where = span(n.where, t.where);
  n.value = negative ? -t.number : t.number;
  n.text = (negative ? "-" : "") + t.text;
  return n;
}

std::vector<Number> Parser::numbers() {
  std::vector<Number> all;
  do all.push_back(number());
  while (accept(","));
  return all;
}

void Parser::cell() {
  bool in_description = true;
  while (token().kind != Token::Kind::kEnd) {
    statement();
    const Statement& s = cell_.statements.back();
    if (s.kind == Statement::Kind::kComment && in_description) {
      if (!cell_.description.empty()) cell_.description += '\n';
      std::string_view line = s.comment;
      if (!line.empty() && line.front() == ' ') line.remove_prefix(1);
      cell_.description += line;
    } else if (!cell_.description.empty() || s.kind != Statement::Kind::kBlank) {
      in_description = false;
    }
  }
  if (!header_seen_) {
    fail(cell_, token().where, "the text holds no cell",
         "begin with 'cell NAME(x) -> h', then one equation a line");
  }
  while (!cell_.statements.empty() && cell_.statements.back().kind == Statement::Kind::kBlank) {
    cell_.statements.pop_back();
  }
}

void Parser::statement() {
  Statement s;
  s.where = token().where;
  if (token().ends_line()) {
    s.kind = token().kind == Token::Kind::kComment ? Statement::Kind::kComment : Statement::Kind::kBlank;
  } else if (token().kind != Token::Kind::kName) {
    fail(cell_, token().where, "expected a name or a word of the language, found " + found(),
         "a line is NAME = …, or begins with cell, param, const, size, start, init, where, option, share, "
         "zone or loss");
  } else if (is_keyword(token().text) && !ahead(1).is("=") && !ahead(1).is(",")) {
    keyword_statement(s);
  } else {
    if (!header_seen_) {
      fail(cell_, token().where, "equations come after the line 'cell NAME(inputs) -> outputs'",
           "begin with 'cell NAME(x) -> h'");
    }
    equation(s);
  }
  end_statement(s);
  cell_.statements.push_back(std::move(s));
}

void Parser::end_statement(Statement& s) {
  if (token().kind == Token::Kind::kComment) {
    s.has_comment = true;
    s.comment = take().text;
  }
  if (token().kind == Token::Kind::kEnd) return;
  if (token().kind != Token::Kind::kNewline) {
    const bool adjacent = token().kind == Token::Kind::kName || token().kind == Token::Kind::kNumber ||
                          token().is("(") || token().is("[");
    fail(cell_, token().where, "expected the end of the line, found " + found(),
         token().is("|")   ? "alternatives stand in parentheses: (A | B)"
         : token().is("=") ? "one equation a line"
         : adjacent        ? "between two values stands an operator: · ⊙ + - /"
                           : "one statement a line");
  }
  take();
}

void Parser::keyword_statement(Statement& s) {
  using Kind = Statement::Kind;
  const Token keyword = take();
  const std::string& word = keyword.text;
  if (word == "cell") return header(s);
  if (word == "language") {
    s.kind = Kind::kLanguage;
    s.numbers.push_back(number());
    const double version = s.numbers[0].value;
    if (version != kLanguageVersion) {
      fail(cell_, s.numbers[0].where, "language " + s.numbers[0].text + " is not known here",
           "this program reads language " + std::to_string(kLanguageVersion));
    }
    cell_.language = static_cast<int>(version);
    return;
  }
  if (word == "when" || word == "generating" || word == "t") {
    fail(cell_, keyword.where, "'" + word + "' begins no line", "write 'NAME = … when generating'");
  }
  if (!header_seen_) {
    fail(cell_, keyword.where, "'" + word + "' comes after the line 'cell NAME(inputs) -> outputs'",
         "begin with 'cell NAME(x) -> h'");
  }
  if (word == "param" || word == "share") {
    s.kind = word == "param" ? Kind::kParam : Kind::kShare;
    s.names = names("a parameter's name");
  } else if (word == "const" || word == "option") {
    s.kind = word == "const" ? Kind::kConst : Kind::kOption;
    s.names.push_back(new_name("a name"));
    expect("=", "and then numbers");
    s.numbers = numbers();
  } else if (word == "size") {
    s.kind = Kind::kSize;
    s.names = names("the name of a line");
    expect("=", "and then the size's name");
    if (token().kind == Token::Kind::kNumber) {
      s.numbers.push_back(number());
    } else {
      s.word = name("a size's name, 'units' or a number");
    }
  } else if (word == "start") {
    s.kind = Kind::kStart;
    s.names = names("a state's name");
    expect("=", "and then a number or a parameter");
    if (token().kind == Token::Kind::kName) {
      s.word = new_name("a parameter's name");
    } else {
      s.numbers = numbers();
    }
  } else if (word == "init") {
    init(s);
  } else if (word == "where") {
    s.kind = Kind::kWhere;
    s.names = names("a matrix' name");
    expect("=", "and then block_upper(…) or block_diagonal(…)");
    s.word = name("block_upper or block_diagonal");
    if (s.word.text != "block_upper" && s.word.text != "block_diagonal") {
      fail(cell_, s.word.where, "unknown structure '" + s.word.text + "'",
           "structures are block_upper(periods) and block_diagonal(heads)");
    }
    expect("(", "and then the number of blocks or an option");
    if (token().kind == Token::Kind::kName) {
      s.argument = new_name("an option's name");
    } else {
      s.numbers.push_back(number());
    }
    expect(")", "to close " + s.word.text + "(");
  } else if (word == "zone") {
    zone(s);
  } else {
    s.kind = Kind::kLoss;
    s.names.push_back(new_name("the loss' name"));
    expect("=", "and then the loss");
    s.value = expression(1);
  }
}

void Parser::header(Statement& s) {
  s.kind = Statement::Kind::kHeader;
  if (header_seen_) fail(cell_, s.where, "a second 'cell' line", "one cell a text");
  header_seen_ = true;
  const Name cell_name = name("the cell's name");
  cell_.name = cell_name.text;
  cell_.name_where = cell_name.where;
  expect("(", "and then the inputs");
  if (!token().is(")")) {
    do {
      const Name n = new_name("an input's name");
      Port p;
      p.name = n.text;
      p.where = n.where;
      if (accept("[")) {
        p.index = new_name("an index such as j").text;
        expect("]", "after the index");
      }
      p.optional = accept("?");
      cell_.inputs.push_back(p);
    } while (accept(","));
  }
  expect(")", "to close the inputs");
  expect("->", "and then the outputs");
  do {
    const Name n = new_name("an output's name");
    Port p;
    p.name = n.text;
    p.where = n.where;
    cell_.outputs.push_back(p);
  } while (accept(","));
}

void Parser::equation(Statement& s) {
  s.kind = Statement::Kind::kEquation;
  do {
    Name n = new_name("a name");
    if (token().is("[")) {
      const Token open = take();
      if (token().kind == Token::Kind::kName && token().text == "t") {
        fail(cell_, open.where, "a line defines the value at step t", "write " + n.text + " = …");
      }
      n.index = new_name("an index such as j").text;
      expect("]", "after the index");
    }
    s.names.push_back(n);
  } while (accept(","));
  if (!token().is("=")) {
    fail(cell_, token().where, "expected '=' after the name, found " + found(), "a line is NAME = …");
  }
  take();
  s.value = expression(1);
  if (accept_word("when")) {
    if (!accept_word("generating")) {
      fail(cell_, token().where, "expected 'generating' after 'when', found " + found(),
           "write 'when generating'");
    }
    s.when_generating = true;
  }
}

void Parser::init(Statement& s) {
  s.kind = Statement::Kind::kInit;
  do {
    Name n = new_name("a parameter's name");
    if (accept("[")) {
      n.block = new_name("the operand that the columns meet").text;
      if (accept("[")) {
        if (!accept_word("t") || !accept("-")) fail(cell_, token().where, "expected t-1, found " + found());
        const Number steps = number();
        if (steps.value < 1 || steps.value > kMaxDelay || steps.value != static_cast<int>(steps.value)) {
          fail(cell_, steps.where,
               "a delay is 1 to " + std::to_string(kMaxDelay) + " steps, found " + steps.text);
        }
        n.block_delay = static_cast<int>(steps.value);
        expect("]", "after the delay");
      }
      const Token close = expect("]", "after the operand's name");
      n.where = span(n.where, close.where);
    }
    s.names.push_back(n);
  } while (accept(","));
  expect("=", "and then how the parameter starts");
  if (token().kind != Token::Kind::kName) {
    s.numbers.push_back(number());
    return;
  }
  s.word = name("an initialisation");
  static const std::vector<std::string> kWords = {"uniform",  "normal", "orthogonal",
                                                  "identity", "glorot", "chrono"};
  const auto known = std::find(kWords.begin(), kWords.end(), s.word.text);
  if (known == kWords.end()) {
    const std::string hint = did_you_mean(s.word.text, kWords);
    fail(cell_, s.word.where, "unknown initialisation '" + s.word.text + "'",
         hint.empty()
             ? "known are a number, uniform(a, b), normal(m, s), orthogonal, identity, glorot, chrono(T)"
             : hint);
  }
  const std::size_t wanted = s.word.text == "chrono" ? 1 : known - kWords.begin() < 2 ? 2 : 0;
  if (accept("(")) {
    if (!token().is(")")) s.numbers = numbers();
    const Token close = expect(")", "to close " + s.word.text + "(");
    s.word.where = span(s.word.where, close.where);
  }
  if (s.numbers.size() != wanted) {
    fail(cell_, s.word.where,
         "'" + s.word.text + "' takes " + std::to_string(wanted) + " numbers, found " +
             std::to_string(s.numbers.size()),
         "write uniform(a, b), normal(mean, deviation), chrono(T), orthogonal, identity or glorot");
  }
}

void Parser::zone(Statement& s) {
  s.kind = Statement::Kind::kZone;
  do {
    if (accept("(")) {
      s.groups.push_back(names("a state's name"));
      expect(")", "to close the group");
    } else {
      s.groups.push_back({new_name("a state's name")});
    }
  } while (accept(","));
}

Cell parse_syntax(std::string_view text, const std::string& file_name) {
  Cell cell;
  cell.file = file_name;
  std::vector<Token> tokens = lex(cell, text);
  Parser(cell, std::move(tokens)).cell();
  return cell;
}

Cell parse_cell(std::string_view text, const std::string& file_name) {
  Cell cell = parse_syntax(text, file_name);
  check(cell);
  return cell;
}

}  // namespace cellwright::syntax
