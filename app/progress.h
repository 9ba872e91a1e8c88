// progress.h: what a running training shows. On a terminal one line that is redrawn about ten times a second,
// and a lasting line an epoch; elsewhere plain lines, one an evaluation and one every ten seconds.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "train/observer.h"

namespace cellwright::app {

/// How a task calls its figures.
struct ProgressWords {
  const char* rate = "tok/s";  ///< what is counted a second
  bool perplexity = true;      ///< of a loss in nats
};

class Progress : public TrainObserver {
 public:
  /// `seconds` limits the training, 0: no limit; `out_of_time` is called once when it is over.
  Progress(bool terminal, double seconds, std::function<void()> out_of_time, ProgressWords words = {});
  ~Progress() override;

  void on_update(const UpdateReport& report) override;
  void on_evaluation_begin() override;
  void on_evaluation(const EvaluationReport& report) override;

  /// A message between the lines.
  void say(const std::string& text);
  /// Takes the live line away.
  void clear();

  double seconds() const;  ///< since it was made

 private:
  using Clock = std::chrono::steady_clock;

  void draw(const std::string& line);
  std::string live_line(const UpdateReport& r, int width) const;
  double left(const UpdateReport& r) const;

  bool terminal_;
  double limit_;
  ProgressWords words_;
  std::function<void()> out_of_time_;
  Clock::time_point began_ = Clock::now();
  double drawn_ = -1e9;
  bool shown_ = false;        // a live line stands on the screen
  double loss_ = 0;           // smoothed
  std::int64_t updates_ = 0;  // seen here: a resumed training begins anew
  double speed_ = 0;          // tokens a second of training, validations left out
  double before_ = 0;         // when the last update or validation ended
  double measured_ = 0;       // seconds and tokens since speed_ was last set
  std::int64_t measured_tokens_ = 0;
  std::int64_t first_update_ = 0;
  UpdateReport last_;
};

/// "█████▌    ", `width` columns.
std::string bar(double part, int width);

}  // namespace cellwright::app
