// tagged.cpp: see tagged.h.
#include "data/tagged.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cellwright/error.h"
#include "data/json_text.h"
#include "data/lines.h"

namespace cellwright {
namespace {

using Json = nlohmann::json;

std::vector<std::string> columns_of(std::string_view line) {
  std::vector<std::string> columns;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t begin = line.find_first_not_of(" \t", at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(line.find_first_of(" \t", begin), line.size());
    columns.emplace_back(line.substr(begin, end - begin));
    at = end;
  }
  return columns;
}

std::vector<std::string> strings_of(const Json& list) {
  std::vector<std::string> strings;
  for (const Json& j : list) {
    if (!j.is_string() && !j.is_number_integer()) return {};
    strings.push_back(j.is_string() ? j.get<std::string>() : j.dump());
  }
  return strings;
}

/// CoNLL-U's lines that are no token of their own: "3-4" stands for two that follow, "5.1" for a word that is
/// not said.
bool is_range(const std::string& id) {
  const std::size_t at = id.find_first_of("-.");
  return at != std::string::npos && at > 0 && at + 1 < id.size() &&
         id.find_first_not_of("0123456789") == at &&
         id.find_first_not_of("0123456789", at + 1) == std::string::npos;
}

}  // namespace

TaggedData parse_tagged_columns(std::string_view text, const std::string& name, int word, int tag,
                                bool tags) {
  TaggedData data;
  TaggedSequence running;
  const auto finish = [&] {
    if (!running.words.empty()) {
      running.steps = static_cast<int>(running.words.size());
      data.items.push_back(std::move(running));
    }
    running = TaggedSequence();
  };
  each_line(text, [&](int number, std::string_view line) {
    const std::vector<std::string> columns = columns_of(line);
    if (columns.empty()) return finish();
    // A remark stands before a sequence; within it '#' is a word, as one that a tab follows is anywhere.
    if (line[0] == '#' && running.words.empty() && line.substr(1, 1) != "\t") return;
    if (columns[0] == "-DOCSTART-" || (word != 1 && is_range(columns[0]))) return;
    const auto count = static_cast<int>(columns.size());
    const auto column = [&](int which, const char* what) {
      const int at = which > 0 ? which - 1 : count + which;
      if (at < 0 || at >= count)
        throw FormatError(fmt::format("{}:{}: {} column{}, and the {} should stand in column {}", name,
                                      number, count, count == 1 ? "" : "s", what, which));
      return columns[static_cast<std::size_t>(at)];
    };
    if (running.words.empty()) running.name = fmt::format("{}:{}", name, number);
    running.words.push_back(column(word, "word"));
    if (tags) {
      if (count < 2)
        throw FormatError(
            fmt::format("{}:{}: one column, where a word and its tag are expected", name, number));
      running.labels.push_back(column(tag, "tag"));
    }
  });
  finish();
  if (data.items.empty()) throw FormatError(fmt::format("{}: there is no sequence in it", name));
  return data;
}

TaggedData parse_tagged_lines(std::string_view text, const std::string& name, bool aligned, bool tags) {
  TaggedData data;
  each_line(text, [&](int number, std::string_view line) {
    if (trimmed(line).empty()) return;
    const auto fail = [&](const std::string& what) {
      throw FormatError(fmt::format("{}:{}: {}", name, number, what));
    };
    TaggedSequence s;
    s.name = fmt::format("{}:{}", name, number);
    const Json json = parse_json_object(line, s.name);
    const auto list = [&](const char* a, const char* b) -> const Json* {
      for (const char* key : {a, b}) {
        if (json.contains(key) && json[key].is_array()) return &json[key];
      }
      return nullptr;
    };
    const Json *tokens = list("tokens", "words"), *steps = list("steps", "numbers"),
               *labels = list("tags", "labels");
    if ((tokens == nullptr) == (steps == nullptr)) fail("it has neither \"tokens\" nor \"steps\", or both");
    if (labels == nullptr && tags) fail("it has no \"tags\" or \"labels\"");
    if (labels != nullptr) {
      s.labels = strings_of(*labels);
      if (s.labels.size() != labels->size()) fail("a label is neither a text nor a whole number");
    }
    if (tokens != nullptr) {
      s.words = strings_of(*tokens);
      if (s.words.size() != tokens->size()) fail("a token is neither a text nor a whole number");
      s.steps = static_cast<int>(s.words.size());
    } else {
      for (const Json& step : *steps) {
        const std::size_t had = s.numbers.size();
        const auto add = [&](const Json& x) {
          if (!x.is_number() || !std::isfinite(x.get<float>()))
            fail(fmt::format("step {} holds something that is no number", s.steps));
          s.numbers.push_back(x.get<float>());
        };
        if (step.is_array()) {
          for (const Json& x : step) add(x);
        } else {
          add(step);
        }
        const auto width = static_cast<int>(s.numbers.size() - had);
        if (data.width == 0) data.width = width;
        if (width == 0 || width != data.width)
          fail(fmt::format("step {} has {} numbers, where {} are expected", s.steps, width, data.width));
        ++s.steps;
      }
    }
    if (s.steps == 0) fail("it has no step");
    if (!data.items.empty() && data.items[0].words.empty() != s.words.empty())
      fail("its steps are of another kind than those before");
    if (aligned && tags && static_cast<int>(s.labels.size()) != s.steps)
      fail(fmt::format(
          "{} tags for {} steps; a label a step is expected (--ctc takes labels that are not aligned)",
          s.labels.size(), s.steps));
    data.items.push_back(std::move(s));
  });
  if (data.items.empty()) throw FormatError(fmt::format("{}: there is no sequence in it", name));
  return data;
}

Names::Names(std::vector<std::string> names) : names_(std::move(names)) {
  for (std::size_t i = 0; i < names_.size(); ++i) index_.emplace(names_[i], static_cast<int>(i));
}

int Names::find(const std::string& name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? -1 : found->second;
}

Names labels_of(const TaggedData& data) {
  std::vector<std::string> labels;
  for (const TaggedSequence& s : data.items) labels.insert(labels.end(), s.labels.begin(), s.labels.end());
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  return Names(std::move(labels));
}

Names words_of(const TaggedData& data, int least) {
  std::map<std::string, std::int64_t> counts;
  for (const TaggedSequence& s : data.items) {
    for (const std::string& word : s.words) ++counts[word];
  }
  std::vector<std::pair<std::int64_t, std::string>> order;
  for (const auto& [word, count] : counts) {
    if (count >= least && word != "<unk>") order.emplace_back(-count, word);
  }
  std::sort(order.begin(), order.end());
  std::vector<std::string> words = {"<unk>"};
  for (auto& entry : order) words.push_back(std::move(entry.second));
  return Names(std::move(words));
}

Scaling scaling_of(const TaggedData& data) {
  std::vector<const std::vector<float>*> arrays;
  for (const TaggedSequence& s : data.items) arrays.push_back(&s.numbers);
  return scaling_of(data.width, arrays);
}

SequenceSet to_sequences(const TaggedData& data, const Names& words, const Names& labels, bool aligned,
                         int width, const Scaling& scaling) {
  SequenceSet set;
  set.inputs = width;
  set.target_width = aligned ? 1 : 0;
  for (const TaggedSequence& s : data.items) {
    if (data.width != width)
      throw SpecError(fmt::format("{}: its steps are {}, but {} are expected", s.name,
                                  data.width > 0 ? fmt::format("{} numbers", data.width) : "words",
                                  width > 0 ? fmt::format("{} numbers", width) : "words"));
    Sequence to;
    to.name = s.name;
    to.steps = s.steps;
    to.inputs = scaling.mean.empty() ? s.numbers : scaled(s.numbers, scaling);
    for (const std::string& word : s.words) to.symbols.push_back(std::max(0, words.find(word)));
    std::vector<std::int32_t> numbers;
    for (const std::string& label : s.labels) {
      numbers.push_back(labels.find(label));
      if (numbers.back() < 0)
        throw SpecError(fmt::format("{}: the label '{}' is none of the {} that were trained on", s.name,
                                    label, labels.size()));
    }
    if (aligned) {
      numbers.resize(static_cast<std::size_t>(s.steps), 0);
      to.targets.assign(numbers.begin(), numbers.end());
    } else {
      std::size_t least = numbers.size();  // a blank parts two that are alike
      for (std::size_t i = 1; i < numbers.size(); ++i) least += numbers[i] == numbers[i - 1];
      if (least > static_cast<std::size_t>(s.steps))
        throw SpecError(fmt::format(
            "{}: {} label{} take at least {} steps, and it has {}; leave it out, or take finer steps", s.name,
            numbers.size(), numbers.size() == 1 ? "" : "s", least, s.steps));
      to.labels = std::move(numbers);
    }
    set.sequences.push_back(std::move(to));
  }
  return set;
}

}  // namespace cellwright
