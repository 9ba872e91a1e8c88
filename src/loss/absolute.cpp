// absolute.cpp: "mae": the absolute error; its derivative is 0 at 0.
#include "loss/makers.h"
#include "loss/row_loss.h"

namespace cellwright {
namespace {

template <class T>
class AbsoluteLoss : public NumberLoss<T> {
 public:
  using NumberLoss<T>::NumberLoss;

 protected:
  double number(double error, double& d) const override {
    d = error > 0 ? 1 : error < 0 ? -1 : 0;
    return std::abs(error);
  }
};

}  // namespace

CELLWRIGHT_LOSS_MAKER(make_absolute_loss, AbsoluteLoss);

}  // namespace cellwright
