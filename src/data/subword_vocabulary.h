// subword_vocabulary.h: what vocabulary.cpp needs of subwords; inner header of the room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/subwords.h"
#include "data/vocabulary.h"

namespace cellwright {

/// SpecError for sizes that make no sense.
void check_subwords(const VocabularyOptions& options);

/// The text of every piece.
std::vector<std::string> entries_of(const Subwords& subwords);

/// Segments of a text of any length, spread evenly over it: every 2^k-th, k as small as keeps them below 64
/// MB. A function of the text.
class SubwordSample {
 public:
  void add(std::string_view text);
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
  std::size_t bytes_ = 0;
  std::uint64_t stride_ = 1, seen_ = 0;
};

}  // namespace cellwright
