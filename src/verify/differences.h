// differences.h: one tensor's gradient against central differences, by the rule that stands at GradientRow.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "verify/verify.h"

namespace cellwright {

/// `objective` is asked with one entry of `tensor` moved; afterwards the tensor is as it was. Entries that do
/// not `exist` (empty: all do) are left out. Two calls of `objective` an entry, up to nine at a kink.
GradientRow check_tensor(const std::string& name, std::vector<double>& tensor,
                         const std::vector<double>& gradient, const std::vector<bool>& exists,
                         double largest_of_all, const std::function<double()>& objective);

/// The largest absolute entry of all the tensors; 0 of none.
double largest_entry(const std::vector<std::vector<double>>& tensors);

}  // namespace cellwright
