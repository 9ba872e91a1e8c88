// sequence_model_fuzz.cpp: model files of sequences. The input is the JSON in the file's metadata (what lies
// around it is safetensors_fuzz's); the tensors that its specification asks for are put beside it, all 0.
//
// What must hold: an Error that load_sequence_model() throws, or a model; of a task that the command line
// accepts, a small model that runs: a forecast, tags, a step of a device.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "audio_task.h"
#include "cellwright/error.h"
#include "cellwright/step.h"
#include "classify_data.h"
#include "forecast/forecaster.h"
#include "held_memory.h"
#include "interop/safetensors.h"
#include "memory_path.h"
#include "tag_task.h"
#include "train/model_file.h"
#include "train/sequence_trainer.h"

namespace {

using namespace cellwright;
using cellwright::fuzz::require;

constexpr std::int64_t kFewNumbers = 20000;

/// Nothing where the specification is not accepted, or asks for too many numbers to be worth a run.
std::vector<Tensor> tensors_for(const SafetensorsFile& file) try {
  const std::string spec = about_model(file, "fuzz").at("spec").dump();
  const std::vector<TensorInfo> infos = tensors_of(sequence_spec_from_json(spec));
  std::vector<Tensor> tensors;
  std::int64_t sum = 0;
  for (const TensorInfo& info : infos) {
    std::int64_t count = 1;
    for (const std::int64_t n : info.shape) count *= n;
    require(count >= 0);
    sum += count;
    if (sum > kFewNumbers) return {};
    tensors.push_back(Tensor::of(info.name, info.shape, std::vector<float>(static_cast<std::size_t>(count))));
  }
  return tensors;
} catch (const Error&) {
  return {};
} catch (const nlohmann::json::exception&) {
  return {};  // load_sequence_model() must tell it as a FormatError
}

bool small(const SequenceSpec& spec) {
  bool few =
      spec.layers.size() <= 4 && spec.inputs <= 1024 && spec.symbols <= 1024 && spec.loss.outputs <= 1024;
  for (const LayerSpec& layer : spec.layers) few = few && layer.units <= 64;
  return few;
}

/// A table of six rows with its columns, forecast as the command does.
void run_series(const SavedSequenceModel& saved, SequenceModel<float>& model) {
  const SeriesTask task = series_task_from_json(saved.task);
  if (!fits(saved.spec, task) || task.horizon > 64) return;
  Table table;
  table.name = "six.csv";
  table.columns = task.columns.all();
  if (!task.columns.time.empty()) table.columns.push_back(task.columns.time);
  if (!task.columns.group.empty()) table.columns.push_back(task.columns.group);
  const bool dates = task.frequency.unit != Frequency::Unit::kNumber;
  for (std::size_t r = 0; r < 6; ++r) {
    std::vector<std::string> row(table.columns.size(), std::to_string(r * r + 1));
    if (!task.columns.time.empty())
      row[task.columns.count()] = dates ? write_time(later(0, static_cast<std::int64_t>(r), task.frequency),
                                                     {Frequency::Unit::kSecond, 1})
                                        : std::to_string(static_cast<double>(r) * task.frequency.count);
    if (!task.columns.group.empty() && !task.scales.empty()) row.back() = task.scales.begin()->first;
    table.rows.push_back(std::move(row));
    table.lines.push_back(r + 2);
  }
  const SeriesTable series = read_series(table, task.columns);
  Forecaster forecaster(model, task);
  for (const OneSeries& s : series.series) {
    const PreparedSeries prepared = prepare(task, series, s);
    const auto said = forecaster.forecast(prepared, {s.end}, task.horizon);
    require(said.at(0).point.size() == task.targets() * static_cast<std::size_t>(task.horizon));
  }
}

void run_tags(const SavedSequenceModel& saved, SequenceModel<float>& model) {
  const app::TagTask task = app::tag_task_of(saved, "fuzz");
  TaggedSequence s;
  s.name = "three";
  s.steps = 3;
  if (task.width > 0)
    s.numbers.assign(3 * static_cast<std::size_t>(task.width), 1.0f);
  else
    s.words = {"a", "word", "<unk>"};
  TaggedData data;
  data.width = task.width;
  data.items.push_back(s);
  SequenceSet set = to_sequences(data, task.words, task.labels, !task.how.ctc, task.width);
  set.target_width = 0;
  set.sequences[0].targets.clear();
  evaluate(model, set, 32, 0, nullptr, [&](const std::vector<int>&, int, const SequenceBatch&) {
    const auto n = static_cast<std::size_t>(model.loss().width());
    if (!task.how.ctc) return;
    for (const std::int32_t label : best_labels(model.outputs(), 3, n, task.labels.size()))
      require(label >= 0 && label < task.labels.size());
  });
}

void run_audio(const SavedSequenceModel& saved, const std::string& path) {
  const app::AudioTask task = app::audio_task_of(saved, "fuzz");
  require(task.rate > 0);
  Step step = Step::load(path, {});
  std::vector<float> in(4 * static_cast<std::size_t>(step.inputs()), 0.5f),
      out(4 * static_cast<std::size_t>(step.outputs()));
  require(step.inputs() == static_cast<int>(task.knobs.size()) + 1 && step.outputs() == 1);
  step.run(4, in.data(), out.data());
}

void run(const SavedSequenceModel& saved, const std::string& path) try {
  static Engine engine({1});
  SequenceModel<float> model(saved.spec, engine);
  saved.apply(model);
  if (saved.kind() == "series") run_series(saved, model);
  if (saved.kind() == "tag") run_tags(saved, model);
  if (saved.kind() == "audio") run_audio(saved, path);
  if (saved.kind() == "classify") app::class_reading_from_json(saved.task.at("reading"));
} catch (const nlohmann::json::exception&) {
  // of what lies within a task; the commands tell it as a FormatError
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  SafetensorsFile file;
  file.metadata["cellwright"] = std::string(reinterpret_cast<const char*>(data), size);
  // A cell's graph and plan are larger than its text: hence so much; a model that runs is a small one.
  const fuzz::HeldMemory held(size, 20000, std::int64_t{64} << 20);
  try {
    file.tensors = tensors_for(file);
    const fuzz::MemoryPath path(format_safetensors(file));
    task_of_file(path.path());
    const SavedSequenceModel saved = load_sequence_model(path.path());
    if (small(saved.spec)) run(saved, path.path());
  } catch (const Error&) {
  }
  return 0;
}
