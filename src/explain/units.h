// units.h: what the units of a model do while it reads a text: how their gates stand, how long they remember,
// what they track.
//
// Where to start: examine_units(). The search for what is tracked measures the mutual information between a
// unit's state, in eight bins, and a feature of the text (text_features.h). A finding must pass two tests.
// Chance: the information exceeds what the best unit of all has with the feature shifted round against the
// text (which keeps the rhythm of both), at a false discovery rate of 5 % over the features (Benjamini &
// Hochberg 1995). Training: any network, untrained too, answers to what it has just read; so the unit must
// know clearly more than the best unit of untrained networks of the same shape on the same text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "explain/trace.h"
#include "nn/model.h"

namespace cellwright {

struct UnitOptions {
  std::vector<std::string> strings;  ///< features "after '…'"
  int permutations = 199;
  int untrained = 9;  ///< networks to compare with
  double discovery_rate = 0.05;
  std::uint64_t seed = 1;  ///< of the shifts and the untrained networks
};

/// One line that an activation between 0 and 1 made.
struct GateStatistics {
  int layer = 0;
  std::string line;
  std::vector<double> mean, shut, open;  ///< per unit: mean; shares of steps below 0.1 and above 0.9
};

/// One belt: how long what is put there stays.
struct BeltStatistics {
  int layer = 0;
  std::string state, coefficient;
  std::vector<double> mean;  ///< per unit, of the coefficient
  std::vector<double>
      horizon;  ///< per unit, -1/ln(mean) in steps: infinite at a mean of 1 or more, 0 at 0 or less
};

/// Of every gate and belt of a trace that was made with its belts.
std::vector<GateStatistics> gate_statistics(const Trace<float>& trace);
std::vector<BeltStatistics> belt_statistics(const Trace<float>& trace);

struct Tracker {
  int layer = 0;
  std::string state;
  int unit = 0;
  std::string feature;
  double information = 0;  ///< bits
  double share = 0;        ///< of the feature's entropy
  double p = 1;            ///< chance that some unit has as much by accident
  double untrained = 0;    ///< share that the best unit of the untrained networks has
};

struct SearchedFeature {
  std::string name;
  double share = 0, p = 1, untrained = 0;  ///< of the best unit
  bool by_chance = true;                   ///< not discovered at the rate asked for
  int found = 0;                           ///< units that pass both tests
};

struct UnitReport {
  std::vector<GateStatistics> gates;
  std::vector<BeltStatistics> belts;
  std::vector<SearchedFeature> features;
  std::vector<Tracker> trackers;  ///< most information first
};

constexpr int kLeastTokens = 500;

/// pieces: the tokens' texts. SpecError: fewer tokens than kLeastTokens, options out of range.
UnitReport examine_units(Model<float>& model, const std::vector<std::int32_t>& tokens,
                         const std::vector<std::string>& pieces, const UnitOptions& options = {});

/// Which of the hypotheses are rejected at this false discovery rate.
std::vector<bool> benjamini_hochberg(const std::vector<double>& p, double rate);

}  // namespace cellwright
