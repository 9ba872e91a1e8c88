// message_of.h: what a wrong input is told, for tests of readers.
#pragma once

#include <functional>
#include <string>

#include "cellwright/error.h"

namespace cellwright::test {

/// The message of the Error that `f` ends in; "" where it ends without one.
inline std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace cellwright::test
