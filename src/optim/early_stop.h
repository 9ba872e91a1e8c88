// early_stop.h: when a validation loss has stopped falling.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json_fwd.hpp>

namespace cellwright {

/// Plain data, so that a checkpoint holds it whole. Feed it every validation loss in turn.
struct EarlyStop {
  std::int64_t patience = 0;  ///< validations without an improvement until should_stop(); 0: never
  double least = 0;           ///< a fall of no more than this is no improvement
  double best = std::numeric_limits<double>::infinity();
  std::int64_t since_best = 0;

  /// True: the best so far, worth keeping. NaN never is.
  bool observe(double loss);
  bool should_stop() const { return patience > 0 && since_best >= patience; }
};

void to_json(nlohmann::json& json, const EarlyStop& stop);  ///< no best yet is stored as null
void from_json(const nlohmann::json& json, EarlyStop& stop);

}  // namespace cellwright
