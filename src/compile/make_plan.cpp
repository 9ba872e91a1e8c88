// make_plan.cpp: the compiler as a list of passes. Start at compile() near the end.
#include <algorithm>
#include "compile/affine.h"
#include "compile/clocks.h"
#include "compile/emit.h"
#include "compile/gather_sums.h"
#include "compile/joins.h"
#include "compile/observe.h"
#include "compile/own_nodes.h"
#include "compile/pieces.h"
#include "compile/plan.h"
#include "compile/recompute.h"
#include "compile/schedule.h"
#include "compile/stages.h"
#include "compile/uses.h"
#include "graph/canonicalize.h"
#include "graph/rewrite.h"

namespace cellwright {
namespace {

std::vector<bool> late_products(const Graph& graph, const Stages& stages) {
  std::vector<bool> late(graph.nodes.size(), false);
  for (std::size_t i = 0; i < late.size(); ++i) late[i] = stages.node[i] != Stage::kBefore;
  return late;
}

/// `followed`: ids that are kept elsewhere but do not count as reading.
void gather_forward(Graph& graph, const std::vector<NodeId*>& followed) {
  const auto last = static_cast<NodeId>(graph.nodes.size());
  gather_sums(graph, 0, late_products(graph, find_stages(graph, forward_direction(graph, last))),
              roots_of(graph), followed);
}

std::vector<NodeId*> roots_of(Backward& backward) {
  std::vector<NodeId*> roots;
  for (NodeId& id : backward.d_previous) roots.push_back(&id);
  for (NodeId& id : backward.d_inputs) roots.push_back(&id);
  for (VectorGradient& v : backward.vectors) {
    roots.push_back(&v.d);
    roots.push_back(&v.times);
  }
  for (MatrixGradient& m : backward.matrices) roots.push_back(&m.d);
  for (NodeId& d : backward.d_observed) roots.push_back(&d);
  return roots;
}

void gather_backward(Graph& graph, Backward& backward) {
  gather_sums(graph, backward.first,
              late_products(graph, find_stages(graph, backward_direction(graph, backward))),
              roots_of(backward));
}

std::vector<AffineRecurrence> scan_forward(Graph& graph) {
  std::vector<NodeId*> next;
  for (State& s : graph.states) next.push_back(&s.next);
  return write_affine_recurrences(graph, 0, Op::kPrevious, next, roots_of(graph));
}

std::vector<AffineRecurrence> scan_backward(Graph& graph, Backward& backward) {
  std::vector<NodeId*> next;
  for (NodeId& id : backward.d_previous) next.push_back(&id);
  return write_affine_recurrences(graph, backward.first, Op::kAdjointState, next, roots_of(backward));
}

/// Nodes that something outside the graph's nodes names.
std::vector<bool> find_pinned(const Plan& plan) {
  const Graph& graph = plan.graph;
  const Backward& backward = plan.backward;
  std::vector<bool> pinned(graph.nodes.size(), false);
  const auto pin = [&](NodeId id) {
    if (id != kNoNode) pinned[static_cast<std::size_t>(id)] = true;
  };
  for (NodeId id : forward_roots(graph)) pin(id);
  for (NodeId id : backward.d_previous) pin(id);
  for (NodeId id : backward.d_inputs) pin(id);
  for (const VectorGradient& v : backward.vectors) {
    pin(v.d);
    pin(v.times);
  }
  for (const MatrixGradient& m : backward.matrices) {
    pin(m.d);
    pin(graph[m.matmul].inputs[0]);
  }
  for (const Observed& o : plan.observed) pin(o.node);
  for (NodeId d : backward.d_observed) pin(d);  // kNoNode where none is made
  return pinned;
}

Plan compile(const Graph& graph, bool training, const Observation& observation, const PlanOptions& options) {
  Plan plan;
  plan.training = training;
  plan.scan_chunk = options.scan_chunk;

  // 1. One normal form, so that the passes below meet few shapes.
  plan.graph = canonicalize(graph);
  give_forward_own_nodes(plan.graph);
  NodeId own_end = kNoNode;  // behind it lies what is there to be observed alone
  if (observation.any()) own_end = add_observed(plan, graph, observation);
  std::vector<NodeId*> followed{&own_end};
  for (Observed& o : plan.observed) {
    followed.push_back(&o.node);
    followed.push_back(&o.value);
  }
  gather_forward(plan.graph, followed);
  std::vector<AffineRecurrence> scans, backward_scans;
  if (options.scan) scans = scan_forward(plan.graph);
  const auto forward_end = static_cast<NodeId>(plan.graph.nodes.size());

  // 2. The derivative, as more of the same graph.
  plan.backward.first = forward_end;
  if (training) {
    std::vector<NodeId> observed;
    for (const Observed& o : plan.observed) observed.push_back(o.value);
    plan.backward = derive(plan.graph, observation.gradients ? observed : std::vector<NodeId>());
    recompute_differences(plan.graph, plan.backward, roots_of(plan.backward));
    give_backward_own_nodes(plan.graph, plan.backward, plan.observed);
    gather_backward(plan.graph, plan.backward);
    if (options.scan) backward_scans = scan_backward(plan.graph, plan.backward);
  }

  // 3. What must be in the loop, what leaves it; what idle units skip; which sums are products with a start.
  if (own_end == kNoNode) own_end = forward_end;
  const std::vector<NodeId> idle = find_idle(plan.graph, own_end);
  plan.pieces = cut_pieces(plan.graph, own_end, idle);
  const std::vector<bool> pinned = find_pinned(plan);
  Affines affines = find_affines(plan.graph, pinned);
  for (const auto* list : {&scans, &backward_scans}) {
    for (const AffineRecurrence& scan : *list)
      affines.absorbed[static_cast<std::size_t>(scan.carried)] = true;
  }
  Direction forward = forward_direction(plan.graph, forward_end);
  forward.scans = std::move(scans);
  const Stages forward_stages = find_stages(plan.graph, forward);

  // 4. Instructions, and the arrays that carry values between them.
  Emitter emitter(plan, affines, pinned, idle);
  emitter.add(forward, forward_stages, {&plan.forward_before, &plan.forward_loop, &plan.forward_after});
  if (training) {
    Direction backward = backward_direction(plan.graph, plan.backward);
    backward.scans = std::move(backward_scans);
    emitter.add(backward, find_stages(plan.graph, backward),
                {&plan.backward_before, &plan.backward_loop, &plan.backward_after});
  }
  emitter.emit();

  // 5. Where threads that share rows must wait for each other.
  for (Program* program :
       {&plan.forward_before, &plan.forward_after, &plan.backward_before, &plan.backward_after})
    find_joins(plan.buffers, *program);
  return plan;
}

}  // namespace

Plan make_plan(const Graph& graph, bool training, const Observation& observation) {
  return compile(graph, training, observation, {});
}

Plan make_plan(const Graph& graph, bool training, const PlanOptions& options) {
  return compile(graph, training, {}, options);
}

bool has_scan(const Plan& plan) {
  return std::any_of(plan.states.begin(), plan.states.end(),
                     [](const StateInfo& s) { return s.scanned || s.adjoint_scanned; });
}

}  // namespace cellwright
