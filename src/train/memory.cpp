// memory.cpp: see memory.h.
#include "train/memory.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "cellwright/error.h"
#include "optim/optimizer.h"

namespace cellwright {
namespace {

std::size_t optimizer_arrays(const TrainOptions& options) {
  return make_optimizer<float>(options.optimizer, 16)->states().size();
}

MemoryPlan plan_for(const Model<float>& model, const TrainOptions& options, const MemoryRequest& request,
                    int stretches) {
  MemoryPlan plan;
  plan.process = request.process;
  const std::size_t arrays = optimizer_arrays(options), all = model.size() * sizeof(float);
  // With validation the best parameters are kept, and at the end the last ones beside them.
  plan.parameters = model.fixed_bytes() + (arrays + (request.valid_lanes > 0 ? 2 : 0)) * all;
  plan.saving = (2 + arrays) * all;
  Model<float>::WindowNeed need;
  need.train_steps = options.steps;
  need.train_lanes = options.batch;
  need.evaluate_steps = request.valid_steps;
  need.evaluate_lanes = request.valid_lanes;
  if (stretches > 1) {
    need.stretch = (options.steps + stretches - 1) / stretches;
    plan.stretch = need.stretch;
  }
  plan.stretches = plan.stretch > 0 ? (options.steps + plan.stretch - 1) / plan.stretch : 1;
  const auto tokens = [](int steps, int lanes) {
    return 2 * sizeof(std::int32_t) * static_cast<std::size_t>(steps) * static_cast<std::size_t>(lanes);
  };
  plan.window = model.window_bytes(need) + tokens(options.steps, options.batch) +
                tokens(request.valid_steps, request.valid_lanes);
  return plan;
}

}  // namespace

MemoryPlan plan_memory(const Model<float>& model, const TrainOptions& options, const MemoryRequest& request) {
  const MemoryPlan whole = plan_for(model, options, request, 1);
  if (request.budget == 0 || whole.total() <= request.budget) return whole;
  std::size_t least = whole.total();
  for (int stretches = 2, last = 0; stretches <= options.steps; ++stretches) {
    const int stretch = (options.steps + stretches - 1) / stretches;
    if (stretch == last) continue;
    last = stretch;
    const MemoryPlan plan = plan_for(model, options, request, stretches);
    if (plan.total() <= request.budget) return plan;
    least = std::min(least, plan.total());
  }
  throw SpecError(fmt::format(
      "--memory {}: this training needs {} at least; give that, or less --batch, --units or --steps",
      bytes_text(request.budget), bytes_text(least + least / 100)));
}

void check_parameters_fit(const ModelSpec& spec, const TrainOptions& options, std::size_t budget) {
  double numbers = 0;
  for (const TensorInfo& info : tensors_of(spec)) {
    double entries = 1;
    for (const std::int64_t n : info.shape) entries *= static_cast<double>(n);
    numbers += entries;
  }
  // Weights, gradients, the optimiser's state, and the transposes that the way back reads.
  const double needed = 4 * numbers * (3 + static_cast<double>(optimizer_arrays(options)));
  const std::size_t machine = machine_bytes();
  const std::size_t most = budget > 0 && machine > 0 ? std::min(budget, machine) : std::max(budget, machine);
  if (most == 0 || needed <= static_cast<double>(most)) return;
  throw SpecError(fmt::format(
      "training this model of {:.3g} parameters needs more than {:.3g} GB of memory, and {} {}; give fewer "
      "--units or --layers",
      numbers, needed / 1e9, most == machine ? "this machine has" : "--memory allows", bytes_text(most)));
}

std::size_t resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  unsigned long long total = 0, resident = 0;
  const int read = std::fscanf(file, "%llu %llu", &total, &resident);
  std::fclose(file);
  return read == 2 ? static_cast<std::size_t>(resident) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) : 0;
}

std::size_t machine_bytes() {
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 ? static_cast<std::size_t>(pages) * static_cast<std::size_t>(page) : 0;
}

std::size_t parse_bytes(const std::string& text, const std::string& option) {
  const auto refuse = [&]() -> std::size_t {
    throw SpecError(fmt::format("{} {}: expected an amount of memory, as 2G, 500M or 1.5GiB", option, text));
  };
  std::size_t at = 0;
  while (at < text.size() && (std::string("0123456789.").find(text[at]) != std::string::npos)) ++at;
  char* end = nullptr;
  const std::string digits = text.substr(0, at);
  const double number = std::strtod(digits.c_str(), &end);
  if (digits.empty() || *end != '\0') return refuse();
  std::string unit = text.substr(at);
  double power = 0;
  if (!unit.empty()) {
    const std::size_t which = std::string("kKmMgGtT").find(unit[0]);
    if (which != std::string::npos) {
      power = static_cast<double>(which / 2 + 1);
      unit.erase(0, 1);
    }
  }
  const bool binary = power > 0 && !unit.empty() && unit[0] == 'i';
  if (binary) unit.erase(0, 1);
  if (unit == "B" || unit == "b") unit.clear();
  const double bytes = number * std::pow(binary ? 1024.0 : 1000.0, power);
  if (!unit.empty() || !(bytes >= 1) || !(bytes < 1e18)) return refuse();
  return static_cast<std::size_t>(bytes);
}

std::string bytes_text(std::size_t bytes) {
  const double b = static_cast<double>(bytes);
  return b >= 1e9   ? fmt::format("{:.2f} GB", b / 1e9)
         : b >= 1e6 ? fmt::format("{:.1f} MB", b / 1e6)
                    : fmt::format("{:.1f} kB", b / 1e3);
}

std::string describe(const MemoryPlan& p) {
  std::string text = fmt::format("{}: {} the steps of a window", bytes_text(p.total()), bytes_text(p.window));
  if (p.stretches > 1)
    text += fmt::format(" ({} stretches of {}, each run forward twice)", p.stretches, p.stretch);
  return text + fmt::format(", {} parameters and optimiser, {} a checkpoint, {} program and text",
                            bytes_text(p.parameters), bytes_text(p.saving), bytes_text(p.process));
}

}  // namespace cellwright
