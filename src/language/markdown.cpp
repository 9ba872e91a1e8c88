// markdown.cpp: a cell as a page: what it is, its equations, its parameters. Start at print_markdown().
//
// Always holds: formulas stand in GitHub's and GitLab's own marks (```math and $`…`$), inside which no sign
// is Markdown; prose is escaped, so that a cell's comment cannot break the page.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "language/check.h"
#include "language/names.h"
#include "language/print.h"
#include "language/shapes.h"

namespace cellwright::syntax {
namespace {

std::string formula(const std::string& latex) { return "$`" + latex + "`$"; }

// In a cell of a table a bar ends the cell, in a formula too; \vert is the same sign.
std::string in_table(std::string latex) {
  for (std::size_t at = latex.find('|'); at != std::string::npos; at = latex.find('|', at)) {
    latex.replace(at, 1, "\\vert ");
  }
  return formula(latex);
}

std::string grouped(double value) {
  std::string digits = fmt::format("{:.0f}", value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

const Statement* init_of(const Cell& cell, const std::string& name, std::vector<std::string>* starts) {
  const Statement* last = nullptr;
  for (const Statement& s : cell.statements) {
    if (s.kind != Statement::Kind::kInit) continue;
    for (const Name& n : s.names) {
      if (n.text != name) continue;
      std::string how = latex_start(s);
      how.erase(0, how.find(' ') + 1);  // the arrow
      if (!n.block.empty())
        how += " \\text{ for } " +
               latex_name(n.block, n.block_delay > 0 ? "t-" + std::to_string(n.block_delay) : std::string());
      starts->push_back(in_table(how));
      last = &s;
    }
  }
  return last;
}

std::string start_of(const Cell& cell, const std::string& name, bool matrix) {
  std::vector<std::string> starts;
  if (init_of(cell, name, &starts)) return fmt::format("{}", fmt::join(starts, ", "));
  const bool bias = !matrix && (name == "b" || name.compare(0, 2, "b_") == 0);
  return bias ? "0" : "default";
}

std::string structure_of(const Cell& cell, const std::string& name) {
  for (const Statement& s : cell.statements) {
    if (s.kind != Statement::Kind::kWhere) continue;
    for (const Name& n : s.names) {
      if (n.text == name)
        return s.word.text == "block_upper" ? ", block upper triangular" : ", block diagonal";
    }
  }
  return "";
}

// What a matrix meets, as written at its first use.
std::string operand_of(const Cell& cell, const std::string& name) {
  std::string found;
  for (const Statement& s : cell.statements) {
    each_part(s.value, [&](const Expr& e) {
      if (found.empty() && e.kind == Expr::Kind::kProduct && e.args[0].text == name)
        found = in_table(latex_expression(cell, e.args[1]));
    });
  }
  return found;
}

/// One way to make the cell: its optional inputs absent or present.
struct Form {
  std::string when;  ///< "" where there is one form
  CellShapes shapes;

  const ParameterShape* find(const std::string& name) const {
    for (const ParameterShape& p : shapes.parameters) {
      if (p.name == name) return &p;
    }
    return nullptr;
  }
};

std::vector<Form> forms_of(const Cell& cell) {
  std::string optional;
  for (const syntax::Port& p : cell.inputs) {
    if (p.optional) optional += (optional.empty() ? "" : ", ") + formula(latex_name(p.name));
  }
  std::vector<Form> forms;
  for (const bool present : {false, true}) {
    if (present && optional.empty()) break;
    std::optional<CellShapes> shapes = shapes_of(cell, present);
    if (!shapes) return {};
    forms.push_back(
        {optional.empty() ? "" : (present ? "with " : "without ") + optional, std::move(*shapes)});
  }
  return forms;
}

std::string shape_text(const ParameterShape& p, const CellShapes& shapes) {
  const std::string rows = latex_formula(p.rows, shapes.letters, p.matrix);
  return in_table(p.matrix ? rows + " \\times " + latex_formula(p.columns, shapes.letters, true) : rows);
}

std::string parameter_row(const Cell& cell, const std::string& name, bool matrix,
                          const std::vector<Form>& forms) {
  std::string row = "| " + in_table(latex_name(name));
  if (!forms.empty()) {
    const Form* where = nullptr;
    std::size_t in = 0;
    for (const Form& form : forms) {
      if (!form.find(name)) continue;
      if (!where) where = &form;
      ++in;
    }
    const ParameterShape* p = where ? where->find(name) : nullptr;
    row += " | " + (p ? shape_text(*p, where->shapes) : std::string());
    if (p && in < forms.size()) row += ", only " + where->when;
    row += structure_of(cell, name) + " | " +
           (p ? in_table(latex_formula(p->count, where->shapes.letters)) : std::string());
  } else {
    row += std::string(" | ") + (matrix ? "matrix" : "vector") + structure_of(cell, name);
  }
  return row + " | " + (matrix ? operand_of(cell, name) : "") + " | " + start_of(cell, name, matrix) + " |\n";
}

// The number for sizes that one would take: 128 units, 64 numbers of each input, 128 of any other size.
std::string total_text(const Form& form) {
  std::vector<double> values;
  std::string sizes, meanings;
  for (const Letter& letter : form.shapes.letters) {
    values.push_back(letter.latex.front() == 'I' ? 64 : 128);
    const char* between = sizes.empty() ? "" : ", ";
    sizes += between + formula(letter.latex + fmt::format(" = {}", values.back()));
    meanings += between + formula(letter.latex) + " " + escape_markdown(letter.meaning);
  }
  return formula(latex_formula(form.shapes.total, form.shapes.letters)) + " for " + meanings + "; " +
         grouped(form.shapes.total.value(values)) + " at " + sizes;
}

}  // namespace

std::string escape_markdown(const std::string& text) {
  const auto is_word = [&](std::size_t i) {
    const auto c = static_cast<unsigned char>(i < text.size() ? text[i] : ' ');
    return std::isalnum(c) || c >= 0x80;
  };
  // `units` is code, and stays it, where every mark has its partner.
  const bool code_marks = std::count(text.begin(), text.end(), '`') % 2 == 0;
  bool in_code = false;
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool mark = c == '`' && code_marks;
    if (mark) in_code = !in_code;
    const bool special = std::string_view("\\`*_{}[]<>|#$~").find(c) != std::string_view::npos;
    const bool inside_word = c == '_' && i > 0 && is_word(i - 1) && is_word(i + 1);  // lstm_coupled
    if (special && !mark && !in_code && !inside_word) out += '\\';
    out += c;
  }
  return out;
}

std::string total_parameters(const Cell& cell) {
  std::string out;
  for (const Form& form : forms_of(cell)) {
    if (out.find(latex_formula(form.shapes.total, form.shapes.letters)) != std::string::npos) continue;
    out += (out.empty() ? "" : ", ") + in_table(latex_formula(form.shapes.total, form.shapes.letters)) +
           (form.when.empty() ? "" : " " + form.when);
  }
  return out;
}

std::string print_markdown(const Cell& cell, int level) {
  const Symbols symbols = check(cell);
  std::string out =
      std::string(static_cast<std::size_t>(level), '#') + " " + escape_markdown(cell.name) + "\n\n";
  if (!cell.description.empty()) out += escape_markdown(cell.description) + "\n\n";
  out += "```math\n" + print_latex(cell) + "```\n";
  if (symbols.parameters.empty()) return out;
  const std::vector<Form> forms = forms_of(cell);
  out += forms.empty() ? "\n| parameter | kind | meets | starts as |\n|---|---|---|---|\n"
                       : "\n| parameter | shape | entries | meets | starts as |\n|---|---|---|---|---|\n";
  for (const std::string& name : symbols.parameters)
    out += parameter_row(cell, name, symbols.find(name)->kind == NameKind::kMatrix, forms);
  if (forms.empty()) return out;
  for (const Form& form : forms)
    out += (form.when.empty() ? "\nParameters: " : "\nParameters " + form.when + ": ") + total_text(form) +
           ".\n";
  return out;
}

}  // namespace cellwright::syntax
