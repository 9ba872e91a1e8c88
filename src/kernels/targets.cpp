// targets.cpp: which targets this processor runs, and the table of one by its name. Start at kernels().
#include <cmath>

#include "cellwright/error.h"
#include "hwy/targets.h"
#include "kernels/kernels.h"
#include "kernels/table.h"

namespace cellwright::kernels {

double natural_log(double x) { return std::log(x); }

std::vector<std::string> available_targets() {
  std::vector<std::string> names;
  for (const CompiledTarget<float>* t = compiled_targets<float>(); t->kernels != nullptr; ++t) {
    if (hwy::SupportedTargets() & t->bit) names.push_back(t->kernels->target);
  }
  names.push_back("scalar");
  return names;
}

template <class T>
const Kernels<T>& kernels(const std::string& target) {
  const bool best = target.empty() || target == "auto";
  for (const CompiledTarget<T>* t = compiled_targets<T>(); t->kernels != nullptr; ++t) {
    if ((hwy::SupportedTargets() & t->bit) && (best || target == t->kernels->target)) return *t->kernels;
  }
  if (best || target == "scalar") return reference_kernels<T>();
  std::string names = "auto";
  for (const std::string& name : available_targets()) names += ", " + name;
  throw SpecError("SIMD target '" + target + "' is not available on this processor; choose one of " + names);
}

template <class T>
std::size_t weight_gradient_scratch() {
  return static_cast<std::size_t>(kGradientRows) * kGradientPanels * kPanel<T>;
}

template const Kernels<float>& kernels(const std::string&);
template const Kernels<double>& kernels(const std::string&);
template std::size_t weight_gradient_scratch<float>();
template std::size_t weight_gradient_scratch<double>();

}  // namespace cellwright::kernels
