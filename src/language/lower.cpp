// lower.cpp: the way from a cell's tree to its graph. Start at Lowering::run, which lists the steps.
#include "language/lower.h"

#include <algorithm>
#include <cmath>

#include "cellwright/error.h"
#include "language/diagnostic.h"
#include "language/functions.h"
#include "language/lowering.h"
#include "language/resolve.h"

namespace cellwright {

using syntax::Expr;
using syntax::fail;
using syntax::Name;
using syntax::NameKind;
using syntax::place;
using syntax::quoted;
using syntax::Statement;
using syntax::Symbol;

Graph Lowering::run(std::vector<std::string>* warnings) {
  check_supported();
  symbols_ = syntax::check(cell_, warnings);
  check_binding();
  read_options();
  std::vector<bool> present;
  for (std::size_t i = 0; i < cell_.inputs.size(); ++i) {
    present.push_back(i < binding_.inputs.size() && binding_.inputs[i] > 0);
  }
  lines_ = syntax::resolve(cell_, present);
  syntax::check_shared(cell_, symbols_, lines_);
  const std::vector<std::size_t> order = syntax::order_lines(cell_, lines_);
  graph_.name = cell_.name;
  find_vectors();
  make_inputs();
  make_states();
  collect_parameters();
  declare_sizes();
  start_states();
  for (const std::size_t i : order) {
    if (lines_[i].kind == Statement::Kind::kEquation) line(lines_[i]);
  }
  for (const Statement& s : lines_) {
    if (s.kind == Statement::Kind::kLoss) loss(s);
  }
  for (State& state : graph_.states) {
    if (state.next == kNoNode) state.next = values_.at(state.name).node;
  }
  for (const syntax::Port& p : cell_.outputs) {
    graph_.outputs.push_back({p.name, 0, values_.at(p.name).node, false});
  }
  number_zones();
  structure_parameters();
  finish_sizes();
  finish_parameters();
  initialize_parameters();
  return std::move(graph_);
}

void Lowering::check_supported() const {
  for (const syntax::Port& p : cell_.inputs) {
    if (!p.index.empty()) {
      fail(cell_, p.where, "an input over a sequence, " + p.name + "[" + p.index + "], is not yet supported",
           "it can be read and printed, but no layer can be made of it");
    }
  }
  for (const Statement& s : cell_.statements) {
    if (s.when_generating) {
      fail(cell_, s.where, "'when generating' is not yet supported",
           "it can be read and printed, but no layer can be made of it");
    }
  }
}

void Lowering::check_binding() {
  const std::string cell = "cell " + quoted(cell_.name);
  const auto in_range = [](std::int64_t n) { return n >= 1 && n <= syntax::kMaxSize; };
  if (!in_range(binding_.units)) {
    throw SpecError(cell + ": units must lie in 1 … " + std::to_string(syntax::kMaxSize) + ", found " +
                    std::to_string(binding_.units));
  }
  if (binding_.inputs.size() > cell_.inputs.size()) {
    throw SpecError(cell + " has " + std::to_string(cell_.inputs.size()) +
                    (cell_.inputs.size() == 1 ? " input" : " inputs") + ", but sizes for " +
                    std::to_string(binding_.inputs.size()) + " were given");
  }
  for (std::size_t i = 0; i < cell_.inputs.size(); ++i) {
    const syntax::Port& p = cell_.inputs[i];
    const int size = i < binding_.inputs.size() ? binding_.inputs[i] : 0;
    if (!in_range(size) && !(size == 0 && p.optional)) {
      throw SpecError(cell + ": input " + quoted(p.name) + " needs a size in 1 … " +
                      std::to_string(syntax::kMaxSize) + ", found " +
                      (i < binding_.inputs.size() ? std::to_string(size) : "none"));
    }
  }
  std::vector<std::string> known;
  for (const Statement& s : cell_.statements) {
    if (s.kind == Statement::Kind::kSize && s.numbers.empty() && s.word.text != "units")
      known.push_back(s.word.text);
  }
  for (const std::string& name : known) {
    const auto given = binding_.sizes.find(name);
    if (given == binding_.sizes.end()) throw SpecError(cell + " needs a number for its size " + quoted(name));
    if (!in_range(given->second)) {
      throw SpecError(cell + ": size " + quoted(name) + " must lie in 1 … " +
                      std::to_string(syntax::kMaxSize) + ", found " + std::to_string(given->second));
    }
  }
  for (const auto& entry : binding_.sizes) {
    if (std::find(known.begin(), known.end(), entry.first) == known.end()) {
      const std::string hint = syntax::did_you_mean(entry.first, known);
      throw SpecError(cell + " has no size " + quoted(entry.first) + (hint.empty() ? "" : "; " + hint));
    }
  }
}

void Lowering::read_options() {
  std::vector<std::string> options;
  for (const Statement& s : cell_.statements) {
    if (s.kind != Statement::Kind::kConst && s.kind != Statement::Kind::kOption) continue;
    std::vector<double>& values = numbers_[s.names[0].text];
    for (const syntax::Number& n : s.numbers) values.push_back(n.value);
    if (s.kind == Statement::Kind::kOption) options.push_back(s.names[0].text);
  }
  for (const auto& [name, values] : binding_.options) {
    const std::string cell = "cell " + quoted(cell_.name);
    if (std::find(options.begin(), options.end(), name) == options.end()) {
      const std::string hint = syntax::did_you_mean(name, options);
      throw SpecError(cell + " has no option " + quoted(name) + (hint.empty() ? "" : "; " + hint));
    }
    const bool finite =
        std::all_of(values.begin(), values.end(), [](double v) { return std::abs(v) <= 3.4e38; });
    if (values.empty() || values.size() > syntax::kMaxBytes || !finite) {
      throw SpecError(cell + ": option " + quoted(name) + " needs one or more finite numbers");
    }
    numbers_[name] = values;
  }
}

bool Lowering::is_vector(const Expr& e) const {
  const auto any = [&] {
    return std::any_of(e.args.begin(), e.args.end(), [&](const Expr& a) { return is_vector(a); });
  };
  switch (e.kind) {
    case Expr::Kind::kNumber:
      return false;
    case Expr::Kind::kProduct:
    case Expr::Kind::kList:
      return true;
    case Expr::Kind::kName: {
      const Symbol* symbol = symbols_.find(e.text);
      if (symbol->kind == NameKind::kLine) return vectors_.count(e.text) > 0;
      const auto numbers = numbers_.find(e.text);
      return numbers == numbers_.end() || numbers->second.size() > 1;
    }
    case Expr::Kind::kCall: {
      const syntax::Function* f = syntax::find_function(e.text);
      if (f->kind == syntax::Function::Kind::kPointwise) return any();
      return f->op != Op::kSum && f->op != Op::kMean && f->op != Op::kDot;
    }
    default:
      return any();
  }
}

// A line is a vector if a vector flows into it, perhaps through its own past; what never meets one is a
// scalar.
void Lowering::find_vectors() {
  for (const Statement& s : cell_.statements) {
    const bool list =
        s.numbers.size() > 1 ||
        (!s.word.text.empty() && !(numbers_.count(s.word.text) && numbers_.at(s.word.text).size() == 1));
    if (s.kind != Statement::Kind::kSize && !(s.kind == Statement::Kind::kStart && list)) continue;
    for (const Name& n : s.names) vectors_.insert(n.text);
  }
  for (bool grown = true; grown;) {
    grown = false;
    for (const Statement& s : lines_) {
      if (s.kind != Statement::Kind::kEquation) continue;
      // A declaration may have named only some of a split's parts.
      const auto known = std::count_if(s.names.begin(), s.names.end(),
                                       [&](const Name& n) { return vectors_.count(n.text) > 0; });
      if (known == static_cast<std::ptrdiff_t>(s.names.size()) || (known == 0 && !is_vector(s.value)))
        continue;
      for (const Name& n : s.names) vectors_.insert(n.text);
      grown = true;
    }
  }
  for (const Statement& s : lines_) {
    if (s.kind != Statement::Kind::kEquation) continue;
    for (const Name& n : s.names) {
      if (vectors_.count(n.text)) name_sizes_[n.text] = sizes_.fresh();
    }
  }
}

void Lowering::make_inputs() {
  for (std::size_t i = 0; i < cell_.inputs.size(); ++i) {
    const syntax::Port& p = cell_.inputs[i];
    const int size = i < binding_.inputs.size() ? binding_.inputs[i] : 0;
    graph_.inputs.push_back({p.name, size, kNoNode, p.optional});
    if (size == 0) continue;
    const syntax::SizeVar v = sizes_.fresh();
    sizes_.set(v, size, "input " + quoted(p.name) + " at " + place(p.where), quoted(p.name), p.where);
    const Value value = add(Op::kInput, {}, v, p.where);
    graph_[value.node].index = static_cast<int>(i);
    graph_[value.node].name = p.name;
    graph_.inputs.back().node = value.node;
    name_sizes_[p.name] = v;
    values_[p.name] = value;
  }
}

int Lowering::chain(const std::string& name, int delay, SourceRange where) {
  const auto known = state_of_.find({name, delay});
  if (known != state_of_.end()) return known->second;
  const bool input = symbols_.find(name)->kind == NameKind::kInput;
  const int newer = delay > 1 ? chain(name, delay - 1, where) : -1;
  State state;
  state.name = delay == 1 && !input ? name : name + "[t-" + std::to_string(delay) + "]";
  state.delay = delay > 1 || input;
  state.start = {0};
  if (delay > 1) {
    state.next = previous_[static_cast<std::size_t>(newer)];
  } else if (input) {
    state.next = values_.at(name).node;
  }
  const auto index = static_cast<int>(graph_.states.size());
  graph_.states.push_back(state);
  const auto size = name_sizes_.find(name);
  const Value value = add(Op::kPrevious, {}, size == name_sizes_.end() ? -1 : size->second, where);
  graph_[value.node].index = index;
  previous_.push_back(value.node);
  state_of_[{name, delay}] = index;
  return index;
}

void Lowering::make_states() {
  for (const Statement& s : lines_) {
    syntax::each_part(s.value, [&](const Expr& e) {
      if (e.kind == Expr::Kind::kName && e.delay > 0) chain(e.text, e.delay, e.where);
    });
  }
}

syntax::SizeVar Lowering::size_of_name(const std::string& name) {
  const auto parameter = parameter_of_.find(name);
  if (parameter != parameter_of_.end())
    return parameter_sizes_[static_cast<std::size_t>(parameter->second)].rows;
  const auto at = name_sizes_.find(name);
  return at == name_sizes_.end() ? -1 : at->second;
}

void Lowering::declare_sizes() {
  std::set<std::string> declared;
  for (const Statement& s : cell_.statements) {
    if (s.kind != Statement::Kind::kSize) continue;
    std::int64_t size = 0;
    std::string reason;
    if (!s.numbers.empty()) {
      size = static_cast<std::int64_t>(s.numbers[0].value);
      reason = "line " + std::to_string(s.where.line);
    } else {
      size = s.word.text == "units" ? binding_.units : binding_.sizes.at(s.word.text);
      reason = "size " + quoted(s.word.text) + " at " + place(s.word.where);
    }
    for (const Name& n : s.names) {
      declared.insert(n.text);
      const syntax::SizeVar v = size_of_name(n.text);
      if (v >= 0) sizes_.set(v, size, reason, quoted(n.text), n.where);
    }
  }
  const syntax::Port& first = cell_.outputs[0];
  const syntax::SizeVar v = size_of_name(first.name);
  if (declared.count(first.name) || v < 0) return;
  sizes_.set(v, binding_.units, "units, output " + quoted(first.name) + " at " + place(first.where),
             quoted(first.name), first.where);
}

void Lowering::start_states() {
  for (const Statement& s : cell_.statements) {
    if (s.kind != Statement::Kind::kStart) continue;
    for (const Name& n : s.names) {
      for (int k = 1; k <= syntax::kMaxDelay; ++k) {
        const auto at = state_of_.find({n.text, k});
        if (at == state_of_.end()) break;
        State& state = graph_.states[static_cast<std::size_t>(at->second)];
        const auto parameter = parameter_of_.find(s.word.text);
        if (!s.word.text.empty() && parameter != parameter_of_.end()) {
          state.start_parameter = parameter->second;
          sizes_.unify(size_of_name(n.text), size_of_name(s.word.text), quoted(n.text), quoted(s.word.text),
                       s.word.where);
          continue;
        }
        if (!s.word.text.empty()) {
          state.start = numbers_.at(s.word.text);
        } else {
          state.start.clear();
          for (const syntax::Number& number : s.numbers) state.start.push_back(number.value);
        }
        if (state.start.size() > 1) {
          sizes_.set(size_of_name(n.text), static_cast<std::int64_t>(state.start.size()),
                     "numbers of its start at " + place(s.where), quoted(n.text), n.where);
        }
      }
    }
  }
}

void Lowering::number_zones() {
  std::map<std::string, std::string> leader;  // of a group that shares a mask
  for (const Statement& s : cell_.statements) {
    for (const auto& group : s.groups) {
      for (const Name& n : group) {
        leader[n.text] = group[0].text;
        const syntax::SizeVar a = size_of_name(group[0].text);
        const syntax::SizeVar b = size_of_name(n.text);
        if (a >= 0 && b >= 0) sizes_.unify(a, b, quoted(group[0].text), quoted(n.text), n.where);
      }
    }
  }
  std::map<std::string, int> zones;
  for (State& state : graph_.states) {
    if (state.delay) continue;
    const auto group = leader.find(state.name);
    const std::string& key = group == leader.end() ? state.name : group->second;
    state.zone = zones.emplace(key, static_cast<int>(zones.size())).first->second;
  }
}

void Lowering::finish_sizes() {
  sizes_.solve();
  // The first line of the text without a size explains most about the others.
  for (const Statement& s : lines_) {
    for (const Name& n : s.names) {
      const syntax::SizeVar v = size_of_name(n.text);
      if (v >= 0 && sizes_.value(v) == 0) {
        fail(cell_, n.where, "the size of " + quoted(n.text) + " follows from nothing",
             "add 'size " + n.text + " = units', or 'size " + n.text +
                 " = NAME' and give NAME when the layer is made");
      }
    }
  }
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    Node& node = graph_.nodes[i];
    node.scalar = node_sizes_[i] < 0;
    node.size = node.scalar ? 1 : sizes_.value(node_sizes_[i]);
    if (node.size == 0) {
      fail(cell_, node.where, "the size of this value follows from nothing",
           "give it a line of its own, NAME = …, and add 'size NAME = units'");
    }
    const auto groups = static_cast<int>(node.values.size());
    if (node.op == Op::kClock && node.size % groups != 0) {
      fail(cell_, node.where,
           std::to_string(node.size) + " units do not fall into " + std::to_string(groups) +
               " equal groups, one a period",
           "make the size a multiple of " + std::to_string(groups));
    }
  }
  for (const auto& [node, piece] : slices_) graph_[node].offset = piece * graph_[node].size;
  for (std::size_t i = 0; i < graph_.states.size(); ++i) graph_.states[i].size = graph_[previous_[i]].size;
  for (Port& p : graph_.outputs) p.size = graph_[p.node].size;
}

Graph lower(const syntax::Cell& cell, const CellBinding& binding, std::vector<std::string>* warnings) {
  return Lowering(cell, binding).run(warnings);
}

}  // namespace cellwright
