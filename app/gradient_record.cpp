// gradient_record.cpp: see gradient_record.h.
#include "gradient_record.h"

#include <nlohmann/json.hpp>

namespace cellwright::app {

nlohmann::ordered_json gradient_record(const GradientFlow& flow, bool each) {
  nlohmann::ordered_json states = nlohmann::ordered_json::array();
  for (const GradientCurve& c : flow.curves) {
    nlohmann::ordered_json one = {{"name", c.name}, {"layer", c.layer}, {"state", c.state}};
    if (c.belt) one["coefficient"] = c.coefficient;
    one["total"] = mean_by_lag(c.total);
    if (c.belt) {
      one["through_belt"] = mean_by_lag(c.through_belt);
      one["through_gates"] = mean_by_lag(c.through_gates);
    }
    if (each) one["total_at"] = c.total;
    states.push_back(std::move(one));
  }
  return {{"at", flow.at}, {"states", std::move(states)}};
}

}  // namespace cellwright::app
