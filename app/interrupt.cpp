#include "interrupt.h"

#include <unistd.h>

#include <csignal>

namespace cellwright::app {
namespace {

std::atomic<bool> signalled{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

struct sigaction old_interrupt, old_terminate;

void on_signal(int number) {
  if (signalled.exchange(true)) _exit(128 + number);
}

}  // namespace

Interrupt::Interrupt() {
  signalled = false;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &old_interrupt);
  sigaction(SIGTERM, &action, &old_terminate);
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &old_interrupt, nullptr);
  sigaction(SIGTERM, &old_terminate, nullptr);
}

const std::atomic<bool>* Interrupt::flag() const { return &signalled; }

}  // namespace cellwright::app
