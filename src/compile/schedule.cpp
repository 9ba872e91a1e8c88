// schedule.cpp: start at Scheduler::run().
#include "compile/schedule.h"

#include <algorithm>
#include <map>

#include "cellwright/error.h"
#include "compile/uses.h"

namespace cellwright {
namespace {

class Scheduler {
 public:
  Scheduler(const Graph& graph, const Direction& direction, const Stages& stages, const Affines& affines,
            Stage stage)
      : graph_(graph), direction_(direction), stages_(stages), affines_(affines), stage_(stage) {
    made_.assign(graph.nodes.size(), false);
    for (NodeId id = direction.first; id < direction.last; ++id) {
      if (belongs(id)) pending_.push_back(id);
    }
  }

  std::vector<Group> run() {
    while (!pending_.empty()) {
      const std::size_t before = pending_.size();
      take_pointwise(wanted_by_others(), true);
      take_products();
      take_scans();
      if (pending_.size() == before) take_pointwise(std::vector<bool>(graph_.nodes.size(), true), false);
      if (pending_.size() == before) throw_stuck();
    }
    if (stage_ == Stage::kBefore) add_starts();
    return std::move(groups_);
  }

 private:
  bool belongs(NodeId id) const {
    const auto i = static_cast<std::size_t>(id);
    return stages_.node[i] == stage_ && !is_leaf(graph_[id].op) && !affines_.absorbed[i];
  }

  bool in_direction(NodeId id) const { return id >= direction_.first && id < direction_.last; }

  /// The value can be read by an instruction that follows the ones made so far.
  bool available(NodeId id) const {
    if (!in_direction(id)) return true;
    const Node& n = graph_[id];
    if (n.op == direction_.leaf) {
      const auto s = static_cast<std::size_t>(n.index);
      const NodeId next = direction_.next[s];
      // Outside the loop all steps run at once: the neighbouring step's value must have been written for all
      // of them.
      return stage_ == Stage::kLoop || stages_.state[s] != stage_ || next == kNoNode || !in_direction(next) ||
             !belongs(next) || made_[static_cast<std::size_t>(next)];
    }
    return is_leaf(n.op) || !belongs(id) || made_[static_cast<std::size_t>(id)];
  }

  std::vector<NodeId> operands(NodeId id) const {
    if (const AffineRecurrence* scan = direction_.scan_at(id)) return {scan->a, scan->b};
    const int affine = affines_.of_root[static_cast<std::size_t>(id)];
    if (affine < 0) return graph_[id].inputs;
    std::vector<NodeId> all;
    for (NodeId p : affines_.list[static_cast<std::size_t>(affine)].products)
      all.push_back(graph_[p].inputs[0]);
    return all;
  }

  bool is_affine(NodeId id) const { return affines_.of_root[static_cast<std::size_t>(id)] >= 0; }

  /// Made by an instruction of its own kind, not by a pointwise program.
  bool stands_alone(NodeId id) const { return is_affine(id) || direction_.scan_at(id) != nullptr; }

  std::vector<bool> wanted_by_others() const {
    std::vector<bool> wanted(graph_.nodes.size(), false);
    for (auto it = pending_.rbegin(); it != pending_.rend(); ++it) {
      if (!stands_alone(*it) && !wanted[static_cast<std::size_t>(*it)]) continue;
      for (NodeId operand : operands(*it)) wanted[static_cast<std::size_t>(operand)] = true;
    }
    return wanted;
  }

  void take(const std::vector<NodeId>& nodes) {
    for (NodeId id : nodes) made_[static_cast<std::size_t>(id)] = true;
    std::vector<NodeId> rest;
    for (NodeId id : pending_) {
      if (!made_[static_cast<std::size_t>(id)]) rest.push_back(id);
    }
    pending_ = std::move(rest);
  }

  void take_products() {
    Group group;
    group.products = true;
    for (NodeId id : pending_) {
      if (!is_affine(id)) continue;
      bool ready = true;
      for (NodeId operand : operands(id)) ready = ready && available(operand);
      if (ready) group.nodes.push_back(id);
    }
    if (group.nodes.empty()) return;
    take(group.nodes);
    groups_.push_back(std::move(group));
  }

  void take_scans() {
    std::vector<NodeId> ready;
    for (NodeId id : pending_) {
      const AffineRecurrence* scan = direction_.scan_at(id);
      if (scan && available(scan->a) && available(scan->b)) ready.push_back(id);
    }
    if (ready.empty()) return;
    take(ready);
    for (NodeId id : ready) {
      Group group;
      group.scan = true;
      group.nodes = {id};
      groups_.push_back(std::move(group));
    }
  }

  /// The one value in memory that `id`, of a closure, is made from by cheap ops alone; kNoNode where there is more.
  NodeId source_of(NodeId id, const std::vector<bool>& here) const {
    if (!here[static_cast<std::size_t>(id)]) return id;
    const Op op = graph_[id].op;
    if (op != Op::kAdd && op != Op::kSub && op != Op::kMul && op != Op::kSquare && op != Op::kNegate)
      return kNoNode;
    NodeId source = kNoNode;
    for (NodeId input : graph_[id].inputs) {
      if (graph_[input].op == Op::kConstant) continue;
      const NodeId of_input = source_of(input, here);
      if (of_input == kNoNode || (source != kNoNode && source != of_input)) return kNoNode;
      source = of_input;
    }
    return source;
  }

  /// What is made from one value in memory, as a gate's derivative, and read by no one yet waits for its readers,
  /// or it would be written out for them.
  void put_off(std::vector<bool>& here, std::vector<NodeId>& closure) const {
    std::vector<bool> read(graph_.nodes.size(), false), read_now(graph_.nodes.size(), false);
    for (NodeId id : pending_) {
      for (NodeId operand : operands(id)) {
        read[static_cast<std::size_t>(operand)] = true;
        if (stands_alone(id)) read_now[static_cast<std::size_t>(operand)] = true;
      }
    }
    std::vector<bool> stays(graph_.nodes.size(), false);
    for (auto it = closure.rbegin(); it != closure.rend(); ++it) {
      const auto i = static_cast<std::size_t>(*it);
      stays[i] = !read[i] || read_now[i] || source_of(*it, here) == kNoNode;
      for (NodeId input : graph_[*it].inputs) {
        if (stays[i]) read_now[static_cast<std::size_t>(input)] = true;
      }
    }
    // What reads a value that stays stays too, with all that it reads.
    for (bool changed = true; changed;) {
      changed = false;
      for (NodeId id : closure) {
        const std::vector<NodeId>& inputs = graph_[id].inputs;
        const auto goes_on = [&](NodeId input) {
          return here[static_cast<std::size_t>(input)] && stays[static_cast<std::size_t>(input)];
        };
        if (!stays[static_cast<std::size_t>(id)] && std::any_of(inputs.begin(), inputs.end(), goes_on))
          stays[static_cast<std::size_t>(id)] = changed = true;
        for (NodeId input : inputs) {
          const auto i = static_cast<std::size_t>(input);
          if (!stays[static_cast<std::size_t>(id)] || !here[i] || stays[i]) continue;
          stays[i] = changed = true;
        }
      }
    }
    closure.erase(std::remove_if(closure.begin(), closure.end(),
                                 [&](NodeId id) { return !stays[static_cast<std::size_t>(id)]; }),
                  closure.end());
    here = std::move(stays);
  }

  void take_pointwise(const std::vector<bool>& wanted, bool may_wait) {
    std::vector<bool> here(graph_.nodes.size(), false);
    std::vector<NodeId> closure;
    bool by_row = false;
    for (NodeId id : pending_) {
      if (stands_alone(id)) continue;
      bool ready = true, reads_here = false;
      for (NodeId input : graph_[id].inputs) {
        reads_here = reads_here || here[static_cast<std::size_t>(input)];
        ready = ready && (available(input) || here[static_cast<std::size_t>(input)]);
      }
      // What reads a value of this group goes along: the value need not be fetched again.
      if (!wanted[static_cast<std::size_t>(id)] && !reads_here) continue;
      if (!ready) continue;
      here[static_cast<std::size_t>(id)] = true;
      closure.push_back(id);
    }
    if (may_wait) put_off(here, closure);
    for (NodeId id : closure) by_row = by_row || !is_pointwise(graph_[id].op);
    if (closure.empty()) return;
    if (by_row) {
      groups_.push_back({false, true, false, false, closure, {}});
    } else {
      // No op here mixes sizes, so each size is a program of its own, with tiles over all its rows.
      std::map<int, std::vector<NodeId>> by_size;
      for (NodeId id : closure) by_size[graph_[id].size].push_back(id);
      for (auto& [size, nodes] : by_size) groups_.push_back({false, false, false, false, nodes, {}});
    }
    take(closure);
  }

  /// Values of the loop whose first products are known before it.
  void add_starts() {
    Group group;
    group.products = true;
    group.start_only = true;
    for (NodeId id = direction_.first; id < direction_.last; ++id) {
      const auto i = static_cast<std::size_t>(id);
      if (stages_.node[i] != Stage::kLoop || affines_.of_root[i] < 0) continue;
      for (NodeId p : affines_.list[static_cast<std::size_t>(affines_.of_root[i])].products) {
        if (stages_.node[static_cast<std::size_t>(p)] == Stage::kBefore) {
          group.nodes.push_back(id);
          break;
        }
      }
    }
    if (!group.nodes.empty()) groups_.push_back(std::move(group));
  }

  [[noreturn]] void throw_stuck() const {
    throw InternalError("cell '" + graph_.name + "': no order for node " + std::to_string(pending_.front()));
  }

  const Graph& graph_;
  const Direction& direction_;
  const Stages& stages_;
  const Affines& affines_;
  const Stage stage_;
  std::vector<bool> made_;
  std::vector<NodeId> pending_;
  std::vector<Group> groups_;
};

}  // namespace

std::vector<Group> schedule(const Graph& graph, const Direction& direction, const Stages& stages,
                            const Affines& affines, Stage stage) {
  return Scheduler(graph, direction, stages, affines, stage).run();
}

}  // namespace cellwright
