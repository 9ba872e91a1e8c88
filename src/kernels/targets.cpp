// targets.cpp: which targets this processor runs, and the table of one by its name.
#include "kernels/table.h"

#include "cellwright/error.h"
#include "kernels/kernels.h"

namespace cellwright::kernels {

std::vector<std::string> available_targets() { return {"scalar"}; }

template <class T>
const Kernels<T>& kernels(const std::string& target) {
  if (target.empty() || target == "auto" || target == "scalar") return reference_kernels<T>();
  throw SpecError("kernels: SIMD target '" + target +
                  "' is not available on this processor; choose auto or one of: scalar");
}

template <class T>
std::size_t weight_gradient_scratch() {
  return static_cast<std::size_t>(kGradientRows) * (kGradientColumns + kGradientPanels * kPanel<T>);
}

template const Kernels<float>& kernels(const std::string&);
template const Kernels<double>& kernels(const std::string&);
template std::size_t weight_gradient_scratch<float>();
template std::size_t weight_gradient_scratch<double>();

}  // namespace cellwright::kernels
