// train_log.h: `--log FILE`: a training as JSON lines, for machines. Each line is an object with "event"
// ("start", "update", "evaluation", "saved", "end") and "seconds" since the start; numbers that are not
// finite are null.
#pragma once

#include <cstdio>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "progress.h"
#include "train/observer.h"

namespace cellwright::app {

class TrainLog : public TrainObserver {
 public:
  /// Adds to the file, so that a resumed training goes on in it. `progress` is passed every call and tells
  /// the time. An empty path: no log. IoError when the file cannot be opened.
  TrainLog(const std::string& path, Progress& progress);
  ~TrainLog() override;

  void write(const std::string& event, nlohmann::ordered_json fields);

  void on_update(const UpdateReport& report) override;
  void on_evaluation_begin() override;
  void on_evaluation(const EvaluationReport& report) override;
  void on_saved() override;

 private:
  std::string path_;
  Progress& progress_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

}  // namespace cellwright::app
