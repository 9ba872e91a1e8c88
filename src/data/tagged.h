// tagged.h: sequences with a label a step, or with labels that say not where they belong; from columns as
// CoNLL's and from JSON lines.
//
// Where to start: parse_tagged_columns, parse_tagged_lines. What always holds: steps are words or numbers,
// alike in all of a file; aligned labels are as many as steps.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/scaling.h"
#include "data/sequences.h"

namespace cellwright {

struct TaggedSequence {
  std::string name;                 ///< for messages: "a.conll:12"
  std::vector<std::string> words;   ///< a step each; empty where steps are numbers
  std::vector<float> numbers;       ///< [steps, width]
  std::vector<std::string> labels;  ///< a step each, or any number of them
  int steps = 0;
};

struct TaggedData {
  int width = 0;  ///< numbers a step; 0: words
  std::vector<TaggedSequence> items;
};

/// A line a step, columns parted by blanks or tabs, a blank line between sequences. Skipped are "-DOCSTART-",
/// remarks (lines that begin with '#' before a sequence's first step, unless a tab follows) and, where `word`
/// is not 1, CoNLL-U's ranges of tokens ("3-4" in column 1). `word` and `tag` count from 1; from the end if
/// negative. `tags`: false where the tag's column may lack (to be predicted). FormatError naming the line.
TaggedData parse_tagged_columns(std::string_view text, const std::string& name, int word, int tag,
                                bool tags = true);

/// {"tokens": […], "tags": […]}, or in place of tokens {"steps": [[numbers]…]}; in place of tags "labels".
/// FormatError naming the line; with `aligned` also where there are not as many labels as steps.
TaggedData parse_tagged_lines(std::string_view text, const std::string& name, bool aligned, bool tags = true);

/// Names and the numbers they stand for.
class Names {
 public:
  Names() = default;
  explicit Names(std::vector<std::string> names);
  const std::vector<std::string>& all() const { return names_; }
  int size() const { return static_cast<int>(names_.size()); }
  int find(const std::string& name) const;  ///< -1: not there

 private:
  std::vector<std::string> names_;
  std::map<std::string, int> index_;
};

/// Labels that occur, sorted.
Names labels_of(const TaggedData& data);

/// "<unk>" and the words that occur at least `least` times, by falling frequency, then sorted.
Names words_of(const TaggedData& data, int least);

/// Aligned: a target a step; else labels. Words that are not known are number 0, <unk>. Without labels in the
/// data (to be predicted) targets are 0. SpecError for a label that is none of `labels`, steps of another
/// kind, or, where they are not aligned, more labels than the steps can hold.
/// Numbers are scaled, unless the scaling is empty.
SequenceSet to_sequences(const TaggedData& data, const Names& words, const Names& labels, bool aligned,
                         int width, const Scaling& scaling = {});

Scaling scaling_of(const TaggedData& data);  ///< of numbers; empty of words

}  // namespace cellwright
