#include "noise_request.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>

#include "cellwright/error.h"

namespace cellwright::app {
namespace {

void take(double& field, const std::optional<double>& given, const char* option, double below) {
  if (!given) return;
  if (!(*given >= 0) || !(*given < below)) {
    throw SpecError(fmt::format("--{} must be 0 (none) or more{}, found {:g}", option,
                                std::isinf(below) ? "" : fmt::format(", and less than {:g}", below), *given));
  }
  field = *given;
}

// Of all layers alike, as the option sets it.
double weight_drop_of(const ModelSpec& spec) { return spec.layers.front().regularisation.weight_drop; }

}  // namespace

void add_noise_options(CLI::App* app, NoiseRequest& r, bool text) {
  const auto number = [&](const std::string& name, auto& field, const std::string& what) {
    app->add_option(name, field, what)->type_name("X")->group("Model");
  };
  if (text) {
    app->add_flag("--tied", r.tied, "One table for the embedding and the head; sets --embedding to fit")
        ->group("Model");
    number("--embedding-dropout", r.embedding_dropout,
           "In training: chance that all of a token's embedding is dropped (0)");
    number("--label-smoothing", r.label_smoothing,
           "In training: part of the target that goes to all tokens alike (0)");
  }
  number("--weight-drop", r.weight_drop,
         "In training: chance that a weight that meets a state is dropped (0)");
  number("--weight-noise", r.weight_noise, "In training: deviation of noise on the layers' weights (0)");
}

void put_noise(const NoiseRequest& request, ModelSpec& spec) {
  spec.tied = request.tied;
  take(spec.embedding_dropout, request.embedding_dropout, "embedding-dropout", 1);
  take(spec.label_smoothing, request.label_smoothing, "label-smoothing", 1);
  take(spec.weight_noise, request.weight_noise, "weight-noise", std::numeric_limits<double>::infinity());
  for (LayerSpec& layer : spec.layers)
    take(layer.regularisation.weight_drop, request.weight_drop, "weight-drop", 1);
}

void check_same_noise(const NoiseRequest& request, const ModelSpec& spec,
                      const std::function<void(const std::string& has)>& refuse) {
  const auto same = [&](const std::optional<double>& given, double has, const char* what) {
    if (given && *given != has)
      refuse(has > 0 ? fmt::format("{} {:g}", what, has) : fmt::format("no {}", what));
  };
  if (request.tied && !spec.tied) refuse("an embedding that is not tied");
  same(request.embedding_dropout, spec.embedding_dropout, "embedding dropout");
  same(request.label_smoothing, spec.label_smoothing, "label smoothing");
  same(request.weight_drop, weight_drop_of(spec), "weight-drop");
  same(request.weight_noise, spec.weight_noise, "weight noise");
}

std::string describe_noise(const ModelSpec& spec) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  const auto rate = [&](const char* what, double x) {
    if (x > 0) add(fmt::format("{} {:g}", what, x));
  };
  if (spec.tied) add("tied");
  rate("embedding dropout", spec.embedding_dropout);
  rate("label smoothing", spec.label_smoothing);
  rate("weight-drop", weight_drop_of(spec));
  rate("weight noise", spec.weight_noise);
  return text;
}

}  // namespace cellwright::app
