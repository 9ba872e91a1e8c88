// softmax.cpp: cross-entropy of a class: -log softmax(a)[target].
#include <fmt/format.h>

#include <algorithm>

#include "loss/makers.h"
#include "loss/row_loss.h"

namespace cellwright {
namespace {

template <class T>
class SoftmaxLoss : public RowLoss<T> {
 public:
  using RowLoss<T>::RowLoss;
  int width() const override { return this->spec().outputs; }
  int target_width() const override { return 1; }

  void predict(const T* a, double* p) const override {
    const int n = width();
    const double most = static_cast<double>(*std::max_element(a, a + n));
    double sum = 0;
    for (int i = 0; i < n; ++i) sum += p[i] = std::exp(static_cast<double>(a[i]) - most);
    for (int i = 0; i < n; ++i) p[i] /= sum;
  }

 protected:
  double row(const T* a, const T* target, double* d) const override {
    const int n = width();
    const auto c = static_cast<int>(target[0]);
    const double most = static_cast<double>(*std::max_element(a, a + n));
    double sum = 0;
    for (int i = 0; i < n; ++i) sum += d[i] = std::exp(static_cast<double>(a[i]) - most);
    for (int i = 0; i < n; ++i) d[i] /= sum;
    d[c] -= 1;
    return most + std::log(sum) - static_cast<double>(a[c]);
  }

  std::string fault(const T* target) const override {
    const auto c = static_cast<double>(target[0]);
    if (c >= 0 && c < width() && c == std::floor(c)) return "";
    return fmt::format("is {}, no class of 0 … {}", c, width() - 1);
  }
};

}  // namespace

CELLWRIGHT_LOSS_MAKER(make_softmax_loss, SoftmaxLoss);

}  // namespace cellwright
