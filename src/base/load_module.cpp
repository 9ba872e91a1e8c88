#include "base/load_module.h"

#include <dlfcn.h>

#include <cstdlib>
#include <vector>

namespace cellwright {
namespace {

/// The folder of the file that this code was loaded from: the library, or the program that it is linked into.
std::string own_folder() {
  Dl_info info = {};
  if (dladdr(reinterpret_cast<const void*>(&load_module), &info) == 0 || info.dli_fname == nullptr)
    return ".";
  const std::string path = info.dli_fname;
  const std::size_t slash = path.rfind('/');
  // A program found by PATH may be given by its bare name.
  if (slash == std::string::npos) return "/proc/self/exe/..";
  return path.substr(0, slash);
}

}  // namespace

LoadedModule load_module(const std::string& file, const std::string& symbol) {
  const std::string folder = own_folder();
  std::vector<std::string> places;
  if (const char* named = std::getenv("CELLWRIGHT_MODULE_PATH")) places.push_back(named);
  // Beside the library, beside a program in bin/, and where the build leaves it.
  for (const char* place : {"/cellwright", "/../" CELLWRIGHT_LIBDIR "/cellwright", "/../modules", "/modules"})
    places.push_back(folder + place);
  LoadedModule result;
  for (const std::string& place : places) {
    const std::string path = place + "/" + file;
    void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);  // never closed: what it made lives on
    if (handle == nullptr) {
      const char* why = dlerror();
      if (result.error.empty() || std::string(why).find("No such file") == std::string::npos)
        result.error = why;
      continue;
    }
    result.symbol = dlsym(handle, symbol.c_str());
    if (result.symbol != nullptr) return result;
    result.error = path + " is of another version";
  }
  return result;
}

}  // namespace cellwright
