// observation.h: what a plan is asked to keep at every step besides what it needs itself, and where it is
// found then.
//
// Where to start: Observation is the question, Observed the answer (plan.h: Plan::observed, gradients,
// belts). What always holds: the values that a forward pass computes are the same to the bit with and
// without; a plan that nobody observes holds nothing of it.
#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"

namespace cellwright {

struct Observation {
  std::vector<std::string> lines;  ///< names of lines or inputs of the cell: "f", "C̃", "x"
  bool all_lines = false;          ///< every line that is computed at all
  bool states = false;             ///< the next value of every state, delays left out
  bool belts = false;      ///< of every state that is carried on (graph/belt.h) all that its account needs
  bool gradients = false;  ///< with a backward pass: the gradient of the objective with respect to each value
                           ///< kept. The last bits of gradients may differ then

  bool any() const { return all_lines || states || belts || !lines.empty(); }
};

/// A value at step t: slot t + shift of a buffer of the plan.
struct Place {
  int buffer = -1;
  int shift = 0;
};

struct Observed {
  std::string name;       ///< of the line, or of a part of one as it is written: "1 - z"
  Op op = Op::kIdentity;  ///< what made it
  int size = 0;
  NodeId node = kNoNode;
  NodeId value = kNoNode;  ///< the node whose gradient is this value's; kNoNode: none is made
  Place place;
};

/// A state that is carried on: next = coefficient ⊙ old + Σ terms. Indices into Plan::observed.
struct Belt {
  int state = -1;  ///< of the graph
  int old = -1, next = -1, coefficient = -1;
  std::vector<int> terms;
};

}  // namespace cellwright
