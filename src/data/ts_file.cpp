// ts_file.cpp: .ts files and JSON lines; see labelled_files.h.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "base/utf8.h"
#include "cellwright/error.h"
#include "data/csv.h"
#include "data/json_text.h"
#include "data/labelled_files.h"
#include "data/lines.h"

namespace cellwright {
namespace {

using Json = nlohmann::json;

std::vector<std::string_view> split(std::string_view s, char by) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0;;) {
    const std::size_t end = s.find(by, at);
    parts.push_back(s.substr(at, end == std::string_view::npos ? end : end - at));
    if (end == std::string_view::npos) return parts;
    at = end + 1;
  }
}

class TsReader {
 public:
  TsReader(const std::string& name, bool labels) : name_(name), labels_(labels) {}

  LabelledData read(std::string_view text) {
    each_line(text, [&](int number, std::string_view line) {
      line_ = number;
      const std::string content(trimmed(line));
      if (content.empty() || content[0] == '#') return;
      if (content[0] == '@')
        header(content);
      else if (!in_data_)
        fail("a case before the line '@data'");
      else
        one_case(content);
    });
    if (!in_data_) throw FormatError(fmt::format("{}: there is no line '@data'; is this a .ts file?", name_));
    if (data_.items.empty()) throw FormatError(fmt::format("{}: there is no case behind '@data'", name_));
    return std::move(data_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw FormatError(fmt::format("{}:{}: {}", name_, line_, what));
  }

  void header(const std::string& line) {
    std::istringstream words(line);
    std::string key, value;
    words >> key >> value;
    std::transform(key.begin(), key.end(), key.begin(), [](unsigned char c) { return std::tolower(c); });
    if (key == "@data") in_data_ = true;
    if (key == "@timestamps" && value == "true") fail("time stamps are not read; give values alone");
    if (key == "@targetlabel" && value == "true") fail("its targets are numbers, not classes");
    if (key != "@classlabel") return;
    has_classes_ = value == "true";
    if (!has_classes_ && labels_) fail("the cases have no class (@classLabel false)");
    while (words >> value) {
      if (invalid_utf8(value)) fail("the name of a class is not UTF-8; save the file as UTF-8");
      if (known_.insert(value).second) data_.classes.push_back(value);
    }
  }

  void one_case(const std::string& line) {
    const std::vector<std::string_view> fields = split(line, ':');
    if (has_classes_ && fields.size() < 2) fail("a case has at least one dimension and, behind ':', a class");
    const auto width = static_cast<int>(fields.size() - (has_classes_ ? 1 : 0));
    if (data_.width == 0) data_.width = width;
    if (width != data_.width)
      fail(fmt::format("a case of {} dimensions, where those before have {}", width, data_.width));
    LabelledSequence s;
    s.name = fmt::format("{}:{}", name_, line_);
    if (has_classes_) s.label = trimmed(fields.back());
    if (invalid_utf8(s.label)) fail("the name of its class is not UTF-8; save the file as UTF-8");
    if (labels_ && !known_.empty() && known_.count(s.label) == 0)
      fail(fmt::format("class '{}' is none of those that @classLabel names", s.label));
    // Lengths first: room for a hostile line's first dimension times their number would be its size squared.
    const auto length = [&](int d) {
      const std::string_view field = fields[static_cast<std::size_t>(d)];
      return static_cast<int>(std::count(field.begin(), field.end(), ',')) + 1;
    };
    s.steps = length(0);
    for (int d = 1; d < width; ++d) {
      if (length(d) == s.steps) continue;
      fail(fmt::format("dimension {} has {} values and the first {}; a case's must be of one length", d + 1,
                       length(d), s.steps));
    }
    s.values.resize(static_cast<std::size_t>(s.steps) * static_cast<std::size_t>(width));
    for (int d = 0; d < width; ++d) {
      const std::vector<std::string_view> values = split(fields[static_cast<std::size_t>(d)], ',');
      for (std::size_t t = 0; t < values.size(); ++t)
        s.values[t * static_cast<std::size_t>(width) + static_cast<std::size_t>(d)] =
            number(std::string(trimmed(values[t])), d);
    }
    data_.items.push_back(std::move(s));
  }

  float number(const std::string& text, int dimension) const {
    if (!text.empty() && says_missing(text)) return std::numeric_limits<float>::quiet_NaN();
    char* end = nullptr;
    const float x = std::strtof(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !std::isfinite(x))
      fail(fmt::format("'{}' in dimension {} is no number", text.substr(0, 40), dimension + 1));
    return x;
  }

  std::string name_;
  int line_ = 0;
  bool labels_, has_classes_ = true, in_data_ = false;
  LabelledData data_;
  std::set<std::string> known_;  // data_.classes
};

// False where something is no number; lists may lie in lists. null: a missing one.
bool flatten(const Json& j, std::vector<float>& to, int depth = 0) {
  if (j.is_null()) {
    to.push_back(std::numeric_limits<float>::quiet_NaN());
    return true;
  }
  if (j.is_number()) {
    to.push_back(j.get<float>());
    return std::isfinite(to.back());
  }
  if (!j.is_array() || depth > 8) return false;
  for (const Json& part : j) {
    if (!flatten(part, to, depth + 1)) return false;
  }
  return true;
}

}  // namespace

LabelledData parse_ts(std::string_view text, const std::string& name, bool labels) {
  return TsReader(name, labels).read(text);
}

LabelledData parse_labelled_lines(std::string_view text, const std::string& name, bool labels) {
  LabelledData data;
  each_line(text, [&](int number, std::string_view line) {
    if (trimmed(line).empty()) return;
    const auto fail = [&](const std::string& what) {
      throw FormatError(fmt::format("{}:{}: {}", name, number, what));
    };
    const Json json = parse_json_object(line, fmt::format("{}:{}", name, number));
    LabelledSequence s;
    s.name = fmt::format("{}:{}", name, number);
    if (labels) {
      if (!json.contains("label") || !(json["label"].is_string() || json["label"].is_number_integer()))
        fail("it has no \"label\" that is a text or a whole number");
      s.label = json["label"].is_string() ? json["label"].get<std::string>() : json["label"].dump();
    }
    const Json* steps = nullptr;
    for (const auto& item : json.items()) {
      if (item.key() == "label" || !item.value().is_array()) continue;
      if (steps) fail("it has more than one list; which is the sequence is not clear");
      steps = &item.value();
    }
    if (steps == nullptr || steps->empty()) fail("it has no list of steps");
    for (const Json& step : *steps) {
      const std::size_t had = s.values.size();
      if (!flatten(step, s.values)) fail(fmt::format("step {} holds something that is no number", s.steps));
      const auto width = static_cast<int>(s.values.size() - had);
      if (data.width == 0) data.width = width;
      if (width != data.width || width == 0)
        fail(fmt::format("step {} has {} numbers, where the first has {}", s.steps, width, data.width));
      ++s.steps;
    }
    data.items.push_back(std::move(s));
  });
  if (data.items.empty()) throw FormatError(fmt::format("{}: there is no sequence in it", name));
  return data;
}

}  // namespace cellwright
