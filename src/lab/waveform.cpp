// waveform.cpp: a short sound, made from nothing.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lab/lengths.h"
#include "lab/real_classics.h"

namespace cellwright::lab {
namespace {

constexpr double kTwoPi = 6.283185307179586;

/// A tone of twelve partials, a little out of tune as a string's are, that swells and dies away: values in
/// [-1, 1], the same for every call. 320 of them hold 3.2 periods of the lowest partial: 7 ms of an A at 44.1
/// kHz.
std::vector<float> tone(int samples) {
  const Random random(440, hash_name("lab.waveform"));
  std::vector<double> sum(static_cast<std::size_t>(samples), 0.0);
  for (int partial = 1; partial <= 12; ++partial) {
    const auto number = static_cast<std::uint64_t>(partial);
    const double frequency = 3.2 / samples * partial * (1 + 0.0005 * partial * partial),
                 loudness = (0.3 + random.uniform(number, 0)) / partial, phase = random.uniform(number, 1);
    for (int t = 0; t < samples; ++t)
      sum[static_cast<std::size_t>(t)] += loudness * std::sin(kTwoPi * (frequency * t + phase));
  }
  double loudest = 0;
  for (int t = 0; t < samples; ++t) {
    double& s = sum[static_cast<std::size_t>(t)];
    const double at = (t + 1.0) / samples;
    s *= (1 - std::exp(-10 * at)) * std::exp(-at);
    loudest = std::max(loudest, std::abs(s));
  }
  std::vector<float> values;
  for (const double s : sum) values.push_back(static_cast<float>(s / loudest));
  return values;
}

class Waveform : public NumberTask {
 public:
  explicit Waveform(const TaskOptions& o) : lengths_(lengths_or(o.lengths, {320}, 16, 1000000)) {
    lengths_.erase(lengths_.begin(), lengths_.end() - 1);  // one sound, the longest asked for
  }

  std::string name() const override { return "waveform"; }
  std::string length_name() const override { return "samples"; }
  std::string accuracy_name() const override { return "variance explained"; }
  std::string error_name() const override { return "normalised mean squared error"; }
  std::string chance_name() const override { return "the mean alone"; }
  std::vector<Point> points() const override { return points_at(lengths_, lengths_.back()); }
  double chance(const Point&) const override { return 0; }
  Point training_point(RandomDraw&) const override { return points()[0]; }

  int inputs() const override { return 1; }  // always 0: a model must read something
  LossSpec loss() const override { return {}; }

  Sequence draw(const Point& point, RandomDraw&) const override {
    Sequence s;
    s.steps = point.length;
    s.inputs.assign(static_cast<std::size_t>(s.steps), 0.0f);
    s.targets = tone(s.steps);
    return s;
  }

  /// The squared error over the sound's variance; one without figures counts as 10^9.
  PointScore score(const Sequence& sequence, const std::vector<double>& predictions) const override {
    double mean = 0, off = 0, all = 0;
    for (const float y : sequence.targets) mean += static_cast<double>(y) / sequence.steps;
    for (std::size_t t = 0; t < predictions.size(); ++t) {
      const double y = static_cast<double>(sequence.targets[t]);
      off += (predictions[t] - y) * (predictions[t] - y);
      all += (y - mean) * (y - mean);
    }
    const double error = std::isfinite(off) ? std::min(off / all, 1e9) : 1e9,
                 explained = std::max(0.0, 1 - error);
    return {explained, explained, explained, error};
  }

  /// What was to be made and what was made.
  nlohmann::ordered_json look_inside(const Sequence& sequence,
                                     const std::vector<double>& predictions) const override {
    const bool finite =
        std::all_of(predictions.begin(), predictions.end(), [](double y) { return std::isfinite(y); });
    if (!finite) return nullptr;
    return {{"target", sequence.targets}, {"generated", predictions}};
  }

 private:
  std::vector<int> lengths_;
};

}  // namespace

std::unique_ptr<NumberTask> make_waveform(const TaskOptions& options) {
  return std::make_unique<Waveform>(options);
}

}  // namespace cellwright::lab
