// trace.h: any named line of any cell of a model, at every step, while the model reads tokens.
//
// Where to start: trace(). Values are read from the run's own arrays, never computed again. What always
// holds: the values do not depend on what else is recorded, on windows or on threads; a clocked unit that is
// not due shows what its clock throws away, which need not be computed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nn/model.h"

namespace cellwright {

struct TraceOptions {
  std::vector<std::string>
      lines;  ///< of the cells, or their inputs; empty: all lines. A layer without one is passed over
  std::vector<int> layers;  ///< from 0; empty: all
  bool belts = false;       ///< also what the account of each belt needs (ledger.h)
  bool only_belts = false;  ///< and no lines
  int window = 256;         ///< steps that are run at a time
};

template <class T>
struct TracedLine {
  int layer = 0;
  std::string name;       ///< "layers.0.f"
  std::string line;       ///< "f"
  Op op = Op::kIdentity;  ///< what made it: kSigmoid for a gate
  int size = 0;
  int order = 0;          ///< of computing, within the layer
  std::vector<T> values;  ///< [steps, lanes, size]
};

/// A state that is carried on: next = coefficient ⊙ old + Σ terms. Indices into Trace::lines.
struct TracedBelt {
  int layer = 0;
  std::string state;
  int old = -1, next = -1, coefficient = -1;
  std::vector<int> terms;
};

template <class T>
struct Trace {
  int steps = 0, lanes = 0;
  std::vector<TracedLine<T>> lines;
  std::vector<TracedBelt> belts;

  const TracedLine<T>* find(int layer, const std::string& line) const;  ///< null: not recorded
};

/// `tokens`: [steps, lanes], read from the model's start. SpecError: no such layer, a line that no chosen
/// layer has.
template <class T>
Trace<T> trace(Model<T>& model, const std::int32_t* tokens, int steps, int lanes,
               const TraceOptions& options = {});

}  // namespace cellwright
