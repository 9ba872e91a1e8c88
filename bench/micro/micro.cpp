#include "micro.h"

namespace cellwright::micro {

std::vector<std::string> simd_targets() {
  std::vector<std::string> targets = kernels::available_targets();
  std::erase(targets, "scalar");
  return targets;
}

}  // namespace cellwright::micro

int main(int argc, char** argv) {
  cellwright::micro::register_products();
  cellwright::micro::register_activations();
  cellwright::micro::register_interpreter();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
