// layer_values.cpp: start at LayerValues's constructor.
#include "report/layer_values.h"

#include "cellwright/error.h"

namespace cellwright {
namespace {

bool is_line(const Node& n) {
  return !n.name.empty() && n.op != Op::kPrevious && n.op != Op::kInput && n.op != Op::kParameter;
}

}  // namespace

LayerValues::LayerValues(const LayerRun& run, const std::vector<NodeId>& wanted)
    : run_(run), recorded_(run.graph.nodes.size()), needed_(run.graph.nodes.size(), false) {
  std::map<std::string, NodeId> last;  // a line's own node is the last of its name
  for (std::size_t i = 0; i < recorded_.size(); ++i) {
    const Node& n = run.graph.nodes[i];
    if (is_line(n)) last[n.name] = static_cast<NodeId>(i);
    if (n.op == Op::kPrevious) {
      // Zoneout mixes a state with its old value: then the state is not what its line was a step before.
      const State& state = run.graph.states[static_cast<std::size_t>(n.index)];
      const auto seen = run.lines.find(state.name + "[t-1]");
      if (!state.delay && seen != run.lines.end()) recorded_[i] = &seen->second;
    }
    if (n.op != Op::kInput) continue;
    const auto port = static_cast<std::size_t>(n.index);
    if (port < run.inputs.size() && !run.inputs[port].empty()) recorded_[i] = &run.inputs[port];
  }
  for (const auto& [name, id] : last) {
    const auto line = run.lines.find(name);
    const std::size_t size =
        static_cast<std::size_t>(run.graph[id].size) * static_cast<std::size_t>(run.steps);
    if (line != run.lines.end() && line->second.size() == size)
      recorded_[static_cast<std::size_t>(id)] = &line->second;
  }
  find_needed(wanted);
  evaluate_steps();
}

void LayerValues::find_needed(const std::vector<NodeId>& wanted) {
  std::vector<NodeId> open = wanted;
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    if (needed_[static_cast<std::size_t>(id)]) continue;
    needed_[static_cast<std::size_t>(id)] = true;
    if (recorded(id)) continue;
    const Node& n = run_.graph[id];
    open.insert(open.end(), n.inputs.begin(), n.inputs.end());
    if (n.op == Op::kPrevious) open.push_back(run_.graph.states[static_cast<std::size_t>(n.index)].next);
    evaluated_[id].reserve(static_cast<std::size_t>(n.size) * static_cast<std::size_t>(run_.steps));
  }
}

void LayerValues::evaluate_steps() {
  const Graph& g = run_.graph;
  StepLeaves leaves;
  leaves.parameters = &run_.parameters;
  leaves.inputs.resize(g.inputs.size());
  leaves.previous.resize(g.states.size());
  std::vector<Vector> values(g.nodes.size());
  for (std::size_t s = 0; s < g.states.size(); ++s) {
    const State& state = g.states[s];
    const auto size = static_cast<std::size_t>(state.size);
    Vector& start = leaves.previous[s];
    if (state.start_parameter >= 0)
      start = run_.parameters[static_cast<std::size_t>(state.start_parameter)];
    else
      start =
          state.start.size() == size ? state.start : Vector(size, state.start.empty() ? 0 : state.start[0]);
  }
  for (int t = 0; t < run_.steps; ++t) {
    leaves.step = t;
    if (!run_.tokens.empty()) {
      leaves.inputs[0].assign(static_cast<std::size_t>(g.inputs[0].size), 0.0);
      leaves.inputs[0][static_cast<std::size_t>(run_.tokens[static_cast<std::size_t>(t)])] = 1;
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!needed_[i]) continue;
      const auto id = static_cast<NodeId>(i);
      if (const std::vector<float>* seen = recorded_[i]) {
        const auto size = static_cast<std::size_t>(g[id].size);
        const auto row = seen->begin() + static_cast<std::ptrdiff_t>(size * static_cast<std::size_t>(t));
        values[i].assign(row, row + static_cast<std::ptrdiff_t>(size));
        continue;
      }
      evaluate(g, id, id + 1, leaves, values);
      for (double v : values[i]) evaluated_[id].push_back(static_cast<float>(v));
    }
    for (std::size_t s = 0; s < g.states.size(); ++s) {
      const auto next = static_cast<std::size_t>(g.states[s].next);
      if (needed_[next]) leaves.previous[s] = values[next];
    }
  }
}

const std::vector<float>& LayerValues::of(NodeId id) const {
  if (const std::vector<float>* seen = recorded_[static_cast<std::size_t>(id)]) return *seen;
  const auto at = evaluated_.find(id);
  if (at == evaluated_.end()) throw InternalError("the report asks for a value that it did not announce");
  return at->second;
}

}  // namespace cellwright
