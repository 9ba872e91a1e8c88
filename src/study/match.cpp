#include "study/match.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "cellwright/error.h"

namespace cellwright::study {
namespace {

/// Groups of units come in tens, not in hundreds.
constexpr int kWidestGap = 256;

class Search {
 public:
  explicit Search(const std::function<double(int)>& measure) : measure_(measure) {}

  std::optional<double> at(int units) {
    const auto known = known_.find(units);
    if (known != known_.end()) return known->second;
    std::optional<double> value;
    try {
      value = measure_(units);
    } catch (const Error& error) {
      if (why_.empty()) why_ = error.what();
    }
    known_[units] = value;
    return value;
  }

  /// The first number that the cell can have, from `units` on up (step 1) or down (-1), within [least, most].
  std::optional<int> next(int units, int step, int least, int most) {
    for (int tried = 0; units >= least && units <= most && tried < kWidestGap; units += step, ++tried) {
      if (at(units)) return units;
    }
    return std::nullopt;
  }

  const std::string& why() const { return why_; }

 private:
  const std::function<double(int)>& measure_;
  std::map<int, std::optional<double>> known_;
  std::string why_;
};

}  // namespace

Match match_by(const std::string& word) {
  if (word == "parameters") return Match::kParameters;
  if (word == "units") return Match::kUnits;
  if (word == "time") return Match::kTime;
  throw SpecError(fmt::format("--match must be parameters, units or time, found '{}'", word));
}

const char* match_word(Match match) {
  return match == Match::kParameters ? "parameters" : match == Match::kUnits ? "units" : "time";
}

int nearest_units(const std::string& name, double wanted, int most,
                  const std::function<double(int)>& measure) {
  Search search(measure);
  std::optional<int> low = search.next(1, 1, 1, most);
  if (!low)
    throw SpecError(fmt::format("{}: no number of units up to {} suits this cell: {}", name,
                                std::min(most, kWidestGap), search.why()));
  // `low` stays at or below what is wanted, `high` above it.
  std::optional<int> high;
  for (int units = *low; !high && *search.at(*low) < wanted;) {
    const std::optional<int> tried =
        units > most / 2 ? search.next(most, -1, units + 1, most) : search.next(2 * units, 1, 1, most);
    if (!tried) break;
    units = *tried;
    (*search.at(units) < wanted ? low : high) = units;
  }
  while (high && *high - *low > 1) {
    const int middle = *low + (*high - *low) / 2;
    std::optional<int> tried = search.next(middle, 1, *low + 1, *high - 1);
    if (!tried) tried = search.next(middle, -1, *low + 1, *high - 1);
    if (!tried) break;
    (*search.at(*tried) < wanted ? low : high) = *tried;
  }
  if (!high) return *low;
  return wanted - *search.at(*low) <= *search.at(*high) - wanted ? *low : *high;
}

int matched_units(const StudyTask& task, Match match, const LayerSpec& reference, LayerSpec layer,
                  const std::string& name) {
  if (match == Match::kUnits) return reference.units;
  const auto with = [&](int units) -> const LayerSpec& {
    layer.units = units;
    return layer;
  };
  const int most = 64 * reference.units;
  if (match == Match::kParameters) {
    const auto wanted = static_cast<double>(task.parameters(reference));
    return nearest_units(name, wanted, most,
                         [&](int units) { return static_cast<double>(task.parameters(with(units))); });
  }
  // Times are noisy: the reference is measured beside each candidate, and the ratio is what is looked at.
  return nearest_units(name, 1, most, [&](int units) {
    task.parameters(with(units));  // throws before anything is measured
    return task.seconds_per_update(with(units)) / task.seconds_per_update(reference);
  });
}

}  // namespace cellwright::study
