#include "property/check_cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/thread_pool.h"
#include "cellwright/error.h"
#include "compile/plan.h"
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
