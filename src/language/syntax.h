// syntax.h: a cell's text as a tree, before anything is known about sizes.
//
// Where to start: Cell, then Statement and Expr. Always holds: names are NFC and in their Unicode spelling
// ("C̃" whether the text said C̃ or C~); functions are in their ASCII spelling ("sigmoid" for σ); a tree is at
// most kMaxHeight high, so that walks may recurse. Statements keep the order of the text, comments and blank
// lines among them, so that it can be printed again.
#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"

namespace cellwright::syntax {

/// Stated limits; text beyond them is refused with a CellError.
inline constexpr std::size_t kMaxBytes = 65536;  ///< of a cell's text
inline constexpr int kMaxLines = 1000;
inline constexpr int kMaxLineLength = 2000;  ///< code points
inline constexpr int kMaxNameLength = 64;    ///< code points
inline constexpr int kMaxHeight = 120;       ///< of an expression's tree: parentheses, calls, links of a sum
inline constexpr int kMaxDelay = 8;          ///< h[t-8]
inline constexpr int kLanguageVersion = 1;

struct Expr {
  enum class Kind : std::uint8_t {
    kNumber,       ///< 0.5
    kName,         ///< h, h[t-1] (delay 1), y[j] (index "j")
    kCall,         ///< tanh(x); softmax_j(…) has text "softmax" and index "j"
    kNegate,       ///< -a
    kBinary,       ///< text is "+", "-", "*" (⊙) or "/"
    kProduct,      ///< args[0]·args[1]; args[0] is a plain kName
    kList,         ///< [a, b]
    kAlternative,  ///< (a | b)
  };
  Kind kind = Kind::kNumber;
  std::string text;            ///< name, function, operator, or the number as written
  double number = 0;           ///< kNumber
  int delay = 0;               ///< kName: k of [t-k], 0 for the value at step t
  std::string index;           ///< kName, kCall: sequence index
  bool parenthesised = false;  ///< stood in parentheses of its own
  int height = 1;
  std::vector<Expr> args;
  SourceRange where;  ///< the whole expression
  SourceRange mark;   ///< its operator, or the function's or matrix' name
};

/// A name that a statement defines or speaks about.
struct Name {
  std::string text;
  std::string index;    ///< s[j] on the left of an equation, y[j] as a port
  std::string block;    ///< init W[h]: "h"
  int block_delay = 0;  ///< init W[h[t-1]]: 1
  SourceRange where;
};

struct Number {
  double value = 0;
  std::string text;  ///< as written, sign included
  SourceRange where;
};

struct Statement {
  enum class Kind : std::uint8_t {
    kBlank,
    kComment,   ///< a line of its own; the text is in `comment`
    kLanguage,  ///< language 1
    kHeader,    ///< cell NAME(inputs) -> outputs
    kEquation,  ///< names = value [when generating]
    kLoss,      ///< loss name = value
    kParam,     ///< param names
    kConst,     ///< const name = numbers
    kOption,    ///< option name = numbers
    kSize,      ///< size names = word | numbers[0]
    kStart,     ///< start names = word | numbers
    kInit,      ///< init names = numbers[0] | word | word(numbers)
    kWhere,     ///< where names = word(argument | numbers[0])
    kShare,     ///< share names
    kZone,      ///< zone groups
  };
  Kind kind = Kind::kBlank;
  std::vector<Name> names;
  Expr value;
  bool when_generating = false;
  Name word;
  Name argument;
  std::vector<Number> numbers;
  std::vector<std::vector<Name>> groups;
  std::string comment;  ///< what follows '#', blanks at its end removed
  bool has_comment = false;
  SourceRange where;  ///< the first word
};

struct Port {
  std::string name;
  bool optional = false;  ///< in?
  std::string index;      ///< y[j]
  SourceRange where;
};

struct Cell {
  std::string file;  ///< as given to parse_cell
  std::string text;  ///< NFC
  std::string name;
  SourceRange name_where;
  std::string description;  ///< the first comment block, without '#'
  int language = kLanguageVersion;
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  std::vector<Statement> statements;
};

}  // namespace cellwright::syntax
