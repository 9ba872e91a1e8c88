// schedule.h: the learning rate of an update, a pure function of where the training stands. Only plateau
// looks at validations: what it remembers of them is a Plateau, which a checkpoint holds.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace cellwright {

/// With k the number of the running epoch, counted from 1, e = k - 1 the epochs done, and p the part of all
/// planned updates that is done:
///   constant     1
///   exponential  decay^(k - after) for k > after, else 1     (char-rnn: decay 0.97, after 10)
///   zaremba      the same, written as a divisor: decay^-(k - after)     (small: 2 after 4; medium: 1.2 after
///                6)
///   step         decay^floor(e / every)     (PyTorch's StepLR)
///   plateau      times decay whenever `wait` validations in a row brought no loss below the best by a part
///   of
///                1e-4, but never below `floor`     (PyTorch's ReduceLROnPlateau of patience wait - 1)
///   cosine       from 1 down to `floor` along half a cosine, from the end of the warm-up to the last
///                update
///   one-cycle    from `start` up to 1 along half a cosine over the part `rise` of all updates, then down to
///                `floor` along another     (Smith 2018; PyTorch's OneCycleLR, the momentum left alone)
/// and over any of them a linear warm-up: update u of the first `warmup` ones is taken (u + 1)/warmup times,
/// u from 0.
struct ScheduleSpec {
  std::string kind = "constant";
  double decay = 0.97;      ///< exponential, step, plateau: in (0, 1]; zaremba: >= 1
  double after = 10;        ///< epochs, >= 0
  std::int64_t every = 1;   ///< step: epochs, >= 1
  std::int64_t wait = 2;    ///< plateau: validations, >= 1
  double rise = 0.3;        ///< one-cycle: part of the updates, in (0, 1)
  double start = 0.04;      ///< one-cycle: part of the base rate at the start, [0, 1]
  double floor = 0;         ///< cosine, one-cycle, plateau: part of the base rate that is left, [0, 1]
  std::int64_t warmup = 0;  ///< updates, >= 0
};

/// A schedule with the constants it usually has: zaremba 2 after 4; step and plateau 0.5; one-cycle's floor
/// 4e-6, PyTorch's. SpecError for an unknown kind.
ScheduleSpec schedule_defaults(const std::string& kind);

const std::vector<std::string>& schedule_kinds();

/// Where the training must have an end from the start: cosine, one-cycle.
bool needs_total(const ScheduleSpec& spec);

void check(const ScheduleSpec& spec);  ///< SpecError names the field, its value and its range
void to_json(nlohmann::json& json, const ScheduleSpec& spec);
void from_json(const nlohmann::json& json,
               ScheduleSpec& spec);  ///< absent keys: the kind's defaults; FormatError; checked

/// Plain data, so that a checkpoint holds it whole. Feed it every validation loss in turn.
struct Plateau {
  double factor = 1;  ///< of the base rate
  double best = std::numeric_limits<double>::infinity();
  std::int64_t since_best = 0;  ///< or since the last fall

  /// Does nothing under another schedule. NaN never is a new best.
  void observe(const ScheduleSpec& spec, double loss);
};

void to_json(nlohmann::json& json, const Plateau& plateau);  ///< no best yet is stored as null
void from_json(const nlohmann::json& json, Plateau& plateau);

struct Progress {
  double epoch = 0;         ///< epochs done, a fraction within one
  std::int64_t update = 0;  ///< updates done
  std::int64_t total = 0;   ///< updates planned in all; cosine and one-cycle need it
  double plateau = 1;       ///< Plateau::factor
};

/// The rate for the update that comes next. Epochs that come out of a division may fall short of a whole
/// number by a rounding: 1e-9 is forgiven.
double learning_rate(const ScheduleSpec& spec, double base, const Progress& progress);

}  // namespace cellwright
