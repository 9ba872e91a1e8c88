// labelled_fuzz.cpp: readers of sequences with a class each, or with a label a step. The first byte chooses:
// t .ts, l JSON lines with classes, i images and labels of the MNIST format, n lines of numbers, c CoNLL's
// columns, j JSON lines with tags, u the same without alignment; the rest is the file. Of i the two bytes
// behind it say where its labels begin.
//
// What must hold: an Error, or sequences that fit together and become a SequenceSet that its own check
// accepts; names of classes and labels that a model file can hold (UTF-8); memory of a small multiple.
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/utf8.h"
#include "cellwright/error.h"
#include "data/labelled_files.h"
#include "data/tagged.h"
#include "held_memory.h"

namespace {

using namespace cellwright;
using cellwright::fuzz::require;

void use(LabelledData data) {
  require(!data.items.empty() && data.width > 0);
  for (const std::string& name : classes_of(data)) nlohmann::json(name).dump();
  for (const LabelledSequence& s : data.items)
    require(s.values.size() == static_cast<std::size_t>(s.steps) * static_cast<std::size_t>(data.width));
  to_sequences(data, classes_of(data), scaling_of(data)).check();
  LabelledData taken = data;
  take_fraction(taken, 0.3, 1);
  even_part(data, 0, 3, 1);
  if (data.width % 2 == 0) centre_points(data, 2);
  append_differences(data);
  require(data.items[0].values.size() ==
          static_cast<std::size_t>(data.items[0].steps) * static_cast<std::size_t>(data.width));
  check(data);
}

void use(const TaggedData& data, bool aligned) {
  require(!data.items.empty());
  const Names words = words_of(data, 1), labels = labels_of(data);
  if (!words.all().empty()) nlohmann::json(words.all()).dump();
  nlohmann::json(labels.all()).dump();
  const SequenceSet set = to_sequences(data, words, labels, aligned, data.width);
  set.check();
  std::vector<int> lanes;
  for (std::size_t i = 0; i < set.sequences.size() && i < 3; ++i) lanes.push_back(static_cast<int>(i));
  SequenceBatch batch;
  gather(set, lanes, 0, 8, batch);
}

void read(char kind, std::string_view text) {
  const std::string name = "fuzz";
  if (kind == 't') use(parse_ts(text, name));
  if (kind == 'l') use(parse_labelled_lines(text, name));
  if (kind == 'i' && text.size() >= 2) {
    const std::size_t split = static_cast<unsigned char>(text[0]) << 8 | static_cast<unsigned char>(text[1]);
    const std::string_view files = text.substr(2);
    const std::size_t at = std::min(split, files.size());
    for (const ImageReading reading : {ImageReading::rows, ImageReading::permuted})
      use(parse_idx(files.substr(0, at), files.substr(at), name, name, reading, 1));
  }
  if (kind == 'n') {
    int width = 0;
    const std::vector<float> values = parse_number_lines(text, name, &width);
    require(width > 0 && !values.empty() && values.size() % static_cast<std::size_t>(width) == 0);
  }
  // read_text() has seen that a file of columns is UTF-8.
  if (kind == 'c' && !invalid_utf8(text)) {
    use(parse_tagged_columns(text, name, 1, -1), true);
    parse_tagged_columns(text, name, 2, 3, false);
  }
  if (kind == 'j') use(parse_tagged_lines(text, name, true), true);
  if (kind == 'u') use(parse_tagged_lines(text, name, false), false);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // An image of one pixel is two bytes of the files and, several times, a sequence with a name and vectors.
  const fuzz::HeldMemory held(size, 1500);
  try {
    read(static_cast<char>(data[0]), {reinterpret_cast<const char*>(data) + 1, size - 1});
  } catch (const Error&) {
  }
  return 0;
}
