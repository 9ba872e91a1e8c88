#include "tag_task.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>

#include "base/json_whole.h"
#include "cellwright/error.h"
#include "data/text_source.h"
#include "each_file.h"
#include "train/sequence_trainer.h"

namespace cellwright::app {

void check(const TagReading& r) {
  if (r.word == 0 || r.tag == 0)
    throw SpecError("--word and --tag count columns from 1, or from the end with -1; 0 is none");
}

nlohmann::json to_json(const TagTask& task) {
  nlohmann::json json = {{"kind", "tag"},       {"word", task.how.word},     {"tag", task.how.tag},
                         {"ctc", task.how.ctc}, {"words", task.words.all()}, {"labels", task.labels.all()},
                         {"width", task.width}};
  if (task.width > 0) {
    json["mean"] = task.scaling.mean;
    json["deviation"] = task.scaling.deviation;
  }
  return json;
}

TagTask tag_task_of(const SavedSequenceModel& saved, const std::string& path) {
  TagTask task;
  try {
    const nlohmann::json& j = saved.task;
    task.how.word = whole<int>(j.at("word"));
    task.how.tag = whole<int>(j.at("tag"));
    j.at("ctc").get_to(task.how.ctc);
    task.words = Names(j.at("words").get<std::vector<std::string>>());
    task.labels = Names(j.at("labels").get<std::vector<std::string>>());
    task.width = whole<int>(j.at("width"));
    if (j.contains("mean")) {  // not in files from before numbers were scaled
      j.at("mean").get_to(task.scaling.mean);
      j.at("deviation").get_to(task.scaling.deviation);
    }
  } catch (const nlohmann::json::exception& e) {
    throw FormatError(fmt::format("{}: task: {}", path, e.what()));
  }
  if (!(fits(task.scaling, 0) || fits(task.scaling, task.width)) || task.width != saved.spec.inputs ||
      task.words.size() != saved.spec.symbols || task.labels.size() != saved.spec.loss.outputs ||
      saved.spec.loss.kind != (task.how.ctc ? "ctc" : "softmax") || saved.spec.reading != Reading::each ||
      task.how.word == 0)
    throw FormatError(fmt::format("{}: its task does not fit its model", path));
  return task;
}

TaggedData read_tagged(const std::string& path, const TagReading& r, bool tags) {
  const std::string plain = path.size() > 3 && path.compare(path.size() - 3, 3, ".gz") == 0
                                ? path.substr(0, path.size() - 3)
                                : path;
  const bool lines = plain.size() > 6 && plain.compare(plain.size() - 6, 6, ".jsonl") == 0;
  if (r.ctc && !lines)
    throw SpecError(fmt::format("'{}': labels that are not aligned come as JSON lines (.jsonl)", path));
  const std::string text = read_data_text(path);
  return lines ? parse_tagged_lines(text, path, !r.ctc, tags)
               : parse_tagged_columns(text, path, r.word, r.tag, tags);
}

int predict_tags(const SavedSequenceModel& saved, const std::string& model_path,
                 const std::vector<std::string>& files, const EngineOptions& options) {
  const TagTask task = tag_task_of(saved, model_path);
  Engine engine(options);
  SequenceModel<float> model(saved.spec, engine);
  saved.apply(model);
  const auto n = static_cast<std::size_t>(model.loss().width());
  const int labels = task.labels.size();
  return each_file(files, [&](const std::string& file) {
    TaggedData data = read_tagged(file, task.how, false);
    for (TaggedSequence& s : data.items) s.labels.clear();  // what a file says is not asked
    const SequenceSet set =
        to_sequences(data, task.words, task.labels, !task.how.ctc, task.width, task.scaling);
    std::vector<std::vector<std::int32_t>> said(set.sequences.size());
    SequenceSet unlabelled = set;
    unlabelled.target_width = 0;
    for (Sequence& s : unlabelled.sequences) s.targets.clear();
    evaluate(model, unlabelled, 32, 0, nullptr,
             [&](const std::vector<int>& lanes, int, const SequenceBatch&) {
               for (std::size_t i = 0; i < lanes.size(); ++i) {
                 const auto at = static_cast<std::size_t>(lanes[i]);
                 const float* first = model.outputs() + i * n;
                 const std::size_t stride = lanes.size() * n;
                 if (task.how.ctc) {
                   said[at] = best_labels(first, set.sequences[at].steps, stride, labels);
                   continue;
                 }
                 for (int t = 0; t < set.sequences[at].steps; ++t) {
                   const float* row = first + static_cast<std::size_t>(t) * stride;
                   said[at].push_back(static_cast<std::int32_t>(std::max_element(row, row + labels) - row));
                 }
               }
             });
    for (std::size_t i = 0; i < said.size(); ++i) {
      if (task.how.ctc) {
        std::vector<std::string> names;
        for (const std::int32_t label : said[i])
          names.push_back(task.labels.all()[static_cast<std::size_t>(label)]);
        fmt::print("{}\t{}\n", data.items[i].name, fmt::join(names, " "));
        continue;
      }
      for (std::size_t t = 0; t < said[i].size(); ++t)
        fmt::print("{}\t{}\n", data.items[i].words.empty() ? fmt::format("{}", t) : data.items[i].words[t],
                   task.labels.all()[static_cast<std::size_t>(said[i][t])]);
      fmt::print("\n");
    }
  });
}

}  // namespace cellwright::app
