#include "interrupt.h"

#include <unistd.h>

#include <csignal>

namespace cellwright::app {
namespace {

std::atomic<bool> signalled{false};
std::atomic<int> first{SIGINT};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

const int kSignals[] = {SIGINT, SIGTERM, SIGHUP};
struct sigaction before[3];

void on_signal(int number) {
  if (signalled.exchange(true)) _exit(128 + number);
  first = number;
}

}  // namespace

Interrupt::Interrupt() {
  signalled = false;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < 3; ++i) {
    sigaction(kSignals[i], &action, &before[i]);
    // nohup asks to live on when the terminal goes.
    if (kSignals[i] == SIGHUP && before[i].sa_handler == SIG_IGN) sigaction(SIGHUP, &before[i], nullptr);
  }
}

Interrupt::~Interrupt() {
  for (int i = 0; i < 3; ++i) sigaction(kSignals[i], &before[i], nullptr);
}

const std::atomic<bool>* Interrupt::flag() const { return &signalled; }
int Interrupt::status() const { return 128 + first; }

}  // namespace cellwright::app
