// progress.cpp: start at Progress::on_update.
#include "progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/utf8.h"
#include "numbers.h"
#include "tell.h"

namespace cellwright::app {
namespace {

int terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string perplexity(double nats) { return nats < 20 ? fmt::format("{:.3g}", std::exp(nats)) : "huge"; }

}  // namespace

std::string bar(double part, int width) {
  static const char* const kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int eighths = static_cast<int>(std::clamp(part, 0.0, 1.0) * width * 8);
  std::string text;
  for (int i = 0; i < eighths / 8; ++i) text += "█";
  text += kEighths[eighths % 8];
  const int used = eighths / 8 + (eighths % 8 > 0 ? 1 : 0);
  return text + std::string(static_cast<std::size_t>(std::max(0, width - used)), ' ');
}

Progress::Progress(bool terminal, double seconds, std::function<void()> out_of_time, ProgressWords words)
    : terminal_(terminal), limit_(seconds), words_(words), out_of_time_(std::move(out_of_time)) {}

Progress::~Progress() { clear(); }

double Progress::seconds() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

double Progress::left(const UpdateReport& r) const {
  const auto done = static_cast<double>(r.update - first_update_);
  const double rest = done > 0 ? seconds() / done * static_cast<double>(r.updates - r.update) : 0;
  return limit_ > 0 ? std::min(rest, std::max(0.0, limit_ - seconds())) : rest;
}

std::string Progress::live_line(const UpdateReport& r, int width) const {
  const double part = limit_ > 0 ? std::max(seconds() / limit_,
                                            static_cast<double>(r.update) / static_cast<double>(r.updates))
                                 : static_cast<double>(r.window) / r.windows;
  // With a limit of time the number of epochs is only a bound.
  const std::string epoch =
      limit_ > 0 ? fmt::format("epoch {}", r.epoch) : fmt::format("epoch {}/{}", r.epoch, r.epochs);
  const std::string loss = "  loss " + nats_text(loss_);
  const std::string more[] = {fmt::format("  ETA {}", clock_time(left(r))),
                              words_.perplexity ? fmt::format("  ppl {}", perplexity(loss_)) : "",
                              fmt::format("  {} {}", short_count(speed_), words_.rate),
                              fmt::format("  |g| {:.3g}", r.gradient_norm)};
  std::string tail = loss;
  std::string shown[4];
  auto room = width - 1 - static_cast<int>(epoch.size() + loss.size());
  for (int i = 0; i < 4; ++i) {  // the most wanted first, where the terminal is narrow
    if (static_cast<int>(more[i].size()) > room) continue;
    room -= static_cast<int>(more[i].size());
    shown[i] = more[i];
  }
  tail += shown[1] + shown[2] + shown[3] + shown[0];
  const int bar_width = std::min(30, room - 9);
  const std::string middle =
      bar_width >= 4 ? fmt::format("  ▕{}▏{:3.0f}%", bar(part, bar_width), 100 * std::min(part, 1.0)) : "";
  return epoch + middle + tail;
}

void Progress::on_update(const UpdateReport& r) {
  const double now = seconds();
  if (updates_++ == 0) {
    loss_ = r.loss;
    first_update_ = r.update - 1;
  }
  loss_ += (r.loss - loss_) * std::max(0.02, 1.0 / static_cast<double>(updates_));
  measured_ += now - before_;
  measured_tokens_ += r.tokens;
  before_ = now;
  const bool enough = measured_ >= 1;
  if (measured_ > 0 && (enough || updates_ < 10)) speed_ = static_cast<double>(measured_tokens_) / measured_;
  if (enough) {
    measured_ = 0;
    measured_tokens_ = 0;
  }
  last_ = r;
  if (limit_ > 0 && now >= limit_ && out_of_time_) {
    out_of_time_();
    out_of_time_ = nullptr;
  }
  if (terminal_ && now - drawn_ >= 0.1) {
    draw(live_line(r, terminal_width()));
    drawn_ = now;
  } else if (!terminal_ && now - std::max(drawn_, 0.0) >= 10) {
    tell(fmt::format("epoch {}  {:.0f}%  loss {}  {} {}  |g| {:.3g}  ETA {}\n", r.epoch,
                     100.0 * r.window / r.windows, nats_text(loss_), short_count(speed_), words_.rate,
                     r.gradient_norm, clock_time(left(r))));
    drawn_ = now;
  }
}

void Progress::on_evaluation_begin() {
  if (terminal_) draw(fmt::format("epoch {}  validating …", last_.epoch));
}

void Progress::on_evaluation(const EvaluationReport& r) {
  clear();
  std::string line =
      fmt::format("epoch {:2}{}  train {}", r.epoch, r.epoch_end ? "" : fmt::format(" (update {})", r.update),
                  nats_text(r.train_loss));
  if (!std::isnan(r.valid_loss)) {
    line += fmt::format("  valid {}", nats_text(r.valid_loss));
    if (words_.perplexity) line += "  ppl " + perplexity(r.valid_loss);
    if (!std::isnan(r.accuracy)) line += fmt::format("  right {:.2f} %", 100 * r.accuracy);
    if (r.improved) line += "  best";
  }
  tell(fmt::format("{}  {} {}  {}\n", line, short_count(speed_), words_.rate, clock_time(seconds())));
  before_ = seconds();
  drawn_ = terminal_ ? -1e9 : before_;
}

void Progress::say(const std::string& text) {
  clear();
  tell(fmt::format("{}\n", text));
}

void Progress::draw(const std::string& line) {
  tell(fmt::format("\r{}\x1b[K", line));
  shown_ = true;
}

void Progress::clear() {
  if (!shown_) return;
  tell("\r\x1b[K");
  shown_ = false;
}

}  // namespace cellwright::app
