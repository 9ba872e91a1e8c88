// tell.h: lines to the user beside the results.
#pragma once

#include <string>

namespace cellwright::app {

/// Writes to standard error as it is. Never throws: nobody reading (a closed pipe, a full disk) is no reason
/// to lose a training or to end by a crash.
void tell(const std::string& text);

}  // namespace cellwright::app
