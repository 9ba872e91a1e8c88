// huber.cpp: Huber 1964: half the square of errors up to delta, a line beyond.
#include "loss/makers.h"
#include "loss/row_loss.h"

namespace cellwright {
namespace {

template <class T>
class HuberLoss : public NumberLoss<T> {
 public:
  using NumberLoss<T>::NumberLoss;

 protected:
  double number(double error, double& d) const override {
    const double delta = this->spec().delta;
    if (std::abs(error) <= delta) {
      d = error;
      return error * error / 2;
    }
    d = error > 0 ? delta : -delta;
    return delta * (std::abs(error) - delta / 2);
  }
};

}  // namespace

CELLWRIGHT_LOSS_MAKER(make_huber_loss, HuberLoss);

}  // namespace cellwright
