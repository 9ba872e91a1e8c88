// no_subwords.cpp: stands in for subword_module.cpp in a build without SentencePiece.
#include "cellwright/error.h"
#include "data/subwords.h"

namespace cellwright {
namespace {

[[noreturn]] void fail() {
  throw SpecError(
      "this build has no subwords; install SentencePiece (Debian: libsentencepiece-dev) and build again");
}

}  // namespace

bool have_subwords() { return false; }
std::string train_subwords(const std::vector<std::string>&, int, const std::string&) { fail(); }
std::unique_ptr<const Subwords> load_subwords(const std::string&) { fail(); }

}  // namespace cellwright
