// tag_files.h: which sequences with labels a command works on, and the parts they come in: what `train tag`
// and `compare tag` share. How a single file is read, and what a tagger keeps of it: tag_task.h.
//
// Where to start: TagFiles, then read_tag_data().
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "data/sequences.h"
#include "nn/sequence_spec.h"
#include "part_files.h"
#include "tag_task.h"

namespace CLI {
class App;
}

namespace cellwright::app {

struct TagFiles : PartFiles {
  int least = 2;  ///< rarer words are <unk>
  std::optional<int> word,
      tag;  ///< columns, those of `how` where they are not given: 1 and -1, in CoNLL-U 2, 4
  TagReading how;
};

/// The file itself, and the options of the group "Data".
void add_tag_options(CLI::App* app, TagFiles& files);

struct TagData {
  TagTask task;
  SequenceSet train, valid, test;  ///< empty: there is no such part
  std::string description;         ///< "120 sequences, 2,400 steps to train on, …"
};

/// Where no validation part is named, a tenth of the sequences becomes it, drawn by `seed`; `test_fraction`
/// of them the test where none is named. IoError, FormatError, SpecError.
TagData read_tag_data(const TagFiles& files, std::uint64_t seed);

/// What a tagger reads and says; `embedding` and its dropout where it reads words.
void put_tags(const TagTask& task, int embedding, double embedding_dropout, SequenceSpec& spec);

}  // namespace cellwright::app
