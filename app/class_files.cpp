// class_files.cpp: see class_files.h.
#include "class_files.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cellwright/error.h"
#include "choice.h"
#include "numbers.h"

namespace cellwright::app {
namespace {

double within(const char* option, double fraction) {
  if (!(fraction >= 0 && fraction < 1))
    throw SpecError(fmt::format("{} must be 0 or more, and less than 1, found {:g}", option, fraction));
  return fraction;
}

void need_same_width(const LabelledData& a, const LabelledData& b, const std::string& name) {
  if (a.width != b.width)
    throw SpecError(
        fmt::format("'{}': {} numbers a step, but the training data have {}", name, b.width, a.width));
}

void need_known_labels(const ClassData& data, const LabelledData& part) {
  to_sequences(part, data.classes,
               {std::vector<double>(static_cast<std::size_t>(part.width), 0),
                std::vector<double>(static_cast<std::size_t>(part.width), 1)});
}

}  // namespace

ClassData read_class_data(ClassFiles& r, std::uint64_t seed, bool validate) {
  ClassData data;
  ClassParts parts = read_classes(r.data, r.how);
  data.train = std::move(parts.train);
  data.test = std::move(parts.test);
  cellwright::check(data.train);
  data.classes = classes_of(data.train);
  if (!r.test.empty()) {
    data.test = read_classes(r.test, r.how).train;
    need_same_width(data.train, *data.test, r.test);
  }
  if (data.test) need_known_labels(data, *data.test);
  if (!data.test && r.test_fraction)
    data.test = take_fraction(data.train, within("--test-fraction", *r.test_fraction), seed);
  const double fraction = within("--valid-fraction", r.valid_fraction.value_or(0.1));
  if (!r.valid.empty()) {
    if (r.valid_fraction) throw SpecError("--valid and --valid-fraction exclude each other");
    data.valid = read_classes(r.valid, r.how).train;
    need_same_width(data.train, data.valid, r.valid);
    need_known_labels(data, data.valid);
  } else if (fraction > 0 && validate) {
    data.valid = take_fraction(data.train, fraction, seed);
  }
  return data;
}

std::string describe(const ClassData& data) {
  const auto count = [](const LabelledData& d) { return grouped(static_cast<std::int64_t>(d.items.size())); };
  int least = data.train.items[0].steps, most = least;
  for (const LabelledSequence& s : data.train.items) {
    least = std::min(least, s.steps);
    most = std::max(most, s.steps);
  }
  std::string line =
      fmt::format("{} sequences of {} steps to train on", count(data.train),
                  least == most ? fmt::format("{}", most) : fmt::format("{} … {}", least, most));
  if (!data.valid.items.empty()) line += fmt::format(", {} to validate", count(data.valid));
  if (data.test) line += fmt::format(", {} to test", count(*data.test));
  line += fmt::format("; {} classes", data.classes.size());
  const auto remarks = [&](const LabelledData& d, const char* part) {
    for (const std::string& remark : d.remarks) line += fmt::format("; {}{}", part, remark);
  };
  remarks(data.train, "");
  remarks(data.valid, "validation: ");
  if (data.test) remarks(*data.test, "test: ");
  return line;
}

ClassSets scaled_sets(ClassData& data, bool differences) {
  if (differences) {
    append_differences(data.train);
    append_differences(data.valid);
    if (data.test) append_differences(*data.test);
  }
  ClassSets sets;
  sets.scaling = scaling_of(data.train);
  sets.train = to_sequences(data.train, data.classes, sets.scaling);
  if (!data.valid.items.empty()) sets.valid = to_sequences(data.valid, data.classes, sets.scaling);
  if (data.test) sets.test = to_sequences(*data.test, data.classes, sets.scaling);
  return sets;
}

void add_class_options(CLI::App* app, ClassFiles& files) {
  app->add_option("data", files.data, "A .ts file, JSON lines, MNIST's folder, a folder with one a class")
      ->required()
      ->type_name("FILE");
  add_part_options(app, files, "each class");
  const auto data = [&](const std::string& name, auto& field, const std::string& text, const char* type) {
    return app->add_option(name, field, text)->type_name(type)->group("Data");
  };
  data("--class-of", files.how.class_of,
       "A folder of files: where their names tell the class, its first group", "REGEX");
  data("--test-of", files.how.test_of, "With --class-of: which files are for the test", "REGEX");
  choice(app->add_option("--images", files.how.images,
                         "Idx files: a step is a row, a pixel, or one in a drawn order"),
         {"rows", "pixels", "permuted"})
      ->capture_default_str()
      ->group("Data");
  data("--image-seed", files.how.image_seed, "Of the drawn order", "N")->capture_default_str();
  data("--points", files.how.points, "Steps are points of so many coordinates: centre them", "N");
  app->add_flag("--differences", files.how.differences, "Append each step's difference from the one before")
      ->group("Data");
  data("--rate", files.how.sound.rate, "Sound: samples a second; others are resampled (the first file's)",
       "N");
  data("--bands", files.how.sound.mel.bands, "Sound: log-mel bands", "N")->capture_default_str();
  data("--window", files.how.sound.mel.window, "Sound: seconds of a window", "X")->capture_default_str();
  data("--hop", files.how.sound.mel.hop, "Sound: seconds between windows", "X")->capture_default_str();
  app->add_flag("--raw", files.how.sound.raw, "Sound: samples as they are, --frame of them a step")
      ->group("Data");
  data("--frame", files.how.sound.frame, "With --raw: samples a step", "N")->capture_default_str();
}

}  // namespace cellwright::app
