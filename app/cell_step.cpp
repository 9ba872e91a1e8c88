// cell_step.cpp: `cellwright cell step`: parameters, then every equation of every step worked out.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/rng.h"
#include "base/utf8.h"
#include "cell_commands.h"
#include "cellwright/error.h"
#include "graph/evaluate.h"
#include "graph/evaluate_node.h"
#include "language/names.h"
#include "language/resolve.h"
#include "language/signature.h"
#include "language/worked_equation.h"

namespace cellwright::app {
namespace {

constexpr int kMostUnits = 64;  // more numbers than anyone reads

std::string show_number(double value, int digits) {
  const std::string text = fmt::format("{:.{}g}", value, digits);
  return text == "-0" ? "0" : text;
}

/// "[0.5, 1]"; a true scalar without brackets.
std::string show_vector(const Vector& values, bool scalar, int digits) {
  if (scalar && values.size() == 1) return show_number(values[0], digits);
  std::string text;
  for (const double v : values) text += (text.empty() ? "" : ", ") + show_number(v, digits);
  return "[" + text + "]";
}

/// Per port and step. The first port's steps say how many there are.
std::vector<std::vector<Vector>> read_inputs(const StepRequest& request, const syntax::Cell& cell) {
  const Signature wanted = signature(cell);
  std::vector<std::vector<Vector>> inputs(wanted.inputs.size());
  for (const std::string& given : request.inputs) {
    const std::size_t at = given.find('=');
    const std::string name = given.substr(0, at);
    const auto port = std::find_if(wanted.inputs.begin(), wanted.inputs.end(),
                                   [&](const auto& i) { return i.name == name; });
    if (at == std::string::npos || port == wanted.inputs.end()) {
      throw SpecError(fmt::format(
          "--input needs NAME=NUMBERS with the name of an input of cell '{}', found '{}'", cell.name, given));
    }
    inputs[static_cast<std::size_t>(port - wanted.inputs.begin())].push_back(
        parse_numbers(given.substr(at + 1), "--input " + name));
  }
  if (wanted.inputs.empty()) return inputs;
  for (const std::string& given : request.x) inputs[0].push_back(parse_numbers(given, "--x"));
  const auto units = static_cast<std::size_t>(std::max(request.cell.units, 1));
  if (inputs[0].empty() && !wanted.inputs[0].optional) {
    inputs[0].emplace_back(units, 0.0);
    inputs[0][0][0] = 1;
  }
  for (std::size_t p = 0; p < inputs.size(); ++p) {
    if (inputs[p].empty() && wanted.inputs[p].optional) continue;
    if (inputs[p].empty()) inputs[p].assign(inputs[0].size(), Vector(units, 0.0));
    if (inputs[p].size() != inputs[0].size()) {
      throw SpecError(
          fmt::format("input '{}' was given {} times, but '{}' {} times; give both once for each step",
                      wanted.inputs[p].name, inputs[p].size(), wanted.inputs[0].name, inputs[0].size()));
    }
    for (const Vector& x : inputs[p]) {
      if (x.size() != inputs[p][0].size()) {
        throw SpecError(fmt::format("input '{}' has {} numbers at one step and {} at another",
                                    wanted.inputs[p].name, inputs[p][0].size(), x.size()));
      }
    }
  }
  return inputs;
}

/// Tenths in [-1, 1], but for what the cell's `init` sets to a number, and biases, which are 0.
Vector make_parameter(const Parameter& p, const StepRequest& request) {
  Vector values(static_cast<std::size_t>(stored_size(p)), 1.0);
  if (request.weights == "ones") return values;
  const Random random(request.cell.seed, hash_name("step." + p.name));
  const bool fixed = p.initializer.kind == Initializer::Kind::kConstant;
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = fixed ? p.initializer.a : p.bias ? 0 : (static_cast<double>(random.below(21, i)) - 10) / 10;
  }
  return values;
}

class Walk {
 public:
  Walk(const StepRequest& request, const syntax::Cell& cell, const CellBinding& binding, const Graph& graph)
      : request_(request),
        cell_(cell),
        graph_(graph),
        spelling_(request.ascii ? syntax::Spelling::kAscii : syntax::Spelling::kUnicode),
        worked_(graph, spelling_, WorkedEquations::Form::kVectors) {
    std::vector<bool> present;
    for (const int size : binding.inputs) present.push_back(size > 0);
    const std::vector<syntax::Statement> lines = syntax::resolve(cell, present);
    for (const std::size_t i : syntax::order_lines(cell, lines)) {
      if (lines[i].kind == syntax::Statement::Kind::kEquation) lines_.push_back(lines[i]);
    }
    for (const syntax::Statement& s : lines) {
      if (s.kind == syntax::Statement::Kind::kLoss) lines_.push_back(s);
    }
    for (const Parameter& p : graph.parameters) parameters_.push_back(make_parameter(p, request));
  }

  void print_parameters() const {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      const Parameter& p = graph_.parameters[i];
      const std::string head = "  " + name(p.name) + " = ";
      if (!p.matrix) {
        fmt::print("{}{}\n", head, show_vector(parameters_[i], false, request_.digits));
        continue;
      }
      std::vector<std::vector<std::string>> rows;
      std::size_t width = 1;
      for (int r = 0; r < p.rows; ++r) {
        rows.emplace_back();
        for (int c = 0; c < p.columns; ++c) {
          const std::int64_t at = stored_index(p, r, c);
          rows.back().push_back(
              at < 0 ? "." : show_number(parameters_[i][static_cast<std::size_t>(at)], request_.digits));
          width = std::max(width, rows.back().back().size());
        }
      }
      for (std::size_t r = 0; r < rows.size(); ++r) {
        std::string line = r == 0 ? head : std::string(display_width(head), ' ');
        line += "[";
        for (std::size_t c = 0; c < rows[r].size(); ++c) {
          const bool border = std::any_of(
              p.column_blocks.begin(), p.column_blocks.end(),
              [&](const ColumnBlock& b) { return b.column > 0 && b.column == static_cast<int>(c); });
          line += fmt::format("{}{:>{}}", border ? " | " : c > 0 ? " " : "", rows[r][c], width);
        }
        fmt::print("{}]{}\n", line, r == 0 ? "  over " + operands(p) : "");
      }
    }
  }

  void run(const std::vector<std::vector<Vector>>& inputs) const {
    const std::size_t steps = inputs.empty() ? 1 : std::max<std::size_t>(inputs[0].size(), 1);
    std::vector<Sequence> sequences(inputs.size());
    for (std::size_t p = 0; p < inputs.size(); ++p) {
      for (const Vector& x : inputs[p]) sequences[p].push_back({x});
    }
    const Random noise(request_.cell.seed, hash_name("step.noise"));
    const NaiveForward forward =
        naive_forward(graph_, parameters_, sequences, static_cast<int>(steps), 1, {}, 0,
                      [&](const Node& node, std::int64_t step, int, int unit) {
                        return noise.normal(hash_name(node.name) + static_cast<std::uint64_t>(unit),
                                            static_cast<std::uint64_t>(step));
                      });
    std::vector<Vector> previous = starts();
    for (std::size_t t = 0; t < steps; ++t) {
      const std::vector<Vector>& values = forward.values[t][0];
      fmt::print("\nstep {}\n", t + 1);
      for (const Port& p : graph_.inputs) {
        if (p.node != kNoNode)
          fmt::print("  {} = {}\n", name(p.name),
                     show_vector(values[static_cast<std::size_t>(p.node)], false, request_.digits));
      }
      for (std::size_t s = 0; s < graph_.states.size(); ++s) {
        const State& state = graph_.states[s];
        fmt::print("  {}{} = {}\n", name(state.name), state.delay ? "" : "[t-1]",
                   show_vector(previous[s], false, request_.digits));
      }
      for (const syntax::Statement& line : lines_) print_line(line, values, previous);
      for (std::size_t s = 0; s < previous.size(); ++s) {
        previous[s] = values[static_cast<std::size_t>(graph_.states[s].next)];
      }
    }
  }

 private:
  std::string name(const std::string& text) const { return request_.ascii ? syntax::ascii_name(text) : text; }

  static std::string operands(const Parameter& p) {
    std::string text;
    for (const ColumnBlock& b : p.column_blocks)
      text += (text.empty() ? "" : " | ") + (b.name.empty() ? "…" : b.name);
    return text;
  }

  std::vector<Vector> starts() const {
    std::vector<Vector> all;
    for (const State& s : graph_.states) {
      if (s.start_parameter >= 0) {
        all.push_back(parameters_[static_cast<std::size_t>(s.start_parameter)]);
      } else {
        all.push_back(s.start.size() == static_cast<std::size_t>(s.size)
                          ? s.start
                          : Vector(static_cast<std::size_t>(s.size), s.start.empty() ? 0 : s.start[0]));
      }
    }
    return all;
  }

  void print_line(const syntax::Statement& line, const std::vector<Vector>& values,
                  const std::vector<Vector>& previous) const {
    std::string left = line.kind == syntax::Statement::Kind::kLoss ? "  loss " : "  ";
    for (std::size_t i = 0; i < line.names.size(); ++i)
      left += (i > 0 ? ", " : "") + name(line.names[i].text);
    fmt::print("\n");
    bool first = true;
    const WorkedEquations::Numbers numbers = {
        [&](NodeId id) {
          return show_vector(values[static_cast<std::size_t>(id)], graph_[id].scalar, request_.digits);
        },
        [&](std::size_t s) { return show_vector(previous[s], false, request_.digits); }};
    for (const std::string& stage : worked_.stages(line, numbers)) {
      fmt::print("{} = {}\n", first ? left : std::string(display_width(left), ' '), stage);
      first = false;
    }
  }

  const StepRequest& request_;
  const syntax::Cell& cell_;
  const Graph& graph_;
  syntax::Spelling spelling_;
  WorkedEquations worked_;
  std::vector<syntax::Statement> lines_;
  std::vector<Vector> parameters_;
};

CellBinding binding_of(const StepRequest& request, const syntax::Cell& cell) {
  CellRequest sized = request.cell;
  sized.inputs.clear();
  for (const auto& steps : read_inputs(request, cell))
    sized.inputs.push_back(steps.empty() ? 0 : static_cast<int>(steps[0].size()));
  return make_binding(cell, sized);
}

/// The fewest units from the default on that fall into the cell's groups, where the user left it open.
StepRequest with_units_that_fit(StepRequest request, const syntax::Cell& cell) {
  if (request.units_given) return request;
  const int least = request.cell.units;
  for (; request.cell.units < least + 16; ++request.cell.units) {
    try {
      lower(cell, binding_of(request, cell));
      return request;
    } catch (const CellError&) {
      continue;
    }
  }
  request.cell.units = least;  // whose errors are the ones to tell
  return request;
}

}  // namespace

int step_cell(const StepRequest& given) {
  const syntax::Cell cell = read_cell(given.cell.cell);
  if (given.cell.units > kMostUnits) {
    throw SpecError(fmt::format("--units {} would print more numbers than anyone reads; at most {} here",
                                given.cell.units, kMostUnits));
  }
  const StepRequest request = with_units_that_fit(given, cell);
  const std::vector<std::vector<Vector>> inputs = read_inputs(request, cell);
  const CellBinding binding = binding_of(request, cell);
  const Graph graph = lower_and_warn(cell, binding);
  fmt::print("{}; weights {}{}\n\n", describe(cell, binding), request.weights == "ones" ? "all 1" : "random",
             request.weights == "ones" ? "" : fmt::format(", seed {}", request.cell.seed));
  const Walk walk(request, cell, binding, graph);
  walk.print_parameters();
  walk.run(inputs);
  return 0;
}

}  // namespace cellwright::app
