// subword_module.cpp: asks the module that holds SentencePiece, so that who does not ask for
// subwords loads neither it nor protobuf. no_subwords.cpp stands here where the module is not built.
#include <fmt/format.h>

#include "base/load_module.h"
#include "cellwright/error.h"
#include "data/subwords.h"

namespace cellwright {
namespace {

const SubwordModule& the_module() {
  static const LoadedModule loaded = load_module(CELLWRIGHT_SUBWORDS_MODULE, "cellwright_subwords_1");
  if (loaded.symbol == nullptr) {
    throw SpecError(
        fmt::format("subwords need the module {}, which cannot be loaded ({}); install SentencePiece "
                    "(Debian: libsentencepiece0)",
                    CELLWRIGHT_SUBWORDS_MODULE, loaded.error));
  }
  return *static_cast<const SubwordModule*>(loaded.symbol);
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
