// info.cpp: `cellwright info`: what a model file holds.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "command.h"
#include "language/parse.h"
#include "language/print.h"
#include "model_request.h"
#include "numbers.h"
#include "table.h"
#include "train/checkpoint.h"
#include "train/sequence_file.h"

namespace cellwright::app {
namespace {

constexpr std::size_t kShown = 20;  // entries of the history

/// Mean and spread of what a tensor holds.
std::vector<std::string> row_of(const TensorInfo& info, const Tensor& tensor) {
  const std::vector<float> values = tensor.values<float>();
  double sum = 0, squares = 0;
  for (const float v : values) {
    sum += static_cast<double>(v);
    squares += static_cast<double>(v) * static_cast<double>(v);
  }
  // Structural zeros add nothing to the sums, and are no entries.
  const double n = info.trained > 0 ? static_cast<double>(info.trained) : 1, mean = sum / n;
  return {info.name, fmt::format("{}", fmt::join(info.shape, " × ")), grouped(info.trained),
          fmt::format("{:.4f}", mean),
          fmt::format("{:.4f}", std::sqrt(std::max(0.0, squares / n - mean * mean)))};
}

void print_history(const std::vector<EvaluationReport>& history, const std::string& unit) {
  if (history.empty()) {
    fmt::print("\nnever validated, nor trained for a whole epoch\n");
    return;
  }
  Table table("rrrrrl");
  table.row({"epoch", "update", "train", "valid", "rate", ""});
  const std::size_t first = history.size() > kShown ? history.size() - kShown : 0;
  for (std::size_t i = first; i < history.size(); ++i) {
    const EvaluationReport& r = history[i];
    table.row({fmt::format("{}", r.epoch), grouped(r.update), nats_text(r.train_loss),
               std::isnan(r.valid_loss) ? "" : nats_text(r.valid_loss),
               fmt::format("{:.3g}", r.learning_rate), r.improved ? "best so far" : ""});
  }
  fmt::print("\nhistory, {}{}\n{}", unit,
             first > 0 ? fmt::format(" (the last {} of {})", kShown, history.size()) : "", table.text("  "));
}

std::string training_of(const std::string& training_json, bool state) {
  if (training_json.empty()) return "none recorded";
  if (!state) return "finished";
  const bool finished = nlohmann::json::parse(training_json).value("finished", false);
  return finished ? "finished; --resume with more --epochs goes on" : "unfinished; --resume goes on";
}

/// What models of every task have in common; `common` is for their layers and regularisers.
template <class Saved>
void print_model(const Saved& saved, const ModelSpec& common, const std::string& what,
                 const std::string& unit) {
  const std::vector<TensorInfo> tensors = tensors_of(saved.spec);
  Table table("llrrr");
  table.row({"tensor", "shape", "entries", "mean", "deviation"});
  std::int64_t entries = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    table.row(row_of(tensors[i], saved.parameters[i]));
    entries += tensors[i].trained;
  }
  fmt::print("model       {}\n", what);
  fmt::print("parameters  {}\n", grouped(entries));
  fmt::print("training    {}\n", training_of(saved.training_json, saved.state.has_value()));
  const std::string dropout = describe_dropout(common), noise = describe_noise(common);
  if (!dropout.empty() || !noise.empty())
    fmt::print("regularised {}{}{}\n", dropout, dropout.empty() || noise.empty() ? "" : ", ", noise);
  if (common.init_uniform > 0) fmt::print("start       U(-{0:g}, {0:g})\n", common.init_uniform);
  for (std::size_t l = 0; l < common.layers.size(); ++l) {
    const LayerSpec& layer = common.layers[l];
    if (l > 0 && layer.cell_text == common.layers[l - 1].cell_text) continue;
    fmt::print(
        "\nlayer {}\n{}", l + 1,
        syntax::print_cell(syntax::parse_cell(layer.cell_text, layer.cell_file), syntax::Spelling::kUnicode));
  }
  fmt::print("\n{}", table.text());
  if (saved.training_json.empty()) return;
  const TrainOptions o = saved.options();
  const bool text = unit == "nats a token";
  fmt::print("\ntrained with {} {:g} ({}), {} {}{}, seed {}\n", o.optimizer.kind, o.learning_rate,
             o.schedule.kind, o.batch, text ? "streams" : "sequences side by side",
             o.steps > 0 ? fmt::format(" × {} steps", o.steps) : "", o.seed);
  print_history(saved.history(), unit);
}

int info(const std::string& path) {
  const std::string task = task_of_file(path);
  if (task.empty() || task == "text") {
    const SavedModel saved = load_model(path);
    print_model(saved, saved.spec, describe(saved.spec, saved.vocabulary), "nats a token");
    return 0;
  }
  const SavedSequenceModel saved = load_sequence_model(path);
  const ModelSpec common = as_model_spec(saved.spec);
  print_model(saved, common,
              fmt::format("{} of {}, loss {}", describe_layers(common.layers), task, saved.spec.loss.kind),
              saved.spec.loss.kind + " a " + (saved.spec.reading == Reading::each ? "step" : "sequence"));
  return 0;
}

}  // namespace

void add_info_command(CLI::App& root, Command& chosen) {
  CLI::App* app =
      root.add_subcommand("info", "Print what a model file holds: equations, tensors, training history");
  auto path = std::make_shared<std::string>();
  app->add_option("model", *path, "A model file")->required()->type_name("FILE");
  app->footer("Examples:\n  cellwright info book.safetensors");
  app->callback([&chosen, path] { chosen.run = [path] { return info(*path); }; });
}

}  // namespace cellwright::app
