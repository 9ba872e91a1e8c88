// class_folder.cpp: files of numbers and of sound, a folder a class; see labelled_files.h.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "cellwright/error.h"
#include "data/audio.h"
#include "data/labelled_files.h"

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

bool is_numbers(const std::string& path) {
  const std::string ending = fs::path(path).extension().string();
  return ending == ".csv" || ending == ".txt" || ending == ".tsv";
}

bool is_sound(const std::string& path) {
  std::string ending = fs::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  for (const char* known : {".wav", ".flac", ".ogg", ".aiff", ".aif", ".au"}) {
    if (ending == known) return true;
  }
  return false;
}

}  // namespace

std::vector<float> parse_number_lines(std::string_view text, const std::string& name, int* width) {
  std::vector<float> values;
  int line = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string content(text.substr(at, end - at));
    at = end + 1;
    ++line;
    for (char& c : content) {
      if (c == ',' || c == ';' || c == '\t' || c == '\r') c = ' ';
    }
    std::vector<float> row;
    std::string bad;
    const char* p = content.c_str();
    for (;;) {
      while (*p == ' ') ++p;
      if (*p == '\0') break;
      const char* word_end = p;
      while (*word_end != ' ' && *word_end != '\0') ++word_end;
      char* stop = nullptr;
      const float x = std::strtof(p, &stop);
      if ((stop != word_end || !std::isfinite(x)) && bad.empty())
        bad = fmt::format("{}:{}: column {}: '{}' is no number", name, line, row.size() + 1,
                          std::string(p, std::min<std::size_t>(40, static_cast<std::size_t>(word_end - p))));
      row.push_back(x);
      p = word_end;
    }
    if (row.empty()) continue;
    if (!bad.empty()) {
      if (values.empty() && line == 1) continue;  // names
      throw FormatError(bad);
    }
    if (*width == 0) *width = static_cast<int>(row.size());
    if (static_cast<int>(row.size()) != *width)
      throw FormatError(
          fmt::format("{}:{}: {} numbers, where {} are expected", name, line, row.size(), *width));
    values.insert(values.end(), row.begin(), row.end());
  }
  if (values.empty()) throw FormatError(fmt::format("{}: there is no number in it", name));
  return values;
}

LabelledSequence read_sequence_file(const std::string& path, SoundReading& sound, int* width,
                                    int* resampled) {
  LabelledSequence s;
  s.name = path;
  if (is_numbers(path)) {
    s.values = parse_number_lines(read_file(path), path, width);
  } else {
    const Audio audio = read_audio(path);
    if (sound.rate == 0) sound.rate = audio.rate;
    sound.mel.rate = sound.rate;
    if (audio.rate != sound.rate) ++*resampled;
    const std::vector<float> samples = resample(audio.samples, audio.rate, sound.rate);
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
  int resampled = 0;
  const auto add = [&](const std::string& file, const std::string& label) {
    if (!is_numbers(file) && !is_sound(file)) return;
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
      for (const std::string& file : sorted_entries(path + "/" + label, false))
        add(path + "/" + label + "/" + file, label);
    }
  }
  if (data.items.empty()) {
    throw SpecError(
        fmt::format("'{}': no folder in it holds a .csv, .txt or sound file; a folder a class is expected, "
                    "or files whose names "
                    "tell their class (--class-of)",
                    path));
  }
  if (resampled > 0)
    data.remarks.push_back(
        fmt::format("{} of {} sounds resampled to {} Hz", resampled, data.items.size(), sound.rate));
  return data;
}

}  // namespace cellwright
