// spikes.cpp: tasks in which the steps between spikes are what counts: telling two intervals apart, and
// making a rhythm that stays.
#include <algorithm>
#include <cmath>

#include "lab/classics.h"
#include "lab/lengths.h"
#include "lab/real_classics.h"
#include "lab/symbol_task.h"

namespace cellwright::lab {
namespace {

class SpikeTiming : public SymbolTask {
 public:
  explicit SpikeTiming(const TaskOptions& o)
      : SymbolTask("spike-timing", "steps of the longer interval", {"-", "|", "short", "long"},
                   lengths_or(o.lengths, {10, 14, 20, 28, 40, 50}, 3, 100000), 0.5) {}

  /// Only lengths that are measured: with 50 alone, shorter ones are no help.
  Point training_point(RandomDraw& draw) const override { return {draw.of(lengths_), 0, ""}; }

  Sample draw(const Point& point, RandomDraw& draw) const override {
    const int begin = draw.below(kLatest), end = kLatest + kIntervals * point.length;
    Sample s;
    for (int t = 0; t < begin; ++t) read(s, kSilence);
    read(s, kSpike);
    for (int i = 0; i < kIntervals; ++i) {
      const std::int32_t longer = draw.below(2);
      for (int t = 1; t < point.length - 1 + longer; ++t) read(s, kSilence);
      read(s, kSpike, kShort + longer);
    }
    while (static_cast<int>(s.tokens.size()) < end) read(s, kSilence);
    return s;
  }

 private:
  enum : std::int32_t { kSilence = 0, kSpike = 1, kShort = 2 };
  static constexpr int kIntervals = 3, kLatest = 5;  // steps before the first spike, fewer than that
};

/// Steps between spikes, and spikes in a sequence beside the first, which is given.
class SpikeGeneration : public NumberTask {
 public:
  explicit SpikeGeneration(const TaskOptions& o) : lengths_(lengths_or(o.lengths, {10, 20}, 2, 10000)) {}

  std::string name() const override { return "spike-generation"; }
  std::string length_name() const override { return "steps between spikes"; }
  std::string accuracy_name() const override { return "streams with every spike at its step"; }
  std::string chance_name() const override { return "no spike at all"; }
  std::vector<Point> points() const override {
    std::vector<Point> points;
    for (const int length : lengths_) points.push_back({length, kTrained, label(length, kTrained), false});
    for (const int length : lengths_) points.push_back({length, kStable, label(length, kStable), true});
    return points;
  }
  double chance(const Point&) const override { return 0; }
  Point training_point(RandomDraw& draw) const override { return {draw.of(lengths_), kTrained, ""}; }

  int inputs() const override { return 1; }
  LossSpec loss() const override {
    LossSpec spike;
    spike.kind = "bernoulli";
    return spike;
  }

  /// The first step's number is the interval over the longest one; then nothing is read.
  Sequence draw(const Point& point, RandomDraw&) const override {
    Sequence s;
    s.steps = point.variant * point.length + 1;
    s.inputs.assign(static_cast<std::size_t>(s.steps), 0.0f);
    s.inputs[0] = static_cast<float>(point.length) / static_cast<float>(lengths_.back());
    for (int t = 0; t < s.steps; ++t) s.targets.push_back(t > 0 && t % point.length == 0 ? 1.0f : 0.0f);
    return s;
  }

  PointScore score(const Sequence& sequence, const std::vector<double>& predictions) const override {
    double right = 0;
    for (std::size_t t = 0; t < predictions.size(); ++t)
      right += (predictions[t] > 0.5) == (sequence.targets[t] > 0.5f) ? 1 : 0;
    const double whole = right == static_cast<double>(predictions.size()) ? 1 : 0;
    return {whole, right / static_cast<double>(predictions.size()), whole, 0};
  }

 private:
  static constexpr int kTrained = 5, kStable = 50;  // spikes
  static std::string label(int length, int spikes) {
    return std::to_string(length) + ", " + std::to_string(spikes) + " spikes";
  }

  std::vector<int> lengths_;
};

}  // namespace

std::unique_ptr<TokenTask> make_spike_timing(const TaskOptions& options) {
  return std::make_unique<SpikeTiming>(options);
}
std::unique_ptr<NumberTask> make_spike_generation(const TaskOptions& options) {
  return std::make_unique<SpikeGeneration>(options);
}

}  // namespace cellwright::lab
