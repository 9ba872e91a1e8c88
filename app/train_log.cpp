#include "train_log.h"

#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "cellwright/error.h"

namespace cellwright::app {
namespace {

constexpr std::int64_t kEvery = 10;  // updates a line

}  // namespace

TrainLog::TrainLog(const std::string& path, Progress& progress)
    : path_(path), progress_(progress), file_(nullptr, &std::fclose) {
  if (path.empty()) return;
  file_.reset(std::fopen(path.c_str(), "ab"));
  if (!file_) throw IoError(fmt::format("cannot write the log '{}': {}", path, std::strerror(errno)));
}

TrainLog::~TrainLog() = default;

void TrainLog::write(const std::string& event, nlohmann::ordered_json fields) {
  if (!file_) return;
  nlohmann::ordered_json line;
  line["event"] = event;
  line["seconds"] = progress_.seconds();
  line.update(fields);
  const std::string text = line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  // A log that cannot be written is no reason to lose a training.
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size() || std::fflush(file_.get()) != 0) {
    progress_.say(fmt::format("cellwright: cannot write the log '{}': {}; training goes on without it", path_,
                              std::strerror(errno)));
    file_.reset();
  }
}

void TrainLog::on_update(const UpdateReport& r) {
  progress_.on_update(r);
  if (!file_ || (r.update % kEvery != 0 && r.window != r.windows)) return;
  write("update", {{"epoch", r.epoch},
                   {"update", r.update},
                   {"loss", r.loss},
                   {"cell_loss", r.cell_loss},
                   {"gradient_norm", r.gradient_norm},
                   {"learning_rate", r.learning_rate},
                   {"tokens", r.tokens}});
}

void TrainLog::on_evaluation_begin() { progress_.on_evaluation_begin(); }

void TrainLog::on_evaluation(const EvaluationReport& r) {
  progress_.on_evaluation(r);
  nlohmann::ordered_json fields = {{"epoch", r.epoch},
                                   {"update", r.update},
                                   {"train_loss", r.train_loss},
                                   {"valid_loss", r.valid_loss},
                                   {"best", r.best},
                                   {"improved", r.improved},
                                   {"epoch_end", r.epoch_end},
                                   {"learning_rate", r.learning_rate}};
  if (!std::isnan(r.accuracy)) fields["accuracy"] = r.accuracy;
  write("evaluation", std::move(fields));
}

void TrainLog::on_saved() {
  progress_.on_saved();
  write("saved", nlohmann::ordered_json::object());
}

}  // namespace cellwright::app
