// layer_section.cpp: start at layer_section() at the end.
#include "report/layer_section.h"

#include <cmath>
#include <set>

#include "draw/diagram.h"
#include "draw/symbols.h"
#include "language/parse.h"
#include "language/resolve.h"
#include "language/worked_equation.h"
#include "report/beads.h"

namespace cellwright {
namespace {

using Json = nlohmann::ordered_json;

/// In the text of a stage: 'here stands the number of node 12', 'of state 3'. Of the private use area, so no
/// cell's text holds them.
constexpr const char *kNodeMark = "\xEE\x80\x80", *kStateMark = "\xEE\x80\x81", *kEndMark = "\xEE\x80\x82";

std::vector<double> rounded(const std::vector<double>& values) {
  std::vector<double> out;
  for (double v : values) out.push_back(std::isfinite(v) ? std::round(v * 1e4) / 1e4 : v);
  return out;  // what is not finite is null in JSON
}

class Section {
 public:
  Section(const LayerInput& input, Packed& packed)
      : in_(input), g_(input.run.graph), packed_(packed), diagram_(draw::make_diagram(g_)) {}

  Json make() {
    const syntax::Cell cell = syntax::parse_cell(in_.spec.cell_text, in_.spec.cell_file);
    read_equations(cell);
    const LayerValues values(in_.run, wanted());
    values_ = &values;
    Json j;
    j["name"] = "layers." + std::to_string(in_.run.layer);
    j["cell"] = g_.name;
    j["units"] = in_.spec.units;
    j["lines"] = lines();  // first of all, so that what is recorded is kept exactly
    j["equations"] = equations();
    j["belts"] = belts();
    j["parts"] = parts();
    j["bead"] = {kBeadWidth, kBeadHeight};
    j["beads"] = beads();
    j["values"] = list_;
    gates(j);
    draw::DiagramStyle style;
    style.unrolled = 3;
    style.right_to_left = in_.right_to_left;
    for (const char* theme : {"light", "dark"}) {
      style.theme = theme;
      j["diagram"][theme] = draw::write_diagram(diagram_, style);
    }
    return j;
  }

 private:
  struct Equation {
    std::vector<std::string> names, stages;
    int line = 0;
  };

  void read_equations(const syntax::Cell& cell) {
    std::vector<bool> present;
    for (const Port& p : g_.inputs) present.push_back(p.size > 0);
    const WorkedEquations worked(g_, syntax::Spelling::kUnicode, WorkedEquations::Form::kOneUnit);
    const WorkedEquations::Numbers marks = {
        [](NodeId id) { return kNodeMark + std::to_string(id) + kEndMark; },
        [](std::size_t state) { return kStateMark + std::to_string(state) + kEndMark; }};
    for (const syntax::Statement& s : syntax::resolve(cell, present)) {
      if (s.kind != syntax::Statement::Kind::kEquation && s.kind != syntax::Statement::Kind::kLoss) continue;
      Equation e;
      for (const syntax::Name& name : s.names) e.names.push_back(name.text);
      e.stages = worked.stages(s, marks);
      e.line = s.where.line;
      for (const std::string& name : e.names) equation_of_[name] = static_cast<int>(equations_.size());
      equations_.push_back(std::move(e));
    }
  }

  /// The pieces of a stage: texts, and the nodes whose numbers stand between them.
  struct Piece {
    std::string text;
    NodeId node = kNoNode;
  };
  std::vector<Piece> pieces(const std::string& stage) const {
    std::vector<Piece> all;
    for (std::size_t at = 0; at < stage.size();) {
      const std::size_t node = stage.find(kNodeMark, at), state = stage.find(kStateMark, at);
      const std::size_t mark = std::min(node, state);
      if (mark > at) all.push_back({stage.substr(at, mark - at), kNoNode});
      if (mark == std::string::npos) break;
      const std::size_t end = stage.find(kEndMark, mark);
      const auto index = std::stoul(stage.substr(mark + 3, end - mark - 3));
      all.push_back({"", mark == node ? static_cast<NodeId>(index) : previous_of(index)});
      at = end + 3;
    }
    return all;
  }

  NodeId previous_of(std::size_t state) const {
    for (std::size_t i = 0; i < g_.nodes.size(); ++i) {
      if (g_.nodes[i].op == Op::kPrevious && g_.nodes[i].index == static_cast<int>(state))
        return static_cast<NodeId>(i);
    }
    return g_.states[state].next;  // is not reached: a state that is read has its node
  }

  bool one_hot(NodeId id) const {
    return !in_.run.tokens.empty() && g_[id].op == Op::kInput && g_[id].index == 0;
  }

  std::vector<NodeId> wanted() const {
    std::set<NodeId> all;
    const auto want = [&](NodeId id) {
      all.insert(id);
      while (g_[id].op == Op::kPrevious) {
        id = g_.states[static_cast<std::size_t>(g_[id].index)].next;
        all.insert(id);
      }
    };
    for (const Equation& e : equations_) {
      for (const std::string& stage : e.stages) {
        for (const Piece& p : pieces(stage)) {
          if (p.node != kNoNode) want(p.node);
        }
      }
      for (const std::string& name : e.names) {
        if (const NodeId id = node_of_line(name); id != kNoNode) want(id);
      }
    }
    for (const draw::Shape& s : diagram_.shapes) {
      if (const NodeId id = node_of(s.part); id != kNoNode) want(id);
    }
    return {all.begin(), all.end()};
  }

  /// Whose value leaves a part of the diagram; kNoNode: nobody's that the graph has.
  NodeId node_of(const draw::Part& p) const {
    const auto index = static_cast<std::size_t>(p.index);
    switch (p.kind) {
      case draw::PartKind::kJoin:
        return kNoNode;
      case draw::PartKind::kInput:
        return g_.inputs[index].node;
      case draw::PartKind::kPrevious:
        return previous_of(index);
      case draw::PartKind::kNext:
        return g_.states[index].next;
      case draw::PartKind::kOutput:
        return p.index >= 0 ? g_.outputs[index].node : node_of_line(p.name);
      default:
        break;
    }
    // A part's title is its equation, and equal equations have equal values.
    for (std::size_t i = 0; i < g_.nodes.size(); ++i) {
      const std::string name = p.name.empty() ? "" : p.name + " = ";
      if (p.title.find("…") == std::string::npos && g_.nodes[i].name == p.name &&
          name + draw::equation(g_, static_cast<NodeId>(i)) == p.title)
        return static_cast<NodeId>(i);
    }
    return kNoNode;
  }

  NodeId node_of_line(const std::string& name) const {
    NodeId found = kNoNode;
    for (std::size_t i = 0; i < g_.nodes.size(); ++i) {
      const Node& n = g_.nodes[i];
      if (n.name == name && n.op != Op::kPrevious && n.op != Op::kInput && n.op != Op::kParameter)
        found = static_cast<NodeId>(i);
    }
    return found;
  }

  /// Index into the page's list.
  int value(NodeId id) {
    if (const auto known = index_.find(id); known != index_.end()) return known->second;
    Json j;
    NodeId base = id;
    Json starts = Json::array();
    while (g_[base].op == Op::kPrevious && !has_own_values(base)) {
      const State& state = g_.states[static_cast<std::size_t>(g_[base].index)];
      starts.push_back(start_of(state));
      base = state.next;
    }
    const TracedLine<float>* mixed = g_[base].op == Op::kPrevious ? next_of(base) : nullptr;
    const bool fixed = g_[base].op == Op::kParameter || g_[base].op == Op::kConstant;
    const std::vector<float>& all = values_->of(base);
    if (mixed != nullptr) {
      const Json start(std::vector<float>(all.begin(), all.begin() + g_[base].size));
      starts.push_back(start);
      j["array"] = packed_.exact(mixed->values);
    } else if (fixed) {
      j["array"] = packed_.exact({all.begin(), all.begin() + g_[base].size});
      j["fixed"] = true;
    } else {
      j["array"] = values_->recorded(base) ? packed_.exact(all) : array_of(base);
    }
    j["size"] = g_[base].size;
    if (!starts.empty()) {
      j["lag"] = starts.size();
      j["starts"] = starts;
    }
    j["exact"] = packed_.in_full(j["array"].get<int>());
    index_[id] = static_cast<int>(list_.size());
    list_.push_back(std::move(j));
    return index_[id];
  }

  /// A state that is not simply its line one step before.
  bool has_own_values(NodeId previous) const {
    if (!values_->recorded(previous)) return false;
    const State& state = g_.states[static_cast<std::size_t>(g_[previous].index)];
    const std::vector<float>&own = values_->of(previous), &next = values_->of(state.next);
    return !std::equal(own.begin() + state.size, own.end(), next.begin());
  }

  /// What the belt of such a state left at each step, where it is what the next step read.
  const TracedLine<float>* next_of(NodeId previous) const {
    const State& state = g_.states[static_cast<std::size_t>(g_[previous].index)];
    const std::vector<float>& old = values_->of(previous);
    for (const TracedBelt& b : in_.trace.belts) {
      const TracedLine<float>& next = in_.trace.lines[static_cast<std::size_t>(b.next)];
      if (b.state == state.name && std::equal(old.begin() + state.size, old.end(), next.values.begin()))
        return &next;
    }
    return nullptr;
  }

  /// Of what was evaluated: a product of two arrays where it is one, else rounded.
  int array_of(NodeId id) {
    const std::vector<float>& all = values_->of(id);
    if (g_[id].op == Op::kMul) {
      std::vector<Packed::Lagged> factors;
      for (NodeId input : g_[id].inputs) {
        const Json v = list_[static_cast<std::size_t>(value(input))];
        const auto by = static_cast<std::size_t>(v.value("lag", 0) * v["size"].get<int>());
        if (!v.contains("fixed") && v["exact"].get<bool>()) factors.push_back({v["array"].get<int>(), by});
      }
      const int product = factors.size() == 2 ? packed_.product(all, factors[0], factors[1]) : -1;
      if (product >= 0) return product;
    }
    return packed_.rounded(all);
  }

  Json start_of(const State& state) const {
    if (state.start_parameter < 0) return state.start.empty() ? std::vector<double>{0} : state.start;
    return in_.run.parameters[static_cast<std::size_t>(state.start_parameter)];
  }

  Json lines() {
    Json all = Json::array();
    for (const TracedLine<float>& l : in_.trace.lines) {
      const NodeId id = node_of_line(l.line);
      if (id == kNoNode || !values_->recorded(id)) continue;
      const bool gate = l.op == Op::kSigmoid || l.op == Op::kHardSigmoid || l.op == Op::kHardSigmoidKeras;
      bool known = false;
      for (const Json& other : all) known = known || other["name"] == l.line;
      if (!known) all.push_back({{"name", l.line}, {"value", value(id)}, {"gate", gate}});
    }
    return all;
  }

  int traced(int index) {
    const TracedLine<float>& l = in_.trace.lines[static_cast<std::size_t>(index)];
    list_.push_back({{"array", packed_.exact(l.values)}, {"size", l.size}, {"exact", true}});
    return static_cast<int>(list_.size()) - 1;
  }

  Json belts() {
    Json all = Json::array();
    for (const TracedBelt& b : in_.trace.belts) {
      const auto line = [&](int i) -> const TracedLine<float>& {
        return in_.trace.lines[static_cast<std::size_t>(i)];
      };
      Json terms = Json::array();
      for (int t : b.terms) terms.push_back({{"text", line(t).line}, {"value", traced(t)}});
      const std::vector<float>& old = line(b.old).values;
      all.push_back({{"state", b.state},
                     {"coefficient", {{"text", line(b.coefficient).line}, {"value", traced(b.coefficient)}}},
                     {"terms", terms},
                     {"next", traced(b.next)},
                     {"start", std::vector<float>(old.begin(), old.begin() + line(b.old).size)}});
    }
    return all;
  }

  Json equations() {
    Json all = Json::array();
    for (const Equation& e : equations_) {
      Json stages = Json::array();
      for (const std::string& stage : e.stages) {
        Json parts = Json::array();
        for (const Piece& p : pieces(stage))
          parts.push_back(p.node == kNoNode ? Json(p.text) : Json(value(p.node)));
        stages.push_back(std::move(parts));
      }
      all.push_back({{"names", e.names}, {"line", e.line}, {"stages", std::move(stages)}});
    }
    return all;
  }

  /// The line that a part of one belongs to; -1: none.
  int equation_with(NodeId id) const {
    for (std::size_t i = static_cast<std::size_t>(id); i < g_.nodes.size(); ++i) {
      const Node& n = g_.nodes[i];
      if (n.name.empty() || !equation_of_.count(n.name)) continue;
      std::vector<NodeId> open = {static_cast<NodeId>(i)};
      while (!open.empty()) {
        const NodeId at = open.back();
        open.pop_back();
        if (at == id) return equation_of_.at(n.name);
        if (at != static_cast<NodeId>(i) && !g_[at].name.empty()) continue;
        open.insert(open.end(), g_[at].inputs.begin(), g_[at].inputs.end());
      }
    }
    return -1;
  }

  Json parts() {
    static const char* const kKinds[] = {"input", "previous", "next",     "output", "layer",
                                         "op",    "vector",   "constant", "join"};
    Json all = Json::object();
    for (const draw::Shape& s : diagram_.shapes) {
      const draw::Part& p = s.part;
      if (p.kind == draw::PartKind::kJoin) continue;
      Json j = {{"kind", kKinds[static_cast<std::size_t>(p.kind)]}, {"name", p.name}, {"title", p.title}};
      const NodeId node = node_of(p);
      if (node != kNoNode && !one_hot(node)) j["value"] = value(node);
      const auto own = equation_of_.find(p.name);
      const bool here = node != kNoNode && p.kind != draw::PartKind::kPrevious;
      const int equation = own != equation_of_.end() ? own->second : here ? equation_with(node) : -1;
      if (equation >= 0) j["equation"] = equation;
      all[p.id] = std::move(j);
    }
    return all;
  }

  Json beads() const {
    draw::Diagram d = diagram_;
    if (in_.right_to_left) draw::mirror(d);
    const std::vector<draw::Point> places = bead_places(d);
    Json all = Json::array();
    for (std::size_t w = 0; w < d.wires.size(); ++w) {
      const draw::Part& from = d.shapes[static_cast<std::size_t>(d.wires[w].from)].part;
      if (from.kind == draw::PartKind::kJoin || from.kind == draw::PartKind::kConstant ||
          node_of(from) == kNoNode)
        continue;
      all.push_back({{"part", from.id}, {"x", std::round(places[w].x)}, {"y", std::round(places[w].y)}});
    }
    return all;
  }

  void gates(Json& j) const {
    j["gates"] = Json::object();
    for (const GateStatistics& g : gate_statistics(in_.trace))
      j["gates"][g.line] = {{"mean", rounded(g.mean)}, {"shut", rounded(g.shut)}, {"open", rounded(g.open)}};
    j["horizons"] = Json::object();
    for (const BeltStatistics& b : belt_statistics(in_.trace)) j["horizons"][b.state] = rounded(b.horizon);
  }

  const LayerInput& in_;
  const Graph& g_;
  Packed& packed_;
  const draw::Diagram diagram_;
  const LayerValues* values_ = nullptr;
  std::vector<Equation> equations_;
  std::map<std::string, int> equation_of_;
  std::map<NodeId, int> index_;
  Json list_ = Json::array();
};

}  // namespace

nlohmann::ordered_json layer_section(const LayerInput& input, Packed& packed) {
  return Section(input, packed).make();
}

}  // namespace cellwright
