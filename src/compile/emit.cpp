// emit.cpp: start at Emitter::emit(), a list of passes over the groups.
#include "compile/emit.h"

#include <fmt/format.h>

#include "compile/clocks.h"
#include "compile/pieces.h"
#include "compile/tile_program.h"
#include "compile/uses.h"

namespace cellwright {

Emitter::Emitter(Plan& plan, const Affines& affines, const std::vector<bool>& pinned,
                 const std::vector<NodeId>& idle)
    : plan_(plan), affines_(affines), pinned_(pinned), idle_(idle), zeros_(find_zeros(plan.graph)) {
  written_.assign(plan.graph.nodes.size(), {});
  materialized_.assign(plan.graph.nodes.size(), false);
  place_.assign(plan.graph.nodes.size(), {});
}

void Emitter::add(const Direction& direction, const Stages& stages, std::array<Program*, 3> programs) {
  const int index = static_cast<int>(directions_.size());
  directions_.push_back(direction);
  stages_.push_back(stages);
  for (Stage stage : {Stage::kBefore, Stage::kLoop, Stage::kAfter}) {
    programs_.push_back({index, stage, programs[static_cast<std::size_t>(stage)],
                         schedule(plan_.graph, direction, stages, affines_, stage)});
  }
}

void Emitter::emit() {
  find_writers();
  find_readers();
  place_leaves();
  place_values();
  share_buffers();
  keep_all_steps();
  fuse();
  if (plan_.training) reuse_arrays();
  for (const ProgramGroups& p : programs_) {
    for (const Group& group : p.groups) {
      if (group.products) {
        emit_products(group, p, *p.program);
      } else if (group.scan) {
        emit_scan(group, p, *p.program);
      } else {
        emit_pointwise(group, *p.program);
      }
    }
  }
  emit_gradients();
  for (const Port& port : plan_.graph.outputs)
    plan_.outputs.push_back(place_[static_cast<std::size_t>(port.node)]);
  for (const Loss& loss : plan_.graph.losses)
    plan_.losses.push_back(place_[static_cast<std::size_t>(loss.node)]);
  for (Observed& o : plan_.observed) o.place = place_[static_cast<std::size_t>(o.node)];
  for (std::size_t i = 0; i < plan_.backward.d_observed.size(); ++i) {
    Observed gradient = plan_.observed[i];
    gradient.node = plan_.backward.d_observed[i];
    gradient.place = gradient.node == kNoNode ? Place() : place_[static_cast<std::size_t>(gradient.node)];
    plan_.gradients.push_back(std::move(gradient));
  }
}

void Emitter::find_writers() {
  int group_number = 0;
  for (std::size_t p = 0; p < programs_.size(); ++p) {
    for (const Group& group : programs_[p].groups) {
      for (NodeId id : group.nodes) {
        if (!group.start_only) written_[static_cast<std::size_t>(id)] = {static_cast<int>(p), group_number};
      }
      ++group_number;
    }
  }
}

/// What making `id` in `group` reads from memory or tiles.
std::vector<NodeId> Emitter::reads_of(NodeId id, const Group& group, const ProgramGroups& in) const {
  if (group.scan) {
    const AffineRecurrence& scan = *directions_[static_cast<std::size_t>(in.direction)].scan_at(id);
    return {scan.a, scan.b, plan_.graph[scan.carried].inputs[1]};
  }
  if (!group.products) return plan_.graph[id].inputs;
  std::vector<NodeId> reads;
  const Affine& affine =
      affines_.list[static_cast<std::size_t>(affines_.of_root[static_cast<std::size_t>(id)])];
  for (NodeId product : affine.products) reads.push_back(plan_.graph[product].inputs[0]);
  return reads;
}

void Emitter::find_readers() {
  const auto materialize = [&](NodeId id) {
    if (id != kNoNode) materialized_[static_cast<std::size_t>(id)] = true;
  };
  int group_number = 0;
  for (const ProgramGroups& p : programs_) {
    for (const Group& group : p.groups) {
      for (NodeId id : group.nodes) {
        if (group.products) materialize(id);
        for (NodeId read : reads_of(id, group, p)) {
          if (group.products || group.scan || written_[static_cast<std::size_t>(read)].group != group_number)
            materialize(read);
        }
      }
      ++group_number;
    }
  }
  for (std::size_t i = 0; i < pinned_.size(); ++i) {
    if (pinned_[i]) materialized_[i] = true;
  }
  for (const MatrixGradient& m : plan_.backward.matrices) materialize(plan_.graph[m.matmul].inputs[0]);
}

int Emitter::new_buffer(Buffer buffer) {
  plan_.buffers.push_back(std::move(buffer));
  return static_cast<int>(plan_.buffers.size()) - 1;
}

void Emitter::place_leaves() {
  const Graph& graph = plan_.graph;
  using Kind = Buffer::Kind;
  for (std::size_t s = 0; s < graph.states.size(); ++s) {
    const State& state = graph.states[s];
    const int index = static_cast<int>(s);
    StateInfo info;
    info.recurrent = stages_[0].state[s] == Stage::kLoop;
    info.scanned = directions_[0].scan_at(state.next) != nullptr;
    info.buffer =
        new_buffer({Kind::kState, index, state.size, info.recurrent ? 2 : 0, state.name + "[t-1]", kNoNode});
    place_[static_cast<std::size_t>(state.next)] = {info.buffer, 1};
    if (plan_.training) {
      const bool loop = stages_[1].state[s] == Stage::kLoop;
      info.adjoint_scanned = directions_[1].scan_at(plan_.backward.d_previous[s]) != nullptr;
      info.adjoint = new_buffer(
          {Kind::kAdjointState, index, state.size, loop ? 2 : 0, "d_" + state.name + "[t-1]", kNoNode});
      place_[static_cast<std::size_t>(plan_.backward.d_previous[s])] = {info.adjoint, 0};
    }
    plan_.states.push_back(info);
  }
  std::vector<int> input(graph.inputs.size(), -1), adjoint_output(graph.outputs.size(), -1),
      adjoint_loss(graph.losses.size(), -1);
  const auto of = [&](std::vector<int>& buffers, const Node& n, Kind kind, const std::string& name) {
    int& buffer = buffers[static_cast<std::size_t>(n.index)];
    if (buffer < 0) buffer = new_buffer({kind, n.index, n.size, 0, name, kNoNode});
    return Place{buffer, 0};
  };
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& n = graph.nodes[i];
    const auto k = static_cast<std::size_t>(n.index);
    const NodeId id = static_cast<NodeId>(i);
    switch (n.op) {
      case Op::kInput:
        place_[i] = of(input, n, Kind::kInput, graph.inputs[k].name);
        break;
      case Op::kPrevious:
        place_[i] = {plan_.states[k].buffer, 0};
        break;
      case Op::kNormal:
      case Op::kClock:
      case Op::kDropMask:
      case Op::kStepMask:
        place_[i] = {
            new_buffer({Kind::kLeaf, -1, n.size, 0, fmt::format("{} {}", op_name(n.op), n.name), id}), 0};
        break;
      case Op::kAdjointOutput:
        place_[i] = of(adjoint_output, n, Kind::kAdjointOutput, "d_" + graph.outputs[k].name);
        break;
      case Op::kAdjointState:
        place_[i] = {plan_.states[k].adjoint, 1};
        break;
      case Op::kAdjointLoss:
        place_[i] = of(adjoint_loss, n, Kind::kAdjointLoss, "d_" + graph.losses[k].name);
        break;
      default:
        break;
    }
  }
  plan_.input_gradients.assign(graph.inputs.size(), -1);
  if (!plan_.training) return;
  for (std::size_t p = 0; p < graph.inputs.size(); ++p) {
    const NodeId d = plan_.backward.d_inputs[p];
    if (d == kNoNode) continue;
    const int buffer = new_buffer({Kind::kAdjointInput, static_cast<int>(p), graph.inputs[p].size, 0,
                                   fmt::format("d_{}", graph.inputs[p].name), kNoNode});
    plan_.input_gradients[p] = buffer;
    place_[static_cast<std::size_t>(d)] = {buffer, 0};
  }
}

void Emitter::place_values() {
  for (std::size_t i = 0; i < plan_.graph.nodes.size(); ++i) {
    const Node& n = plan_.graph.nodes[i];
    if (!materialized_[i] || place_[i].buffer >= 0 || written_[i].program < 0) continue;
    const bool loop = programs_[static_cast<std::size_t>(written_[i].program)].stage == Stage::kLoop;
    const std::string name = n.name.empty() ? fmt::format("%{}", i) : n.name;
    place_[i] = {new_buffer({Buffer::Kind::kValue, -1, n.size, loop ? 1 : 0, name, static_cast<NodeId>(i)}),
                 0};
  }
}

/// An activation that is the only reader of an affine value takes over its array: the pre-activation is gone
/// by then, and the step touches half the memory.
void Emitter::share_buffers() {
  const std::vector<std::vector<NodeId>> users =
      find_users(plan_.graph, 0, static_cast<NodeId>(plan_.graph.nodes.size()));
  std::vector<bool> taken(plan_.graph.nodes.size());  // W·x - U·y reads two affine values; it takes over one
  for (const Affine& affine : affines_.list) {
    const auto z = static_cast<std::size_t>(affine.root);
    if (pinned_[z] || users[z].size() != 1 || written_[z].program < 0) continue;
    const auto f = static_cast<std::size_t>(users[z][0]);
    const Node& user = plan_.graph.nodes[f];
    if (!is_pointwise(user.op) || user.size != plan_.graph.nodes[z].size || !materialized_[f]) continue;
    if (taken[f] || pinned_[f] || affines_.of_root[f] >= 0 || affines_.absorbed[f] || written_[f].program < 0)
      continue;
    if (programs_[static_cast<std::size_t>(written_[f].program)].direction !=
        programs_[static_cast<std::size_t>(written_[z].program)].direction) {
      continue;
    }
    plan_.buffers[static_cast<std::size_t>(place_[z].buffer)].name =
        plan_.buffers[static_cast<std::size_t>(place_[f].buffer)].name;
    plan_.buffers[static_cast<std::size_t>(place_[f].buffer)].size = 0;  // unused now
    place_[f] = place_[z];
    taken[f] = true;
  }
}

/// A loop's own arrays may keep one or two steps; whatever another program reads keeps all of them.
void Emitter::keep_all_steps() {
  const auto keep = [&](NodeId id) {
    const Place place = place_[static_cast<std::size_t>(id)];
    if (place.buffer >= 0) plan_.buffers[static_cast<std::size_t>(place.buffer)].ring = 0;
  };
  const auto read = [&](NodeId id, const ProgramGroups& by) {
    const Place place = place_[static_cast<std::size_t>(id)];
    if (place.buffer < 0) return;
    const Direction& own = directions_[static_cast<std::size_t>(by.direction)];
    const bool same_direction = id >= own.first && id < own.last;
    if (by.stage != Stage::kLoop || !same_direction) keep(id);
  };
  for (const ProgramGroups& p : programs_) {
    for (const Group& group : p.groups) {
      for (NodeId id : group.nodes) {
        if (group.start_only || p.stage != Stage::kLoop) keep(id);
        if (!group.products) {
          for (NodeId input : reads_of(id, group, p)) read(input, p);
          continue;
        }
        for (NodeId product :
             affines_.list[static_cast<std::size_t>(affines_.of_root[static_cast<std::size_t>(id)])]
                 .products) {
          const bool early =
              stages_[static_cast<std::size_t>(p.direction)].node[static_cast<std::size_t>(product)] ==
              Stage::kBefore;
          const NodeId operand = plan_.graph[product].inputs[0];
          if (group.start_only && early) read(operand, p);
          if (!group.start_only && !(p.stage == Stage::kLoop && early)) read(operand, p);
        }
      }
    }
  }
  for (const Port& port : plan_.graph.outputs) keep(port.node);
  for (const Loss& loss : plan_.graph.losses) keep(loss.node);
  for (const Observed& o : plan_.observed) keep(o.node);
  for (NodeId d : plan_.backward.d_observed) {
    if (d != kNoNode) keep(d);
  }
  for (const MatrixGradient& m : plan_.backward.matrices) {
    keep(m.d);
    keep(plan_.graph[m.matmul].inputs[0]);
  }
  for (const VectorGradient& v : plan_.backward.vectors) {
    keep(v.d);
    if (v.times != kNoNode) keep(v.times);
  }
}

void Emitter::fuse() {
  for (ProgramGroups& p : programs_) {
    for (Group& group : p.groups) {
      if (group.products || group.scan) continue;
      std::vector<TileStep> steps;
      for (NodeId id : group.nodes) steps.push_back({id, plan_.graph[id].op, plan_.graph[id].inputs});
      group.steps = fuse_tiles(plan_.graph, std::move(steps), place_, materialized_, plan_.buffers);
    }
  }
}

void Emitter::emit_products(const Group& group, const ProgramGroups& in, Program& program) {
  const Graph& graph = plan_.graph;
  const Stages& stages = stages_[static_cast<std::size_t>(in.direction)];
  Instruction first;                       // outputs whose terms all cut the value alike
  std::vector<Instruction> continuations;  // and the rest, a term after the other
  for (NodeId root : group.nodes) {
    const Affine& affine =
        affines_.list[static_cast<std::size_t>(affines_.of_root[static_cast<std::size_t>(root)])];
    const bool in_loop = stages.node[static_cast<std::size_t>(root)] == Stage::kLoop;
    std::vector<NodeId> early, late;
    for (NodeId product : affine.products) {
      const bool hoisted = in_loop && stages.node[static_cast<std::size_t>(product)] == Stage::kBefore;
      (hoisted ? early : late).push_back(product);
    }
    ProductOutput base;
    base.out = place_[static_cast<std::size_t>(root)];
    base.out_size = graph[root].size;
    if (affine.bias != kNoNode) {
      base.bias_parameter = graph[affine.bias].index;
      base.bias_offset = graph[affine.bias].offset;
      base.start = ProductOutput::Start::kBias;
    }
    if (!group.start_only && !early.empty()) base.start = ProductOutput::Start::kAccumulate;
    std::vector<ProductOutput> outputs;
    bool alike = true;
    for (NodeId product : group.start_only ? early : late) {
      const auto operand = static_cast<std::size_t>(graph[product].inputs[0]);
      std::vector<ProductOutput> cut = cut_product(graph, plan_.pieces, product, place_[operand], base);
      for (ProductOutput& o : cut) {
        o.period = period_of(graph, idle_[static_cast<std::size_t>(root)], o.offset, o.width);
        for (ProductTerm& t : o.terms) {
          const Piece& p = plan_.pieces[static_cast<std::size_t>(t.piece)];
          t.period = period_of(graph, zeros_[operand], t.operand_offset, t.transposed ? p.rows : p.columns);
        }
      }
      if (outputs.empty()) {
        outputs = std::move(cut);
        continue;
      }
      if (alike && same_cut(outputs, cut)) {
        for (std::size_t i = 0; i < cut.size(); ++i) {
          outputs[i].terms.insert(outputs[i].terms.end(), cut[i].terms.begin(), cut[i].terms.end());
        }
        continue;
      }
      alike = false;
      Instruction next;
      next.products = std::move(cut);
      for (ProductOutput& o : next.products) o.start = ProductOutput::Start::kAccumulate;
      continuations.push_back(std::move(next));
    }
    first.products.insert(first.products.end(), outputs.begin(), outputs.end());
  }
  if (!first.products.empty()) program.instructions.push_back(std::move(first));
  for (Instruction& i : continuations) program.instructions.push_back(std::move(i));
}

void Emitter::emit_pointwise(const Group& group, Program& program) {
  program.instructions.push_back(
      make_tile_program(plan_.graph, group.steps, group.by_row, place_, materialized_));
}

void Emitter::emit_scan(const Group& group, const ProgramGroups& in, Program& program) {
  const NodeId next = group.nodes[0];
  const AffineRecurrence& made = *directions_[static_cast<std::size_t>(in.direction)].scan_at(next);
  Instruction instruction;
  Scan& scan = instruction.scan;
  scan.size = plan_.graph[next].size;
  scan.a = make_operand(plan_.graph, made.a, place_);
  scan.b = make_operand(plan_.graph, made.b, place_);
  scan.previous = place_[static_cast<std::size_t>(plan_.graph[made.carried].inputs[1])];
  scan.next = place_[static_cast<std::size_t>(next)];
  program.instructions.push_back(std::move(instruction));
}

void Emitter::emit_gradients() {
  const Graph& graph = plan_.graph;
  for (const MatrixGradient& m : plan_.backward.matrices) {
    const Node& product = graph[m.matmul];
    const NodeId operand = product.inputs[0];
    for (int piece : pieces_within(plan_.pieces, product.index, product.row, product.size, product.column,
                                   graph[operand].size)) {
      const Piece& p = plan_.pieces[static_cast<std::size_t>(piece)];
      const auto d = static_cast<std::size_t>(m.d);
      plan_.weight_gradients.push_back({piece, place_[d], product.size, p.row - product.row,
                                        place_[static_cast<std::size_t>(operand)], graph[operand].size,
                                        p.column - product.column,
                                        period_of(graph, zeros_[d], p.row - product.row, p.rows)});
    }
  }
  for (const VectorGradient& v : plan_.backward.vectors) {
    const int size = graph[v.d].size;
    for (int piece : pieces_within(plan_.pieces, v.parameter, v.offset, size, 0, 1)) {
      const Piece& p = plan_.pieces[static_cast<std::size_t>(piece)];
      VectorGradientTask task;
      task.piece = piece;
      task.d = place_[static_cast<std::size_t>(v.d)];
      task.d_size = size;
      task.d_offset = p.row - v.offset;
      task.period = period_of(graph, zeros_[static_cast<std::size_t>(v.d)], task.d_offset, p.rows);
      if (v.times != kNoNode) {
        task.times = place_[static_cast<std::size_t>(v.times)];
        task.times_size = graph[v.times].size;
        task.times_offset = p.row - v.offset;
      }
      plan_.vector_gradients.push_back(task);
    }
  }
}

}  // namespace cellwright
