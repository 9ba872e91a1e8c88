// squared.cpp: "mse": the squared error, a half nowhere, so that the mean is the metric of that name.
#include "loss/makers.h"
#include "loss/row_loss.h"

namespace cellwright {
namespace {

template <class T>
class SquaredLoss : public NumberLoss<T> {
 public:
  using NumberLoss<T>::NumberLoss;

 protected:
  double number(double error, double& d) const override {
    d = 2 * error;
    return error * error;
  }
};

}  // namespace

CELLWRIGHT_LOSS_MAKER(make_squared_loss, SquaredLoss);

}  // namespace cellwright
