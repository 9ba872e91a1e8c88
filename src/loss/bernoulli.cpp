// bernoulli.cpp: cross-entropy of a vector of independent yes and no, summed: the negative log-likelihood of
// a piano roll's frame. With logit a and target y a number adds log(1 + e^a) - y·a, computed so that neither
// tail loses anything.
#include <fmt/format.h>

#include "loss/makers.h"
#include "loss/row_loss.h"

namespace cellwright {
namespace {

template <class T>
class BernoulliLoss : public RowLoss<T> {
 public:
  using RowLoss<T>::RowLoss;
  int width() const override { return this->spec().outputs; }

  void predict(const T* a, double* p) const override {
    for (int i = 0; i < width(); ++i) p[i] = 1 / (1 + std::exp(-static_cast<double>(a[i])));
  }

 protected:
  double row(const T* outputs, const T* target, double* d) const override {
    double sum = 0;
    for (int i = 0; i < width(); ++i) {
      const auto a = static_cast<double>(outputs[i]), y = static_cast<double>(target[i]);
      const double e = std::exp(-std::abs(a));  // in (0, 1]
      sum += std::max(a, 0.0) + std::log1p(e) - y * a;
      d[i] = (a >= 0 ? 1 / (1 + e) : e / (1 + e)) - y;
    }
    return sum;
  }

  std::string fault(const T* target) const override {
    for (int i = 0; i < width(); ++i) {
      const auto y = static_cast<double>(target[i]);
      if (!(y >= 0 && y <= 1)) return fmt::format("has {} at number {}, not within 0 … 1", y, i);
    }
    return "";
  }
};

}  // namespace

CELLWRIGHT_LOSS_MAKER(make_bernoulli_loss, BernoulliLoss);

}  // namespace cellwright
