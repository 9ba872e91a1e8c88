// loss.h: what a model's numbers are held against: the family of losses over steps and sequences.
//
// Where to start: make_loss, LossFunction::evaluate. Each loss is a file of its own: softmax.cpp,
// bernoulli.cpp, squared.cpp (mse), absolute.cpp (mae), huber.cpp, quantile.cpp, mixture.cpp, and of whole
// lanes ctc.cpp, esr.cpp. The softmax over a large vocabulary is nn/head.h's.
//
// What always holds: arithmetic is in double; a row's loss and gradient depend on that row alone (where the
// loss is a lane's, on that lane), so threads, neighbours and padding do not change a bit; who sums does so
// with the step ascending, then the lane.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/thread_pool.h"

namespace cellwright {

/// Plain data, as a model file keeps it.
struct LossSpec {
  /// "softmax": the target is a class. "bernoulli": a vector of numbers in [0, 1], the cross-entropies summed
  /// (frames of a piano roll). "mse", "mae", "huber": a vector of numbers, the mean over them. "quantile":
  /// the pinball loss, the mean over numbers and quantiles. "mixture": -log of a density, a mixture of
  /// Gaussians with diagonal covariance.
  /// "ctc": labels of a whole sequence whose steps are not known. "esr": the error-to-signal ratio of a
  /// sound.
  std::string kind = "mse";
  int outputs = 1;                ///< classes of softmax; else numbers of a target
  double delta = 1;               ///< of huber: where its parabola becomes a line
  std::vector<double> quantiles;  ///< of quantile, rising, each in (0, 1)
  double pre_emphasis = 0.85;     ///< of esr: c of the filter x[t] - c·x[t-1]; 0: none
  double dc = 1;                  ///< of esr: weight of the mean's error
  int components = 3;             ///< of mixture

  bool operator==(const LossSpec& other) const = default;
};

const std::vector<std::string>& loss_kinds();
void check(const LossSpec& spec);  ///< SpecError: what is out of range
void to_json(nlohmann::json& json, const LossSpec& spec);
void from_json(const nlohmann::json& json, LossSpec& spec);  ///< FormatError; checked

/// Rows of a window, or one a sequence.
template <class T>
struct LossRows {
  int steps = 0, lanes = 0;
  const T* outputs = nullptr;  ///< [steps, lanes, width()]: what the model gives
  const T* targets = nullptr;  ///< [steps, lanes, target_width()]; a class is the number of it, from 0
  const std::uint8_t* counted = nullptr;  ///< [steps, lanes]: 0 where a row does not count; null: all do
  const std::vector<std::vector<std::int32_t>>* labels = nullptr;  ///< of ctc: a lane's
};

template <class T>
class LossFunction {
 public:
  explicit LossFunction(LossSpec spec) : spec_(std::move(spec)) {}
  virtual ~LossFunction() = default;

  const LossSpec& spec() const { return spec_; }
  virtual int width() const = 0;                   ///< numbers a row that the model gives
  virtual bool of_lanes() const { return false; }  ///< one loss a lane, which stands in its first counted row
  virtual int target_width() const = 0;            ///< numbers a row of the targets

  /// losses [steps, lanes] and, unless null, d_outputs [steps, lanes, width()] = `scale` times the gradient
  /// of their sum are written; both are 0 where a row does not count. What stands in such a row is not read.
  virtual void evaluate(const LossRows<T>& rows, double scale, double* losses, T* d_outputs,
                        ThreadPool& pool) const = 0;

  /// ShapeError naming step and lane of a counted target that is none: a class outside [0, outputs).
  virtual void check_targets(const LossRows<T>& rows) const = 0;

  /// What a row says, in numbers a reader wants, prediction_width() of them: probabilities of classes or of
  /// ones, the numbers themselves, [number, quantile], the mixture's mean a number.
  virtual int prediction_width() const { return width(); }
  virtual void predict(const T* outputs, double* prediction) const;

 private:
  LossSpec spec_;
};

/// Throws as check().
template <class T>
std::unique_ptr<LossFunction<T>> make_loss(const LossSpec& spec);

}  // namespace cellwright
