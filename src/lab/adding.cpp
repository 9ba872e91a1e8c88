// adding.cpp: the adding problem.
#include <cmath>

#include "lab/lengths.h"
#include "lab/real_classics.h"

namespace cellwright::lab {
namespace {

/// A sum off by less than this is right (Hochreiter & Schmidhuber 1997).
constexpr double kTolerance = 0.04;

class Adding : public NumberTask {
 public:
  explicit Adding(const TaskOptions& o) : lengths_(lengths_or(o.lengths, {100}, 4, 100000)) {}

  std::string name() const override { return "adding"; }
  std::string length_name() const override { return "steps"; }
  std::string accuracy_name() const override { return "sums off by less than 0.04"; }
  std::string error_name() const override { return "mean squared error"; }
  std::string chance_name() const override { return "always 1"; }
  std::vector<Point> points() const override { return points_at(lengths_, lengths_.back()); }

  /// Who always says 1, the mean of the sum of two uniform numbers, whose density at 1 ± d is 1 - d.
  double chance(const Point&) const override { return 2 * kTolerance - kTolerance * kTolerance; }

  Point training_point(RandomDraw& draw) const override {
    return {draw_length(lengths_.front(), lengths_.back(), draw), 0, ""};
  }
  int inputs() const override { return 2; }
  LossSpec loss() const override { return {}; }
  Reading reading() const override { return Reading::last; }

  Sequence draw(const Point& point, RandomDraw& draw) const override {
    const int half = point.length / 2, first = draw.below(half),
              second = half + draw.below(point.length - half);
    Sequence s;
    s.steps = point.length;
    float sum = 0;
    for (int t = 0; t < point.length; ++t) {
      const auto number = static_cast<float>(draw.uniform());
      const bool marked = t == first || t == second;
      if (marked) sum += number;
      s.inputs.push_back(number);
      s.inputs.push_back(marked ? 1.0f : 0.0f);
    }
    s.targets = {sum};
    return s;
  }

  PointScore score(const Sequence& sequence, const std::vector<double>& predictions) const override {
    const double off = predictions[0] - static_cast<double>(sequence.targets[0]);
    const double right = std::abs(off) < kTolerance ? 1 : 0;
    return {right, right, right, off * off};
  }

 private:
  std::vector<int> lengths_;
};

}  // namespace

std::unique_ptr<NumberTask> make_adding(const TaskOptions& options) {
  return std::make_unique<Adding>(options);
}

}  // namespace cellwright::lab
