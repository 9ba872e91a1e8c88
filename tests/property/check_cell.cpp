#include "property/check_cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/rng.h"
#include "base/thread_pool.h"
#include "cellwright/error.h"
#include "compile/plan.h"
#include "graph/regularise.h"
#include "language/parse.h"
#include "language/print.h"
#include "property/same_graph.h"
#include "verify/trial.h"
#include "verify/verify.h"

namespace cellwright {
namespace {

VerifyOptions options_of(const CellRecipe& recipe) {
  VerifyOptions options;
  options.binding = recipe_binding(recipe);
  options.steps = recipe.steps;
  options.lanes = recipe.lanes;
  options.seed = recipe.seed + 1;
  options.differences = recipe.differences;
  return options;
}

Failure check_print(const syntax::Cell& cell, const Graph& graph, const CellBinding& binding) {
  for (const auto spelling : {syntax::Spelling::kUnicode, syntax::Spelling::kAscii}) {
    const std::string printed = syntax::print_cell(cell, spelling);
    const syntax::Cell again = syntax::parse_cell(printed, "printed.cell");
    const std::string difference = graph_difference(graph, lower(again, binding));
    if (!difference.empty())
      return {"print", "the printed cell is another one: " + difference + "\n" + printed};
    if (syntax::print_cell(again, spelling) != printed)
      return {"print twice", "printing the printed cell changes it\n" + printed};
  }
  return {};
}

template <class T>
bool same(const AlignedArray<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && (b.empty() || std::memcmp(a.data(), b.data(), b.size() * sizeof(T)) == 0);
}

/// Lanes at the cell's own start, learned or not, against a given state of the same numbers; every other lane
/// is fresh.
Failure check_fresh(const Plan& plan, const VerifyOptions& options) {
  Trial<double> trial(plan, options, 1);
  LayerState<double> state = make_state<double>(plan, options.lanes);
  const auto lanes = static_cast<std::size_t>(options.lanes);
  bool learned = false;
  for (std::size_t s = 0; s < plan.graph.states.size(); ++s) {
    const State& about = plan.graph.states[s];
    const auto size = static_cast<std::size_t>(about.size);
    learned |= about.start_parameter >= 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      for (std::size_t k = 0; k < size; ++k) {
        double& given = trial.start[s][lane * size + k];
        if (lane % 2 == 1) {
          state.values[s][lane * size + k] = given;
        } else {
          given = about.start_parameter >= 0
                      ? trial.parameters[static_cast<std::size_t>(about.start_parameter)][k]
                      : about.start[about.start.size() > 1 ? k : 0];
        }
      }
    }
  }
  for (std::size_t lane = 1; lane < lanes; lane += 2) state.fresh[lane] = 0;
  TrialResult<double> expected = trial.run(true);
  for (std::size_t s = 0; s < plan.graph.states.size();
       ++s) {  // what the fresh lanes owe to the learned start
    const State& about = plan.graph.states[s];
    for (std::size_t lane = 0; lane < lanes && about.start_parameter >= 0; lane += 2) {
      for (std::size_t k = 0; k < static_cast<std::size_t>(about.size); ++k) {
        expected.d_parameters[static_cast<std::size_t>(about.start_parameter)][k] +=
            expected.d_start[s][lane * static_cast<std::size_t>(about.size) + k];
      }
    }
  }

  ThreadPool pool(1);
  Runner<double> runner(plan, kernels::kernels<double>(), pool);
  runner.prepare(options.steps, options.lanes);
  runner.set_noise(options.seed, kTrialNoise);
  AlignedArray<double> packed(runner.layout().size()), gradients(runner.layout().size());
  for (std::size_t p = 0; p < trial.parameters.size(); ++p)
    runner.layout().pack(static_cast<int>(p), trial.parameters[p].data(), packed.data());
  runner.bind(packed.data());
  std::vector<AlignedArray<double>> arrays;
  const auto keep = [&](const std::vector<double>& values) {
    arrays.emplace_back(values.size());
    std::copy(values.begin(), values.end(), arrays.back().data());
    return static_cast<const double*>(arrays.back().data());
  };
  std::vector<const double*> inputs, d_outputs;
  for (const auto& x : trial.inputs) inputs.push_back(keep(x));
  for (const auto& w : trial.output_weights) d_outputs.push_back(keep(w));
  LayerState<double> d_final = state;
  for (std::size_t s = 0; s < d_final.values.size(); ++s)
    std::copy(trial.final_weights[s].begin(), trial.final_weights[s].end(), d_final.values[s].data());
  runner.forward(options.steps, inputs.data(), state);
  for (std::size_t s = 0; s < state.values.size(); ++s) {
    if (!same(state.values[s], expected.final_states[s]))
      return {"fresh", "a fresh lane gives other values than its start given as numbers, state " +
                           plan.graph.states[s].name};
  }
  const std::vector<double> ones(static_cast<std::size_t>(options.steps), 1.0);
  runner.backward({d_outputs.data(), ones.data(), &d_final, gradients.data(), nullptr, nullptr});
  for (std::size_t p = 0; p < trial.parameters.size(); ++p) {
    std::vector<double> ours(trial.parameters[p].size());
    runner.layout().unpack(static_cast<int>(p), gradients.data(), ours.data());
    for (std::size_t i = 0; i < ours.size(); ++i) {
      const double wanted = expected.d_parameters[p][i];
      if (!(std::abs(ours[i] - wanted) <= 1e-12 * std::max(1.0, std::abs(wanted)))) {
        return {"fresh", fmt::format("with fresh lanes the gradient of {} is {} where {} is due{}",
                                     plan.graph.parameters[p].name, ours[i], wanted,
                                     learned ? " (a start is learned)" : "")};
      }
    }
  }
  return {};
}

/// One run with gradients, on arrays of its own.
struct Ragged {
  Runner<double> runner;
  AlignedArray<double> packed, gradients;
  LayerState<double> state;
  std::vector<AlignedArray<double>> outputs;

  Ragged(const Plan& plan, ThreadPool& pool, const Trial<double>& trial)
      : runner(plan, kernels::kernels<double>(), pool),
        packed(runner.layout().size()),
        gradients(runner.layout().size()) {
    for (std::size_t p = 0; p < trial.parameters.size(); ++p)
      runner.layout().pack(static_cast<int>(p), trial.parameters[p].data(), packed.data());
    runner.bind(packed.data());
  }

  /// Steps and lanes of the trial, as listed; `mask` over them.
  void run(const Trial<double>& trial, int all_lanes, const std::vector<int>& steps,
           const std::vector<int>& lanes, const std::uint8_t* mask) {
    const auto chosen = [&](const std::vector<double>& rows, int size) {
      AlignedArray<double> out(rows.empty() ? 0
                                            : steps.size() * lanes.size() * static_cast<std::size_t>(size));
      double* to = out.data();
      for (const int t : steps) {
        for (const int b : lanes) {
          if (!rows.empty()) to = std::copy_n(rows.data() + (t * all_lanes + b) * size, size, to);
        }
      }
      return out;
    };
    const Graph& graph = runner.plan().graph;
    const int count = static_cast<int>(lanes.size());
    state = make_state<double>(runner.plan(), count);
    state.fresh.assign(lanes.size(), 0);
    LayerState<double> d_final = state;
    for (std::size_t s = 0; s < graph.states.size(); ++s) {
      const auto size = static_cast<std::size_t>(graph.states[s].size);
      for (std::size_t i = 0; i < lanes.size(); ++i) {
        const std::size_t from = static_cast<std::size_t>(lanes[i]) * size;
        std::copy_n(trial.start[s].data() + from, size, state.values[s].data() + i * size);
        std::copy_n(trial.final_weights[s].data() + from, size, d_final.values[s].data() + i * size);
      }
    }
    if (steps.empty()) return;
    std::vector<AlignedArray<double>> inputs, weights;
    std::vector<const double*> in, d;
    for (std::size_t p = 0; p < trial.inputs.size(); ++p)
      inputs.push_back(chosen(trial.inputs[p], graph.inputs[p].size));
    for (std::size_t p = 0; p < trial.output_weights.size(); ++p)
      weights.push_back(chosen(trial.output_weights[p], graph.outputs[p].size));
    for (const auto& a : inputs) in.push_back(a.data());
    for (const auto& a : weights) d.push_back(a.data());
    runner.prepare(static_cast<int>(steps.size()), count);
    runner.set_step_mask(mask);
    runner.forward(static_cast<int>(steps.size()), in.data(), state);
    outputs.clear();
    for (std::size_t p = 0; p < graph.outputs.size(); ++p) {
      outputs.emplace_back(steps.size() * lanes.size() * static_cast<std::size_t>(graph.outputs[p].size));
      std::copy_n(runner.output(static_cast<int>(p)), outputs.back().size(), outputs.back().data());
    }
    const std::vector<double> ones(steps.size(), 1.0);
    runner.backward({d.data(), ones.data(), &d_final, gradients.data(), nullptr, nullptr});
  }
};

/// A batch with padding at its ends and in its middle, a lane of padding alone among it, against each lane's
/// steps run by themselves: outputs and states to the bit (but see `lagged`), gradients as a sum.
Failure check_ragged(const Graph& source, const Plan& training, const VerifyOptions& options) {
  for (const Node& node : source.nodes) {
    if (node.op == Op::kClock || node.op == Op::kNormal) return {};  // they go by the step, padding or not
  }
  const Plan plan = make_plan(with_step_mask(source), true);
  Trial<double> trial(training, options, 1);
  ThreadPool pool(1);
  std::vector<int> steps, lanes;
  for (int t = 0; t < options.steps; ++t) steps.push_back(t);
  for (int b = 0; b < options.lanes; ++b) lanes.push_back(b);
  const Random random(options.seed, hash_name("ragged"));
  std::vector<std::uint8_t> mask(steps.size() * lanes.size());
  for (std::size_t i = 0; i < mask.size(); ++i)
    mask[i] = i % lanes.size() + 1 < lanes.size() || lanes.size() == 1 ? random.below(4, i) > 0 : 0;
  Ragged all(plan, pool, trial);
  all.run(trial, options.lanes, steps, lanes, mask.data());
  // A lagged input is known before the loop, but with padding it is what the lane's last counted step read:
  // its products move into the loop, and there the same sums run in another order.
  const bool lagged = std::any_of(training.states.begin(), training.states.end(),
                                  [](const StateInfo& state) { return !state.recurrent; });
  const auto equal = [&](const double* a, const double* b, std::size_t n) {
    if (!lagged) return n == 0 || std::memcmp(a, b, n * sizeof(double)) == 0;
    for (std::size_t k = 0; k < n; ++k) {
      if (!(std::abs(a[k] - b[k]) <= 1e-9 * std::max(1.0, std::abs(b[k])))) return false;
    }
    return true;
  };
  AlignedArray<double> sum(all.gradients.size());
  for (int b = 0; b < options.lanes; ++b) {
    std::vector<int> kept;
    for (const int t : steps) {
      if (mask[static_cast<std::size_t>(t * options.lanes + b)]) kept.push_back(t);
    }
    Ragged alone(training, pool, trial);
    alone.run(trial, options.lanes, kept, {b}, nullptr);
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += alone.gradients[k];
    for (std::size_t s = 0; s < alone.state.values.size(); ++s) {
      const std::size_t size = alone.state.values[s].size();
      if (!equal(all.state.values[s].data() + static_cast<std::size_t>(b) * size,
                 alone.state.values[s].data(), size))
        return {"ragged",
                "a lane with padding ends in another state " + training.graph.states[s].name + " than alone"};
    }
    for (std::size_t p = 0; p < all.outputs.size(); ++p) {
      const auto size = static_cast<std::size_t>(training.graph.outputs[p].size);
      std::size_t next = 0;
      for (const int t : steps) {
        const double* found = all.outputs[p].data() + static_cast<std::size_t>(t * options.lanes + b) * size;
        const bool counts = next < kept.size() && kept[next] == t;
        const std::vector<double> zeros(size, 0.0);
        const double* wanted = counts ? alone.outputs[p].data() + next++ * size : zeros.data();
        if (!equal(found, wanted, size))
          return {"ragged",
                  fmt::format("with padding, output {} of step {} differs from the lane's alone", p, t)};
      }
    }
  }
  double largest = 1;
  for (const double g : sum) largest = std::max(largest, std::abs(g));
  for (std::size_t k = 0; k < sum.size(); ++k) {
    if (!(std::abs(sum[k] - all.gradients[k]) <= (lagged ? 1e-9 : 1e-12) * largest))
      return {"ragged",
              fmt::format("with padding a gradient is {}, of the lanes alone {}", all.gradients[k], sum[k])};
  }
  return {};
}

bool is_gradient(const Verification& v) { return v.failure.rfind("the gradient of", 0) == 0; }

}  // namespace

Failure check_recipe(const CellRecipe& recipe) {
  const auto kind_of = [](const std::string& told) {
    // The first words: without the names and numbers that differ from cell to cell.
    return told.substr(0, told.find_first_of("0123456789'\"") == std::string::npos
                              ? 24
                              : std::min<std::size_t>(24, told.find_first_of("0123456789'\"")));
  };
  try {
    const syntax::Cell cell = syntax::parse_cell(recipe_text(recipe), "random.cell");
    const VerifyOptions options = options_of(recipe);
    const Graph source = lower(cell, options.binding);
    Failure failure = check_print(cell, source, options.binding);
    if (!failure.kind.empty()) return failure;
    const Plan training = make_plan(source, true), inference = make_plan(source, false);
    failure = check_fresh(training, options);
    if (!failure.kind.empty()) return failure;
    failure = check_ragged(source, training, options);
    if (!failure.kind.empty()) return failure;
    const Verification v = verify_plans(source, training, inference, options);
    if (!v.passed) return {is_gradient(v) ? "gradient" : kind_of(v.failure), v.failure};
    return {};
  } catch (const CellError& e) {
    const std::string told = e.what();
    const std::size_t from = told.find("error: ");
    return {"refused: " + kind_of(from == std::string::npos ? told : told.substr(from + 7)), told};
  } catch (const std::exception& e) {
    return {"thrown: " + kind_of(e.what()), e.what()};
  }
}

std::string report(const CellRecipe& smallest, const Failure& failure) {
  std::string sizes;
  for (const int s : smallest.sizes) sizes += fmt::format("{}{}", sizes.empty() ? "" : ",", s);
  std::string absent;
  for (const InputPort& p : smallest.inputs) {
    if (!p.present) absent += " " + p.name;
  }
  return fmt::format("seed {}: {}\nsmallest cell that fails so, sizes {}, {} steps, {} lanes{}{}:\n{}",
                     smallest.seed, failure.told, sizes, smallest.steps, smallest.lanes,
                     absent.empty() ? "" : ", absent:", absent, recipe_text(smallest));
}

}  // namespace cellwright
