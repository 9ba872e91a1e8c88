// training_loop_state.cpp: everything the next update depends on, out of a training and back.
#include <fmt/format.h>

#include <cstring>

#include "base/json_whole.h"
#include "cellwright/error.h"
#include "train/training_loop.h"

namespace cellwright {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 1;

const std::string kCurrent = "training.current.";

std::string optimizer_prefix(const std::string& state) { return "training.optimizer." + state + "."; }

}  // namespace

std::string TrainingLoop::history_json() const { return history_to_json(history_).dump(); }

TrainingState TrainingLoop::state() {
  TrainingState out;
  const float* current = last_.empty() ? model_.parameters() : last_.data();
  const float* shown = best_parameters();
  const bool own = shown != current && std::memcmp(current, shown, model_.size() * sizeof(float)) != 0;
  if (own) put_tensors(model_, current, kCurrent, out.tensors);
  for (const auto& s : change_.states())
    put_tensors(model_, s.array->data(), optimizer_prefix(s.name), out.tensors);
  // An epoch begins afresh.
  const Json carried = window_ > 0 ? put_carried(this->carried(), out.tensors) : Json::array();
  const About data = about();
  const Json json = {{"version", kVersion},
                     {"options", options_},
                     {"epoch", epoch_},
                     {"window", window_},
                     {"update", update_},
                     {"sum_nats", sum_nats_},
                     {"sum_tokens", sum_tokens_},
                     {"early_stop", early_},
                     {"history", history_to_json(history_)},
                     {"have_best", have_best_},
                     {"own_current", own},
                     {"optimizer_steps", change_.steps()},
                     {"average_from", change_.average_from()},
                     {"plateau", plateau_},
                     {"accurate", model_.engine().options.accurate},
                     {"scan", model_.engine().options.scan},
                     {"carried", carried},
                     {"data", data.train},
                     {"valid", data.valid}};
  out.json = json.dump();
  return out;
}

void TrainingLoop::resume(const TrainingState& state) {
  const Json j = Json::parse(state.json, nullptr, false);
  if (j.is_discarded()) throw FormatError("training state: not JSON");
  try {
    if (whole<int>(j.at("version")) != kVersion)
      throw FormatError(fmt::format("training state: version {} is not known", whole<int>(j.at("version"))));
    const auto old = j.at("options").get<TrainOptions>();
    require_same_options(old, options_);
    if (j.contains("accurate"))
      require_same("the accuracy of activations (--accurate)", j.at("accurate"),
                   model_.engine().options.accurate);
    require_same("whether recurrences are scanned (--scan)", Json(j.value("scan", false)),
                 model_.engine().options.scan);
    const About data = about();
    const auto same_data = [&](const char* key, const char* name, const Json& now) {
      if (j.contains(key) && j.at(key) != now)
        throw SpecError(fmt::format("cannot resume: the {} {} is not the one it began with; {}", name,
                                    data.noun, data.remedy));
    };
    j.at("data");
    same_data("data", "training", data.train);
    same_data("valid", "validation", data.valid);
    const int window = whole<int>(j.at("window"));
    const int epoch = whole<int>(j.at("epoch"));
    if (window < 0 || epoch < 0) throw FormatError("training state: window or epoch out of range");
    begin_epoch(epoch);
    begun_ = true;
    if (window > windows()) throw FormatError("training state: window or epoch out of range");

    const auto steps = whole<std::int64_t>(j.at("optimizer_steps"));
    const auto average_from = j.value("average_from", std::int64_t{-1});
    constexpr std::int64_t kMost = std::int64_t{1} << 53;
    if (steps < 0 || steps > kMost || average_from < -1 || average_from > kMost)
      throw FormatError("training state: steps of the optimizer or the average out of range");

    if (j.at("have_best").get<bool>()) {
      best_ = AlignedArray<float>(model_.size());
      std::copy_n(model_.parameters(), model_.size(), best_.data());
      have_best_ = true;
    }
    if (j.at("own_current").get<bool>()) {
      take_tensors(model_, state.tensors, kCurrent, model_.parameters());
      model_.parameters_changed();
    }
    change_.set(steps, average_from);
    for (const auto& s : change_.states())
      take_tensors(model_, state.tensors, optimizer_prefix(s.name), s.array->data());
    if (window > 0) {
      shape_carried(window);
      take_carried(j.at("carried"), state.tensors, carried());
    }
    epoch_ = epoch;
    window_ = window;
    update_ = whole<decltype(update_)>(j.at("update"));
    j.at("sum_nats").get_to(sum_nats_);
    sum_tokens_ = whole<decltype(sum_tokens_)>(j.at("sum_tokens"));
    j.at("early_stop").get_to(early_);
    early_.patience = options_.patience;
    if (j.contains("plateau")) j.at("plateau").get_to(plateau_);
    history_ = history_from(j.at("history"));
    saved_ = true;
  } catch (const Json::exception& e) {
    throw FormatError(fmt::format("training state: {}", e.what()));
  }
}

}  // namespace cellwright
