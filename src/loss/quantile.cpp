// quantile.cpp: the pinball loss (Koenker & Bassett 1978) of several quantiles: for quantile q, forecast f
// and target y: q·(y - f) where y lies above, (1 - q)·(f - y) below. Outputs are [number, quantile].
#include <fmt/format.h>

#include "loss/makers.h"
#include "loss/row_loss.h"

namespace cellwright {
namespace {

template <class T>
class QuantileLoss : public RowLoss<T> {
 public:
  using RowLoss<T>::RowLoss;
  int width() const override {
    return this->spec().outputs * static_cast<int>(this->spec().quantiles.size());
  }

 protected:
  double row(const T* outputs, const T* target, double* d) const override {
    const std::vector<double>& quantiles = this->spec().quantiles;
    const int n = this->spec().outputs, there = present(target, n);
    if (there == 0) return 0;
    const double share = 1.0 / (there * static_cast<double>(quantiles.size()));
    double sum = 0;
    std::size_t k = 0;
    for (int i = 0; i < n; ++i) {
      const auto y = static_cast<double>(target[i]);
      for (const double q : quantiles) {
        const double above = y - static_cast<double>(outputs[k]);
        if (!std::isnan(y)) {
          sum += above >= 0 ? q * above : (q - 1) * above;
          d[k] = share * (above > 0 ? -q : above < 0 ? 1 - q : 0);
        }
        ++k;
      }
    }
    return sum * share;
  }

  std::string fault(const T* target) const override {
    for (int i = 0; i < this->spec().outputs; ++i) {
      if (std::isinf(static_cast<double>(target[i]))) return fmt::format("is infinite at number {}", i);
    }
    return "";
  }
};

}  // namespace

CELLWRIGHT_LOSS_MAKER(make_quantile_loss, QuantileLoss);

}  // namespace cellwright
