// schedule.h: the learning rate of an update, a pure function of where the training stands, so a resumed run
// needs no state.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace cellwright {

/// With k the number of the running epoch, counted from 1:
///   constant     1
///   exponential  decay^(k - after) for k > after, else 1     (char-rnn: decay 0.97, after 10)
///   zaremba      the same, written as a divisor: decay^-(k - after)     (small: 2 after 4; medium: 1.2 after
///   6) cosine       from 1 down to `floor` along half a cosine, from the end of the warm-up to the last
///   update
/// and over any of them a linear warm-up: update u of the first `warmup` ones is taken (u + 1)/warmup times,
/// u from 0.
struct ScheduleSpec {
  std::string kind = "constant";
  double decay = 0.97;      ///< exponential: in (0, 1]; zaremba: >= 1
  double after = 10;        ///< epochs, >= 0
  double floor = 0;         ///< cosine: part of the base rate that is left at the end, [0, 1]
  std::int64_t warmup = 0;  ///< updates, >= 0
};

void check(const ScheduleSpec& spec);  ///< SpecError names the field, its value and its range
void to_json(nlohmann::json& json, const ScheduleSpec& spec);
void from_json(const nlohmann::json& json,
               ScheduleSpec& spec);  ///< absent keys: defaults; FormatError; checked

struct Progress {
  double epoch = 0;         ///< epochs done, a fraction within one
  std::int64_t update = 0;  ///< updates done
  std::int64_t total = 0;   ///< updates planned in all; cosine needs it
};

/// The rate for the update that comes next. Epochs that come out of a division may fall short of a whole
/// number by a rounding: 1e-9 is forgiven.
double learning_rate(const ScheduleSpec& spec, double base, const Progress& progress);

}  // namespace cellwright
