// mixture.cpp: -log of a density: a mixture of K Gaussians with diagonal covariance (Bishop 1994). Outputs of
// a row: K logits of the weights, K × n means, K × n numbers r of the deviations softplus(r) + kLeast, whose
// floor keeps a component from collapsing onto one target. Sums over components are log-sum-exp.
#include <algorithm>

#include "loss/makers.h"
#include "loss/row_loss.h"

namespace cellwright {
namespace {

constexpr double kLeast = 1e-3;
constexpr double kHalfLogTwoPi = 0.91893853320467274178;

double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

double log_sum(const std::vector<double>& x) {
  const double most = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (const double v : x) sum += std::exp(v - most);
  return most + std::log(sum);
}

template <class T>
class MixtureLoss : public RowLoss<T> {
 public:
  using RowLoss<T>::RowLoss;
  int width() const override { return this->spec().components * (1 + 2 * this->spec().outputs); }
  int prediction_width() const override { return this->spec().outputs; }

  void predict(const T* outputs, double* mean) const override {
    const int components = this->spec().components, n = this->spec().outputs;
    std::vector<double> weights(outputs, outputs + components);
    const double all = log_sum(weights);
    std::fill_n(mean, n, 0.0);
    for (int k = 0; k < components; ++k) {
      for (int i = 0; i < n; ++i)
        mean[i] += std::exp(weights[static_cast<std::size_t>(k)] - all) *
                   static_cast<double>(outputs[components + k * n + i]);
    }
  }

 protected:
  double row(const T* outputs, const T* target, double* d) const override {
    const int components = this->spec().components, n = this->spec().outputs;
    const T *means = outputs + components, *spreads = means + components * n;
    std::vector<double> weights(outputs, outputs + components), joint(weights);
    for (int k = 0; k < components; ++k) {
      double& log_p = joint[static_cast<std::size_t>(k)];
      for (int i = 0; i < n; ++i) {
        const double s = softplus(static_cast<double>(spreads[k * n + i])) + kLeast;
        const double z = (static_cast<double>(target[i]) - static_cast<double>(means[k * n + i])) / s;
        log_p -= z * z / 2 + std::log(s) + kHalfLogTwoPi;
      }
    }
    const double all = log_sum(weights), likelihood = log_sum(joint);
    for (int k = 0; k < components; ++k) {
      const auto at = static_cast<std::size_t>(k);
      const double share = std::exp(joint[at] - likelihood);  // the component's part in this target
      d[k] = std::exp(weights[at] - all) - share;
      for (int i = 0; i < n; ++i) {
        const double r = static_cast<double>(spreads[k * n + i]), s = softplus(r) + kLeast;
        const double z = (static_cast<double>(target[i]) - static_cast<double>(means[k * n + i])) / s;
        d[components + k * n + i] = -share * z / s;
        d[components * (1 + n) + k * n + i] = share * (1 - z * z) / s / (1 + std::exp(-r));
      }
    }
    return all - likelihood;
  }
};

}  // namespace

CELLWRIGHT_LOSS_MAKER(make_mixture_loss, MixtureLoss);

}  // namespace cellwright
