// regularise.h: a step graph with its layer's regularisers, and with padding, written into it: what follows
// (derivative, plan, threads, bits) needs to know nothing of them. Start at regularise().
//
// The sites are the graph's own. A cell that offers no site for an option is an error, not a silent no-op.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace cellwright {

/// Rates are chances to drop, in [0, 1); 0: off.
struct Regularisation {
  double input_dropout = 0;   ///< on every input port, before a lag such as x[t-1] keeps it
  double output_dropout = 0;  ///< on what goes up through the output ports, never on what stays as a state
  bool variational = false;   ///< those two draw one mask a sequence (Gal & Ghahramani 2016), not one a step
  double recurrent_dropout = 0;  ///< one mask a sequence on every state whose old value enters a product, on
                                 ///< its way there only (graph/recurrence.h); its delays share the mask;
                                 ///< lagged inputs have none: they are inputs
  double weight_drop = 0;  ///< on the columns of matrices that meet a state, drawn once an update (Merity
                           ///< 2018); nn/ applies it
  std::map<std::string, double> zoneout;  ///< per state by name, "" for all others: chance to keep the old
                                          ///< value (Krueger 2017). States of one zone have one mask and one
                                          ///< rate: naming one of them names all
  double activation_penalty = 0;  ///< α: adds α·mean over units of (the first output, after its dropout)² a
                                  ///< step to the objective
  double temporal_penalty =
      0;  ///< β: adds β·mean over units of (h - h[t-1])² a step, of the first output before its dropout; a
          ///< sequence's first step is compared with its start

  bool operator==(const Regularisation&) const = default;
  bool any() const {
    Regularisation none;
    none.variational = variational;
    return *this != none;
  }
};

/// The graph with masks and penalties in training; for inference with zoneout's expectation (p·old +
/// (1-p)·new; new where old is a start that stands for -∞) and nothing else. Zoneout acts on what `[t-1]` and
/// the output ports read of a line; all other uses in the step see the value as computed. States, ports and
/// parameters keep their indices; penalties are losses behind the cell's own, "activation_penalty" and
/// "temporal_penalty". SpecError, whether for training or not, names the option and what the cell lacks.
Graph regularise(const Graph& graph, const Regularisation& regularisation, bool training);

/// Entries of parameters that meet a state: per parameter, the column ranges [first, last), ascending and
/// apart, whose operand is a state's old value by graph/recurrence.h (weight-drop's site). Empty for others.
struct ColumnRange {
  int first = 0, last = 0;
};
std::vector<std::vector<ColumnRange>> recurrent_columns(const Graph& graph);

/// The graph with kStepMask leaves: where they are 0 every state (delays and lagged inputs too) keeps its old
/// value, outputs and losses are 0, and gradients pass by: that of a state goes to its old value, none to an
/// input or a parameter. Inputs read as 0 there, so what stands in padding, NaN too, does no harm.
/// Goes over the result of regularise(), not under it. States, ports, parameters and losses keep their
/// indices.
Graph with_step_mask(const Graph& graph);

}  // namespace cellwright
