// predict.cpp: `cellwright predict`: what a trained model says of new files.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cellwright/error.h"
#include "classify_data.h"
#include "command.h"
#include "each_file.h"
#include "table.h"
#include "tag_task.h"
#include "tell.h"
#include "train/sequence_file.h"
#include "train/sequence_trainer.h"

namespace cellwright::app {
namespace {

struct Request {
  std::string model;
  std::vector<std::string> files;
  int top = 1;
  EngineOptions engine;
};

/// How the model was trained to read and what it calls its classes.
struct Known {
  std::vector<std::string> classes;
  Scaling scaling;
  ClassReading reading;
};

Known known_of(const SavedSequenceModel& saved, const std::string& path) {
  Known known;
  try {
    saved.task.at("classes").get_to(known.classes);
    saved.task.at("mean").get_to(known.scaling.mean);
    saved.task.at("deviation").get_to(known.scaling.deviation);
    known.reading = class_reading_from_json(saved.task.at("reading"));
  } catch (const nlohmann::json::exception& e) {
    throw FormatError(fmt::format("{}: task: {}", path, e.what()));
  }
  if (saved.spec.loss.kind != "softmax" || saved.spec.reading == Reading::each ||
      static_cast<int>(known.classes.size()) != saved.spec.loss.outputs ||
      !fits(known.scaling, saved.spec.inputs))
    throw FormatError(fmt::format("{}: its task does not fit its model", path));
  return known;
}

int predict(const Request& r) {
  if (r.top < 1) throw SpecError(fmt::format("--top must be 1 or more, found {}", r.top));
  const SavedSequenceModel saved = load_sequence_model(r.model);
  if (saved.kind() == "tag") return predict_tags(saved, r.model, r.files, r.engine);
  if (saved.kind() != "classify")
    throw FormatError(fmt::format("{}: a model of {}; predict is for models of classes and of tags", r.model,
                                  saved.kind()));
  Known known = known_of(saved, r.model);
  Engine engine(r.engine);
  SequenceModel<float> model(saved.spec, engine);
  saved.apply(model);
  const std::size_t n = known.classes.size();
  Table table("l" + std::string(2 * std::min(n, static_cast<std::size_t>(r.top)), 'l'));
  const int status = each_file(r.files, [&](const std::string& file) {
    LabelledData data = read_unlabelled(file, known.reading);
    for (const std::string& remark : data.remarks) tell(fmt::format("cellwright: {}\n", remark));
    if (known.reading.differences) append_differences(data);
    for (LabelledSequence& s : data.items) s.label = known.classes[0];  // what a file says is not asked
    const SequenceSet set = to_sequences(data, known.classes, known.scaling);
    std::vector<std::vector<double>> all(set.sequences.size(), std::vector<double>(n));
    evaluate(model, set, 32, 0, nullptr, [&](const std::vector<int>& lanes, int, const SequenceBatch&) {
      for (std::size_t i = 0; i < lanes.size(); ++i)
        model.loss().predict(model.outputs() + i * n, all[static_cast<std::size_t>(lanes[i])].data());
    });
    for (std::size_t i = 0; i < all.size(); ++i) {
      std::vector<std::size_t> order(n);
      for (std::size_t c = 0; c < n; ++c) order[c] = c;
      std::stable_sort(order.begin(), order.end(),
                       [&](std::size_t a, std::size_t b) { return all[i][a] > all[i][b]; });
      std::vector<std::string> row = {set.sequences[i].name};
      for (std::size_t c = 0; c < n && c < static_cast<std::size_t>(r.top); ++c) {
        row.push_back(known.classes[order[c]]);
        row.push_back(fmt::format("{:.4f}", all[i][order[c]]));
      }
      table.row(std::move(row));
    }
  });
  fmt::print("{}", table.text());
  return status;
}

}  // namespace

void add_predict_command(CLI::App& root, Command& chosen) {
  CLI::App* app =
      root.add_subcommand("predict", "Tell the class of new sequences, or the label of each step");
  auto r = std::make_shared<Request>();
  app->add_option("model", r->model, "A model trained by train classify or train tag")
      ->required()
      ->type_name("FILE");
  app->add_option("files", r->files, "Files as it was trained on: sound, .csv, .ts, JSON lines, idx images")
      ->required()
      ->type_name("FILE");
  app->add_option("--top", r->top, "The likeliest classes to print")->type_name("N")->capture_default_str();
  app->add_option("--threads", r->engine.threads, "0 for all this process may use")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--simd", r->engine.simd, "SIMD target: auto, or one of --version's")->type_name("NAME");
  app->footer(
      "Examples:\n  cellwright predict words.safetensors new.wav other.wav\n  cellwright predict "
      "vowels.safetensors "
      "JapaneseVowels_TEST.ts --top 3");
  app->callback([&chosen, r] { chosen.run = [r] { return predict(*r); }; });
}

}  // namespace cellwright::app
