// presets.h: published trainings as option values, taken where the user gave none.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace cellwright::app {

struct Preset {
  std::string name;
  std::string source;
  std::string task;                                          ///< "text", "music"
  std::vector<std::pair<std::string, std::string>> options;  ///< "units", "128"
};

const std::vector<Preset>& presets();

}  // namespace cellwright::app
