// class_folder.cpp: files of numbers and of sound, a folder a class; see labelled_files.h.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>

#include "base/file.h"
#include "base/utf8.h"
#include "cellwright/error.h"
#include "data/audio.h"
#include "data/csv.h"
#include "data/labelled_files.h"
#include "data/lines.h"
#include "data/text_source.h"

namespace cellwright {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> sorted_entries(const std::string& folder, bool folders) {
  std::error_code error;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    std::error_code ignored;
    if (name[0] != '.' && entry.is_directory(ignored) == folders) names.push_back(name);
  }
  if (error) throw IoError(fmt::format("cannot read the folder '{}': {}", folder, error.message()));
  std::sort(names.begin(), names.end());
  return names;
}

std::string ending_of(const std::string& path) {
  std::string ending = fs::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return ending;
}

bool is_numbers(const std::string& path) {
  const std::string ending = ending_of(path);
  return ending == ".csv" || ending == ".txt" || ending == ".tsv";
}

bool is_sound(const std::string& path) {
  const std::string ending = ending_of(path);
  for (const char* known : {".wav", ".flac", ".ogg", ".aiff", ".aif", ".au"}) {
    if (ending == known) return true;
  }
  return false;
}

/// NaN where a field says that its number is missing; nothing where it is none that float holds.
std::optional<float> number_of(const std::string& field, bool comma) {
  if (says_missing(field)) return std::numeric_limits<float>::quiet_NaN();
  const std::optional<double> x = decimal(field, comma);
  if (!x || std::abs(*x) > static_cast<double>(std::numeric_limits<float>::max())) return std::nullopt;
  return static_cast<float>(*x);
}

/// A line's separator: ';' (numbers may then have a comma for the point), ',', a tab; ' ': blanks, of which
/// several part but once.
char separator_of(std::string_view line) {
  for (const char c : {';', ',', '\t'}) {
    if (line.find(c) != std::string_view::npos) return c;
  }
  return ' ';
}

/// Without blanks around them and quotes around those.
std::vector<std::string> fields_of(std::string_view line, char separator) {
  std::vector<std::string> fields;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t end = std::min(line.find(separator, at), line.size());
    std::string_view field = trimmed(line.substr(at, end - at));
    at = end + 1;
    if (field.size() >= 2 && field.front() == '"' && field.back() == '"')
      field = field.substr(1, field.size() - 2);
    if (separator != ' ' || !field.empty()) fields.emplace_back(field);
  }
  return fields;
}

}  // namespace

std::vector<float> parse_number_lines(std::string_view text, const std::string& name, int* width) {
  std::vector<float> values;
  each_line(text, [&](int line, std::string_view content) {
    if (trimmed(content).empty()) return;
    const char separator = separator_of(content);
    std::vector<float> row;
    std::string bad;
    bool numbers = false;
    for (const std::string& field : fields_of(content, separator)) {
      const std::optional<float> x = number_of(field, separator == ';');
      if (!x && bad.empty())
        bad = fmt::format("{}:{}: column {}: '{}' is no number", name, line, row.size() + 1,
                          field.substr(0, 40));
      numbers = numbers || (x && !std::isnan(*x));
      row.push_back(x.value_or(0));
    }
    if (!bad.empty()) {
      if (line == 1 && !numbers) return;  // names
      throw FormatError(bad);
    }
    if (*width == 0) *width = static_cast<int>(row.size());
    if (static_cast<int>(row.size()) != *width)
      throw FormatError(fmt::format("{}:{}: {} number{}, where {} {} expected", name, line, row.size(),
                                    row.size() == 1 ? "" : "s", *width, *width == 1 ? "is" : "are"));
    values.insert(values.end(), row.begin(), row.end());
  });
  if (values.empty()) throw FormatError(fmt::format("{}: there is no number in it", name));
  return values;
}

LabelledSequence read_sequence_file(const std::string& path, SoundReading& sound, int* width,
                                    int* resampled) {
  LabelledSequence s;
  s.name = path;
  if (is_numbers(path)) {
    s.values = parse_number_lines(read_data_text(path), path, width);
  } else {
    const Audio audio = read_audio(path);
    if (sound.rate == 0) sound.rate = audio.rate;
    sound.mel.rate = sound.rate;
    if (audio.rate != sound.rate) ++*resampled;
    const std::vector<float> samples = resample(path, audio.samples, audio.rate, sound.rate);
    int own = sound.mel.bands;
    if (sound.raw) {
      own = sound.frame;
      s.values = samples;
      const auto n = static_cast<std::size_t>(sound.frame);
      s.values.resize(std::max<std::size_t>(1, (samples.size() + n - 1) / n) * n, 0);
    } else {
      s.values = log_mel(samples, sound.mel);
    }
    if (*width == 0) *width = own;
    if (*width != own)
      throw FormatError(fmt::format("{}: a sound among files of {} numbers a line", path, *width));
  }
  s.steps = static_cast<int>(s.values.size()) / *width;
  return s;
}

LabelledData read_class_folder(const std::string& path, SoundReading& sound,
                               const std::function<std::string(const std::string& file)>& class_of) {
  LabelledData data;
  int resampled = 0, others = 0;
  const auto add = [&](const std::string& file, const std::string& label) {
    if (!is_numbers(file) && !is_sound(file)) {
      ++others;
      return;
    }
    if (invalid_utf8(label))
      throw FormatError(
          fmt::format("{}: the name of its class is not UTF-8; give the folder or file another", file));
    LabelledSequence s = read_sequence_file(file, sound, &data.width, &resampled);
    s.label = label;
    data.items.push_back(std::move(s));
  };
  if (class_of) {
    for (const std::string& file : sorted_entries(path, false)) {
      const std::string label = class_of(file);
      if (!label.empty()) add(path + "/" + file, label);
    }
  } else {
    for (const std::string& label : sorted_entries(path, true)) {
      const std::size_t had = data.items.size();
      for (const std::string& file : sorted_entries(path + "/" + label, false))
        add(path + "/" + label + "/" + file, label);
      if (data.items.size() == had)
        data.remarks.push_back(fmt::format("folder '{}' holds nothing that is read", label));
    }
  }
  if (data.items.empty()) {
    if (class_of)
      throw SpecError(fmt::format(
          "'{}': no .csv, .txt or sound file in it has a name that tells its class; look at the expression",
          path));
    throw SpecError(
        fmt::format("'{}': no folder in it holds a .csv, .txt or sound file; a folder a class is expected, "
                    "or files whose names "
                    "tell their class (--class-of)",
                    path));
  }
  if (others > 0)
    data.remarks.push_back(fmt::format("{} file{} of other kinds left out", others, others == 1 ? "" : "s"));
  if (resampled > 0)
    data.remarks.push_back(
        fmt::format("{} of {} sounds resampled to {} Hz", resampled, data.items.size(), sound.rate));
  return data;
}

}  // namespace cellwright
