// load_module.h: finds and loads a part of the library that is a file of its own, because it needs what most
// programs do not.
#pragma once

#include <string>

namespace cellwright {

/// What a module hands out by its one symbol; null, and why, when it cannot be had. A module stays loaded.
struct LoadedModule {
  const void* symbol = nullptr;
  std::string error;
};

/// `file` ("cellwright-subwords.so") is looked for in $CELLWRIGHT_MODULE_PATH, then beside the library, in
/// its libraries' folder, and where the build leaves it. Nothing is remembered; callers keep the result.
LoadedModule load_module(const std::string& file, const std::string& symbol);

}  // namespace cellwright
