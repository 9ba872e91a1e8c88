// interrupt.h: Ctrl-C as a wish that is granted between two updates. A second one quits at once.
#pragma once

#include <atomic>

namespace cellwright::app {

/// While it lives, SIGINT, SIGTERM and SIGHUP set the flag. One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  const std::atomic<bool>* flag() const;
  int status() const;  ///< the exit status that tells which signal came first: 130, 143 or 129
};

}  // namespace cellwright::app
