// lower_parameters.cpp: parameters in the order of the text: their variables, structure, shape and start.
#include <algorithm>
#include <cmath>

#include "cellwright/error.h"
#include "language/diagnostic.h"
#include "language/lowering.h"

namespace cellwright {

using syntax::Expr;
using syntax::fail;
using syntax::Name;
using syntax::NameKind;
using syntax::quoted;
using syntax::Statement;
using syntax::Symbol;

std::vector<std::string> operand_labels(const Expr& operand) {
  const auto label = [](const Expr& part) {
    if (part.kind != Expr::Kind::kName) return std::string();
    return part.delay > 0 ? part.text + "[t-" + std::to_string(part.delay) + "]" : part.text;
  };
  if (operand.kind != Expr::Kind::kList) return {label(operand)};
  std::vector<std::string> labels;
  for (const Expr& part : operand.args) labels.push_back(label(part));
  return labels;
}

void Lowering::collect_parameters() {
  const auto use = [&](const std::string& name, SourceRange where) {
    const Symbol* symbol = symbols_.find(name);
    if (!symbol || (symbol->kind != NameKind::kVector && symbol->kind != NameKind::kMatrix)) return;
    if (!parameter_of_.emplace(name, static_cast<int>(graph_.parameters.size())).second) return;
    Parameter p;
    p.name = name;
    p.matrix = symbol->kind == NameKind::kMatrix;
    p.bias = !p.matrix && (name == "b" || name.compare(0, 2, "b_") == 0);
    p.where = where;
    graph_.parameters.push_back(p);
    parameter_sizes_.push_back({sizes_.fresh(), p.matrix ? sizes_.fresh() : -1, {}});
  };
  // Statements of the resolved cell in the order of the text; a start stands among them where the text has
  // it.
  auto line = lines_.begin();
  for (const Statement& s : cell_.statements) {
    if (s.kind == Statement::Kind::kStart && !s.word.text.empty()) {
      const bool read = std::any_of(s.names.begin(), s.names.end(), [&](const Name& n) {
        return state_of_.count({n.text, 1}) > 0;
      });
      if (read) use(s.word.text, s.word.where);
    }
    if (line == lines_.end() || line->where.line != s.where.line) continue;
    syntax::each_part(line->value, [&](const Expr& e) {
      if (e.kind == Expr::Kind::kName) use(e.text, e.where);
    });
    ++line;
  }
}

int Lowering::block_count(const Statement& s) const {
  double count = 0;
  SourceRange where = s.argument.where;
  if (s.argument.text.empty()) {
    count = s.numbers[0].value;
    where = s.numbers[0].where;
  } else {
    // A list of periods has a block each; a single number that is no clock says how many blocks.
    const std::vector<double>& values = numbers_.at(s.argument.text);
    bool clock = false;
    for (const Statement& l : cell_.statements) {
      syntax::each_part(l.value, [&](const Expr& e) {
        clock |= e.kind == Expr::Kind::kCall && e.text == "every" && e.args[0].text == s.argument.text;
      });
    }
    count = clock || values.size() > 1 ? static_cast<double>(values.size()) : values[0];
  }
  if (!(count >= 1 && count <= syntax::kMaxSize && count == std::floor(count))) {
    fail(cell_, where, "the number of blocks is no whole number of at least 1",
         "write block_diagonal(heads) with 'option heads = 2'");
  }
  return static_cast<int>(count);
}

void Lowering::structure_parameters() {
  for (const Statement& s : cell_.statements) {
    if (s.kind != Statement::Kind::kWhere) continue;
    const int blocks = block_count(s);
    for (const Name& n : s.names) {
      const auto at = parameter_of_.find(n.text);
      if (at == parameter_of_.end()) continue;  // stands on the side of a | that was not taken
      Parameter& p = graph_.parameters[static_cast<std::size_t>(at->second)];
      if (p.structure != Structure::kDense)
        fail(cell_, n.where, quoted(n.text) + " has a structure already", "name it once");
      if (parameter_sizes_[static_cast<std::size_t>(at->second)].blocks.size() > 1) {
        fail(cell_, n.where, "block matrix " + quoted(n.text) + " meets a list",
             "give each operand a matrix of its own: U·h[t-1] + W·x");
      }
      p.structure = s.word.text == "block_upper" ? Structure::kBlockUpper : Structure::kBlockDiagonal;
      p.blocks = blocks;
      structure_where_[p.name] = n.where;
    }
  }
}

void Lowering::finish_parameters() {
  for (std::size_t i = 0; i < graph_.parameters.size(); ++i) {
    Parameter& p = graph_.parameters[i];
    ParameterSizes& sizes = parameter_sizes_[i];
    p.rows = sizes_.value(sizes.rows);
    if (p.matrix) p.columns = sizes_.value(sizes.columns);
    if (p.rows == 0 || p.columns == 0) {
      fail(cell_, p.where, "the size of " + quoted(p.name) + " follows from nothing",
           "name a size: 'size LINE = units'");
    }
    int column = 0;
    for (const auto& [name, v] : sizes.blocks) {
      p.column_blocks.push_back({name, column, sizes_.value(v), {}});
      column += sizes_.value(v);
    }
    if (p.structure == Structure::kDense) continue;
    if (p.rows % p.blocks != 0 || p.columns % p.blocks != 0) {
      fail(cell_, structure_where_.at(p.name),
           "matrix " + quoted(p.name) + ", " + std::to_string(p.rows) + " × " + std::to_string(p.columns) +
               ", does not fall into " + std::to_string(p.blocks) + " equal blocks",
           "make both sizes multiples of " + std::to_string(p.blocks));
    }
  }
}

// The columns that W[h] means: those of the operand h, or else of a past value of h. Null if the operand
// stands on the side of a | that was not taken.
ColumnBlock* Lowering::column_block(Parameter& p, const Name& n) {
  const std::string exact = n.block + (n.block_delay > 0 ? "[t-" + std::to_string(n.block_delay) + "]" : "");
  std::vector<std::string> known;
  const auto find = [&](const std::vector<Statement>& statements) {
    int at = -1;
    for (const Statement& s : statements) {
      syntax::each_part(s.value, [&](const Expr& e) {
        if (at >= 0 || e.kind != Expr::Kind::kProduct || e.args[0].text != p.name) return;
        const std::vector<std::string> labels = operand_labels(e.args[1]);
        for (std::size_t i = 0; i < labels.size(); ++i) {
          known.push_back(labels[i]);
          if (labels[i] == exact) at = static_cast<int>(i);
        }
        for (std::size_t i = 0; i < labels.size(); ++i) {
          if (at < 0 && n.block_delay == 0 && labels[i].compare(0, exact.size() + 1, exact + "[") == 0)
            at = static_cast<int>(i);
        }
      });
    }
    return at;
  };
  const int at = find(lines_);
  if (at >= 0 && at < static_cast<int>(p.column_blocks.size()))
    return &p.column_blocks[static_cast<std::size_t>(at)];
  if (find(cell_.statements) >= 0) return nullptr;
  std::string hint = syntax::did_you_mean(exact, known);
  for (const std::string& name : known) {
    if (hint.empty() && !name.empty()) hint = "one of its operands is " + quoted(name);
  }
  fail(cell_, n.where, quoted(n.text) + " meets no operand " + quoted(exact), hint);
}

void Lowering::initialize_parameters() {
  using Kind = Initializer::Kind;
  for (const Statement& s : cell_.statements) {
    if (s.kind != Statement::Kind::kInit) continue;
    Initializer start;
    static const std::map<std::string, Kind> kKinds = {
        {"", Kind::kConstant},         {"uniform", Kind::kUniform},
        {"normal", Kind::kNormal},     {"orthogonal", Kind::kOrthogonal},
        {"identity", Kind::kIdentity}, {"glorot", Kind::kGlorot},
        {"chrono", Kind::kChrono}};
    start.kind = kKinds.at(s.word.text);
    if (!s.numbers.empty()) start.a = s.numbers[0].value;
    if (s.numbers.size() > 1) start.b = s.numbers[1].value;
    if (start.kind == Kind::kUniform && start.a > start.b) {
      fail(cell_, s.word.where, "uniform's low end lies above its high end", "write uniform(low, high)");
    }
    if (start.kind == Kind::kNormal && start.b < 0) {
      fail(cell_, s.word.where, "normal's deviation is negative", "write normal(mean, deviation)");
    }
    if (start.kind == Kind::kChrono && start.a < 2) {
      fail(cell_, s.word.where, "chrono(T) needs a T of at least 2",
           "T is the longest dependency expected, in steps");
    }
    const bool for_matrix =
        start.kind == Kind::kOrthogonal || start.kind == Kind::kIdentity || start.kind == Kind::kGlorot;
    for (const Name& n : s.names) {
      const auto at = parameter_of_.find(n.text);
      if (at == parameter_of_.end()) continue;
      Parameter& p = graph_.parameters[static_cast<std::size_t>(at->second)];
      if (for_matrix && !p.matrix)
        fail(cell_, n.where, s.word.text + " starts a matrix, " + quoted(n.text) + " is a vector",
             "start it with a number");
      if (start.kind == Kind::kChrono && p.matrix)
        fail(cell_, n.where, "chrono starts a vector, " + quoted(n.text) + " is a matrix");
      if (n.block.empty()) {
        p.initializer = start;
        continue;
      }
      ColumnBlock* found = column_block(p, n);
      if (!found) continue;
      found->initializer = start;
    }
  }
}

}  // namespace cellwright
