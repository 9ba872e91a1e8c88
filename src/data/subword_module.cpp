// subword_module.cpp: finds and loads the module that holds SentencePiece, so that who does not ask for
// subwords loads neither it nor protobuf. no_subwords.cpp stands here where the module is not built.
#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>

#include "cellwright/error.h"
#include "data/subwords.h"

namespace cellwright {
namespace {

/// The folder of the file that this code was loaded from: the library, or the program that it is linked into.
std::string own_folder() {
  Dl_info info = {};
  if (dladdr(reinterpret_cast<const void*>(&have_subwords), &info) == 0 || info.dli_fname == nullptr)
    return ".";
  const std::string path = info.dli_fname;
  const std::size_t slash = path.rfind('/');
  // A program found by PATH may be given by its bare name.
  if (slash == std::string::npos) return "/proc/self/exe/..";
  return path.substr(0, slash);
}

struct Loaded {
  const SubwordModule* module = nullptr;
  std::string error;
};

Loaded load() {
  const std::string folder = own_folder();
  std::vector<std::string> places;
  if (const char* named = std::getenv("CELLWRIGHT_MODULE_PATH")) places.push_back(named);
  // Beside the library, beside a program in bin/, and where the build leaves it.
  for (const char* place : {"/cellwright", "/../" CELLWRIGHT_LIBDIR "/cellwright", "/../modules", "/modules"})
    places.push_back(folder + place);
  Loaded result;
  for (const std::string& place : places) {
    const std::string path = place + "/" + CELLWRIGHT_SUBWORD_MODULE;
    void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);  // never closed: models of it live on
    if (handle == nullptr) {
      const char* why = dlerror();
      if (result.error.empty() || std::string(why).find("No such file") == std::string::npos)
        result.error = why;
      continue;
    }
    result.module = static_cast<const SubwordModule*>(dlsym(handle, "cellwright_subwords_1"));
    if (result.module != nullptr) return result;
    result.error = path + " is of another version";
  }
  return result;
}

const SubwordModule& the_module() {
  static const Loaded loaded = load();
  if (loaded.module == nullptr) {
    throw SpecError(
        fmt::format("subwords need the module {}, which cannot be loaded ({}); install SentencePiece "
                    "(Debian: libsentencepiece0)",
                    CELLWRIGHT_SUBWORD_MODULE, loaded.error));
  }
  return *loaded.module;
}

}  // namespace

bool have_subwords() {
  try {
    the_module();
    return true;
  } catch (const SpecError&) {
    return false;
  }
}

std::string train_subwords(const std::vector<std::string>& segments, int pieces, const std::string& kind) {
  std::string model;
  const std::string error = the_module().train(segments, pieces, kind, &model);
  if (!error.empty()) throw SpecError(error);
  return model;
}

std::unique_ptr<const Subwords> load_subwords(const std::string& model) {
  std::unique_ptr<const Subwords> subwords;
  const std::string error = the_module().load(model, &subwords);
  if (!error.empty()) throw FormatError(error);
  return subwords;
}

}  // namespace cellwright
