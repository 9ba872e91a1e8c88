// doctor.h: what is wrong with a model, seen from the inside while it reads a text; or with a training, seen
// from its log.
//
// Where to start: examine() for a model, examine_log() for a log. What always holds: a finding names where:
// lane, step, layer and line of the cell for a number that is not finite; layer and state for gradients;
// layer and line for gates; the units.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "explain/gradient_flow.h"
#include "explain/trace.h"
#include "nn/model.h"

namespace cellwright {

struct Diagnosis {
  enum class Kind { kNotFinite, kExploding, kVanishing, kSaturated, kDead, kDiverged, kSpikes };
  Kind kind = Kind::kNotFinite;
  std::string text;        ///< one sentence: where, what, what to do
  std::string where = {};  ///< what it speaks of: "layers.0.f", "embedding.weight"
  int lane = -1, step = -1, layer = -1, unit = -1;
};

const char* kind_name(Diagnosis::Kind kind);  ///< "not finite", "exploding", …

struct Examination {
  std::vector<Diagnosis> found;
  double clip = 0;  ///< suggested bound of the gradient's norm; 0: there were no norms to judge by
  double median_norm = 0, largest_norm = 0;
  int norms = 0;
};

struct ExamineOptions {
  int lags = 50;    ///< how far back gradients are followed
  int window = 50;  ///< steps of the windows whose gradient's norm is taken
  int places = 8;   ///< losses whose gradient is followed
};

/// `tokens` [steps, lanes], read from the start. The model's gradients are overwritten. ShapeError,
/// SpecError: fewer than 2 steps.
Examination examine(Model<float>& model, const std::int32_t* tokens, int steps, int lanes,
                    const ExamineOptions& options = {});

/// Of a log written by `train text --log` (JSON lines), as text. FormatError, beginning with `name` and the
/// line, where it is none.
Examination examine_log(const std::string& text, const std::string& name);

/// The first number that is not finite: least step, then lowest layer, then the line that is computed first,
/// then lane and unit. Lanes and units that only read another line's are not told. False: all are finite.
bool find_not_finite(const Trace<float>& trace, Diagnosis* found);

/// Norms by lag of one state: grown at least tenfold over the lags, or fallen below a hundredth within ten
/// steps.
bool judge_by_lag(const std::string& name, const std::vector<double>& norms, Diagnosis* found);

/// Fills the figures from the norms of gradients: the clip is what nine of ten norms stay below.
void judge_norms(std::vector<double> norms, Examination& examination);

}  // namespace cellwright
