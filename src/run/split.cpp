// split.cpp: see split.h. Start at estimate_splits().
#include "run/split.h"

#include <algorithm>

namespace cellwright {
namespace {

bool is_activation(Op op) {
  switch (op) {
    case Op::kSigmoid:
    case Op::kTanh:
    case Op::kExp:
    case Op::kLog:
    case Op::kLogSigmoid:
    case Op::kSoftplus:
    case Op::kElu:
    case Op::kSoftmax:
      return true;
    default:
      return false;
  }
}

/// What the thread with most work pays for a step of an instruction, over `rows` lanes.
double step_cost(const Plan& plan, const Instruction& code, const InstructionShares& shares, double rows,
                 int units, int panel, const SplitCosts& costs) {
  double cost = 0;
  const std::size_t parts = static_cast<std::size_t>(units);
  std::vector<double> by_part(parts, 0.0);
  for (std::size_t o = 0; o < code.products.size(); ++o) {
    double lines = 0;  // of a panel
    for (const ProductTerm& term : code.products[o].terms) {
      const Piece& piece = plan.pieces[static_cast<std::size_t>(term.piece)];
      lines += static_cast<double>(term.transposed ? piece.rows : piece.columns) / term.period;
    }
    lines /= code.products[o].period;
    for (std::size_t q = 0; q < parts; ++q)
      by_part[q] +=
          (shares.panels[o][q + 1] - shares.panels[o][q]) * lines * std::max(costs.line, rows * costs.row);
  }
  if (!code.products.empty()) return *std::max_element(by_part.begin(), by_part.end());
  const double tile = 16.0 * panel;  // numbers (interpreter.cpp)
  for (const TileInstruction& t : code.tiles) {
    double numbers = 0, calls = 0;
    if (code.by_row) {
      calls = std::max(1.0, rows / units);
      numbers = calls * t.n;
    } else {
      double widest = 0;
      for (std::size_t q = 0; q < parts; ++q)
        widest = std::max(widest, static_cast<double>(shares.units[q + 1] - shares.units[q]));
      numbers = rows * widest;
      calls = std::max(units > 1 ? rows : 1.0, numbers / tile);
    }
    cost += numbers * (is_activation(t.op) ? costs.activation : costs.number) + calls * costs.call;
  }
  return cost;
}

/// Panels of the widest value that the loop makes: threads beyond them would have no units.
int most_parts(const Program& loop, int panel) {
  int most = 1;
  for (const Instruction& i : loop.instructions) {
    for (const ProductOutput& o : i.products) most = std::max(most, (o.out_size + panel - 1) / panel);
    most = std::max(most, (i.width + panel - 1) / panel);
  }
  return most;
}

}  // namespace

LoopShares::LoopShares(const Plan& plan, bool reverse, int panel)
    : plan_(plan), reverse_(reverse), panel_(panel) {}

const std::vector<InstructionShares>& LoopShares::of(int units) {
  const auto k = static_cast<std::size_t>(units - 1);
  if (by_units_.size() <= k) by_units_.resize(k + 1);
  if (by_units_[k].empty()) by_units_[k] = share_units(loop(), plan_.buffers, units, panel_, reverse_);
  return by_units_[k];
}

std::vector<SplitEstimate> estimate_splits(LoopShares& shares, int steps, int lanes, int threads,
                                           const SplitCosts& costs) {
  std::vector<Split> ways{{1, 1}};
  const int most = std::min(threads, most_parts(shares.loop(), shares.panel()));
  for (int units = 1; units <= most; ++units) {
    const Split way{std::min(lanes, threads / units), units};
    if (way.team() == 1) continue;
    // More threads on the same lanes: the way before is worse in nothing but its barrier, and left out.
    if (units > 2 && ways.back().lanes == way.lanes && ways.back().units > 1) ways.pop_back();
    ways.push_back(way);
  }
  const int stretch = std::max(1, kStretchRows / lanes), stretches = (steps + stretch - 1) / stretch;
  std::vector<SplitEstimate> estimates;
  for (const Split& way : ways) {
    const std::vector<InstructionShares>& divided = shares.of(way.units);
    SplitEstimate e;
    e.split = way;
    e.waits = waits_of(divided);
    const int rows = (lanes + way.lanes - 1) / way.lanes;
    double step = way.units > 1 ? e.waits * costs.barrier : 0;
    for (std::size_t i = 0; i < divided.size(); ++i)
      step += step_cost(shares.plan(), shares.loop().instructions[i], divided[i], rows, way.units,
                        shares.panel(), costs);
    e.nanoseconds = steps * step + (way.team() > 1 ? stretches * costs.team : 0);
    estimates.push_back(e);
  }
  return estimates;
}

Split cheapest(const std::vector<SplitEstimate>& estimates) {
  return std::min_element(
             estimates.begin(), estimates.end(),
             [](const SplitEstimate& a, const SplitEstimate& b) { return a.nanoseconds < b.nanoseconds; })
      ->split;
}

}  // namespace cellwright
