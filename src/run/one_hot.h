// one_hot.h: inputs whose rows are 1 at one place and 0 elsewhere, given as that place.
#pragma once

#include "compile/plan.h"

namespace cellwright {

/// Whether the plan does nothing with an input port but multiply all of it with matrices, so that one-hot rows need
/// not exist: a product is then a column of its matrix, and the matrix' gradient has only those columns.
bool takes_one_hot(const Plan& plan, int port);

}  // namespace cellwright
