// training_start.cpp: see training_start.h.
#include "training_start.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cellwright/error.h"
#include "kernels/kernels.h"
#include "out_folder.h"
#include "tell.h"

namespace cellwright::app {

namespace fs = std::filesystem;

std::string check_out(const RunRequest& request, const std::vector<std::string>& inputs,
                      const std::vector<std::string>& endings) {
  std::string out = request.out;
  if (out.empty()) {
    std::string name = fs::path(inputs.at(0)).filename().string();
    if (name.empty()) name = fs::path(inputs[0]).parent_path().filename().string();  // "folder/"
    if (name == "-" || name.empty()) name = "model";
    for (const std::string& ending : endings) {
      if (name.size() > ending.size() && fs::path(name).extension() == ending)
        name = fs::path(name).stem().string();
    }
    out = name + ".safetensors";
  }
  std::error_code ignored;
  const fs::file_status status = fs::status(out, ignored);
  if (fs::exists(status) && !fs::is_regular_file(status))
    throw SpecError(fmt::format("--out {}: that is no ordinary file; give another name", out));
  if (fs::exists(status) && !request.resume && !request.force) {
    throw SpecError(fmt::format(
        "'{}' exists; go on with its training by --resume, replace it by --force, or give another --out",
        out));
  }
  check_folder("--out", out);
  const fs::path folder = fs::path(out).has_parent_path() ? fs::path(out).parent_path() : fs::path(".");
  // Told now: not after the training whose file cannot be written.
  const auto longest = pathconf(folder.c_str(), _PC_NAME_MAX);
  if (longest > 0 && fs::path(out).filename().string().size() > static_cast<std::size_t>(longest))
    throw SpecError(fmt::format("--out: a name may have {} bytes here; give a shorter one", longest));
  for (const std::string& input : inputs) {
    if (fs::equivalent(input, out, ignored))
      throw SpecError(fmt::format("--out {} is one of the files that are read; give another name", out));
  }
  return out;
}

EngineOptions engine_of(const RunRequest& request, const std::string& training_json) {
  EngineOptions options = request.engine;
  if (options.threads < 0 || options.threads > 1024)
    throw SpecError(fmt::format("--threads must lie in 0 … 1024, found {}", options.threads));
  if (training_json.empty()) {
    kernels::kernels<float>(options.simd);  // an unknown target is told before data are read
    return options;
  }
  const nlohmann::json before_it = nlohmann::json::parse(training_json);
  options.accurate = options.accurate || before_it.value("accurate", false);
  options.scan = options.scan || before_it.value("scan", false);
  if (!request.simd_given) {
    const std::string before = before_it.value("simd", "");
    const std::vector<std::string> here = kernels::available_targets();
    if (std::find(here.begin(), here.end(), before) != here.end()) {
      options.simd = before;
    } else {
      tell(
          fmt::format("cellwright: warning: trained so far with SIMD target '{}', which this machine lacks; "
                      "the last bits will differ\n",
                      before));
    }
  }
  kernels::kernels<float>(options.simd);  // an unknown target is told before data are read
  return options;
}

std::string resume_command(const RunRequest& request) {
  return request.command + (request.resume ? "" : " --resume");
}

}  // namespace cellwright::app
