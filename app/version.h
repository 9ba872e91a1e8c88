// version.h: what --version prints.
#pragma once

#include <string>

namespace cellwright::app {

/// "cellwright 0.1.0", the SIMD targets of this processor, best first, and the threads this process may use.
std::string version_text();

}  // namespace cellwright::app
