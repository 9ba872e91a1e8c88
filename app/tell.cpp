#include "tell.h"

#include <cstdio>

namespace cellwright::app {

void tell(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace cellwright::app
