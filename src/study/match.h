// match.h: how many units a cell is given so that a comparison is fair.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "study/study_task.h"

namespace cellwright::study {

enum class Match {
  kParameters,  ///< trained numbers as near as can be to the reference's
  kUnits,       ///< the same number of units
  kTime         ///< an update takes as long as the reference's, on this machine, now
};

Match match_by(const std::string& word);  ///< "parameters", "units", "time"; SpecError
const char* match_word(Match match);

/// The number of units, 1 … `most`, whose measure is nearest to `wanted`; of two equally near the smaller.
/// `measure` grows with its argument; it throws an Error for a number that the cell cannot have (a clock's
/// groups must be whole). SpecError, beginning with `name`, where there is none.
int nearest_units(const std::string& name, double wanted, int most,
                  const std::function<double(int units)>& measure);

/// `layer` with the units that match `reference`, whose units are set.
int matched_units(const StudyTask& task, Match match, const LayerSpec& reference, LayerSpec layer,
                  const std::string& name);

}  // namespace cellwright::study
