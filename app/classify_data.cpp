// classify_data.cpp: see classify_data.h.
#include "classify_data.h"

#include <fmt/format.h>

#include <filesystem>
#include <regex>

#include "base/json_whole.h"
#include "cellwright/error.h"
#include "data/text_source.h"

namespace cellwright::app {
namespace {

namespace fs = std::filesystem;

std::string contents(const std::string& path) {
  TextOptions options;
  options.bytes = true;
  options.unify_newlines = false;
  return read_text(path, options);
}

std::string without_gz(const std::string& path) {
  return fs::path(path).extension() == ".gz" ? path.substr(0, path.size() - 3) : path;
}

bool ends_with(const std::string& path, const std::string& ending) {
  return path.size() >= ending.size() &&
         path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
}

/// The file of that name, or packed; "" where there is neither.
std::string found(const std::string& path) {
  std::error_code ignored;
  for (const std::string& name : {path, path + ".gz"}) {
    if (fs::is_regular_file(name, ignored)) return name;
  }
  return "";
}

ImageReading image_reading(const std::string& word) {
  return word == "rows"     ? ImageReading::rows
         : word == "pixels" ? ImageReading::pixels
                            : ImageReading::permuted;
}

LabelledData read_images(const std::string& images, const ClassReading& r) {
  std::string labels = without_gz(images);
  const std::size_t at = labels.rfind("images-idx3");
  if (at == std::string::npos)
    throw SpecError(fmt::format("'{}': an idx file of images has 'images-idx3' in its name", images));
  labels = found(labels.replace(at, 11, "labels-idx1"));
  if (labels.empty())
    throw IoError(fmt::format("'{}': its labels ('…labels-idx1…') are not beside it", images));
  return parse_idx(contents(images), contents(labels), images, labels, image_reading(r.images), r.image_seed);
}

bool is_lines(const std::string& path) {
  return ends_with(without_gz(path), ".jsonl") || ends_with(without_gz(path), ".ndjson");
}

std::regex expression(const std::string& text, const char* option) {
  try {
    return std::regex(text);
  } catch (const std::regex_error&) {
    throw SpecError(fmt::format("{} '{}' is no regular expression (ECMAScript)", option, text));
  }
}

ClassParts read_folder(const std::string& path, ClassReading& r) {
  ClassParts parts;
  const std::string train = found(path + "/train-images-idx3-ubyte"),
                    test = found(path + "/t10k-images-idx3-ubyte");
  if (!train.empty()) {
    parts.train = read_images(train, r);
    if (!test.empty()) parts.test = read_images(test, r);
    return parts;
  }
  if (r.class_of.empty()) {
    if (!r.test_of.empty())
      throw SpecError("--test-of goes by the names that --class-of reads; give that too");
    parts.train = read_class_folder(path, r.sound);
    return parts;
  }
  const std::regex class_of = expression(r.class_of, "--class-of"),
                   test_of = expression(r.test_of.empty() ? "$^" : r.test_of, "--test-of");
  const auto read = [&](bool of_test) {
    return read_class_folder(path, r.sound, [&](const std::string& file) -> std::string {
      std::smatch match;
      if (std::regex_search(file, test_of) != of_test || !std::regex_search(file, match, class_of)) return "";
      return match.size() > 1 ? match[1].str() : match[0].str();
    });
  };
  parts.train = read(false);
  if (!r.test_of.empty()) parts.test = read(true);
  return parts;
}

void prepare(LabelledData& data, const ClassReading& r) {
  if (r.points > 0) centre_points(data, r.points);
}

}  // namespace

void check(const ClassReading& r) {
  if (r.images != "rows" && r.images != "pixels" && r.images != "permuted")
    throw SpecError(fmt::format("--images must be rows, pixels or permuted, found '{}'", r.images));
  if (r.points < 0)
    throw SpecError(fmt::format("--points must be 1 or more coordinates, found {}", r.points));
  if (r.sound.rate != 0 && (r.sound.rate < 100 || r.sound.rate > 1000000))
    throw SpecError(fmt::format("--rate must lie in 100 … 1000000 samples a second, found {}", r.sound.rate));
  if (r.sound.frame < 1 || r.sound.frame > 65536)
    throw SpecError(fmt::format("--frame must lie in 1 … 65536 samples, found {}", r.sound.frame));
  LogMelSpec mel = r.sound.mel;
  mel.rate = r.sound.rate > 0 ? r.sound.rate : 16000;
  cellwright::check(mel);
}

nlohmann::json to_json(const ClassReading& r) {
  return {{"rate", r.sound.rate},         {"raw", r.sound.raw},         {"frame", r.sound.frame},
          {"window", r.sound.mel.window}, {"hop", r.sound.mel.hop},     {"bands", r.sound.mel.bands},
          {"images", r.images},           {"image_seed", r.image_seed}, {"points", r.points},
          {"differences", r.differences}};
}

ClassReading class_reading_from_json(const nlohmann::json& j) {
  ClassReading r;
  r.sound.rate = whole<int>(j.at("rate"));
  j.at("raw").get_to(r.sound.raw);
  r.sound.frame = whole<int>(j.at("frame"));
  j.at("window").get_to(r.sound.mel.window);
  j.at("hop").get_to(r.sound.mel.hop);
  r.sound.mel.bands = whole<int>(j.at("bands"));
  j.at("images").get_to(r.images);
  r.image_seed = whole<std::uint64_t>(j.at("image_seed"));
  r.points = whole<int>(j.at("points"));
  j.at("differences").get_to(r.differences);
  check(r);
  return r;
}

ClassParts read_classes(const std::string& path, ClassReading& r) {
  ClassParts parts;
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    parts = read_folder(path, r);
  } else if (ends_with(without_gz(path), ".ts")) {
    parts.train = parse_ts(read_data_text(path), path);
  } else if (is_lines(path)) {
    parts.train = parse_labelled_lines(read_data_text(path), path);
  } else if (path.find("images-idx3") != std::string::npos) {
    parts.train = read_images(path, r);
  } else {
    if (!fs::exists(path, ignored))
      throw IoError(fmt::format("cannot read '{}': there is no such file", path));
    throw SpecError(fmt::format(
        "'{}': this is no .ts file, no JSON lines (.jsonl), no idx file of images and no folder", path));
  }
  prepare(parts.train, r);
  if (parts.test) prepare(*parts.test, r);
  return parts;
}

LabelledData read_unlabelled(const std::string& path, ClassReading& r) {
  LabelledData data;
  if (ends_with(without_gz(path), ".ts")) {
    data = parse_ts(read_data_text(path), path, false);
  } else if (is_lines(path)) {
    data = parse_labelled_lines(read_data_text(path), path, false);
  } else if (path.find("images-idx3") != std::string::npos) {
    const std::string images = contents(path);
    // Labels that say nothing, as many as the header has images; a wrong header is told by parse_idx().
    std::uint64_t count = 0;
    for (std::size_t i = 4; i < 8 && i < images.size(); ++i)
      count = count << 8 | static_cast<unsigned char>(images[i]);
    std::string labels("\0\0\x08\x01", 4);
    labels += images.substr(std::min<std::size_t>(4, images.size()), 4);
    labels.resize(8 + std::min<std::uint64_t>(count, images.size()), '\0');
    data = parse_idx(images, labels, path, path, image_reading(r.images), r.image_seed);
    for (LabelledSequence& s : data.items) s.label.clear();
  } else {
    int resampled = 0;
    LabelledSequence s = read_sequence_file(path, r.sound, &data.width, &resampled);
    if (resampled > 0) data.remarks.push_back(fmt::format("{}: resampled to {} Hz", path, r.sound.rate));
    data.items.push_back(std::move(s));
  }
  prepare(data, r);
  return data;
}

}  // namespace cellwright::app
