// report_text.h: the text that was read as it is shown: letters with all that belongs to them.
//
// Where to start: report_text(). What always holds: the clusters, joined, are the text; a cluster ends where
// a letter as a reader sees it ends (an Arabic letter and its vowel signs are several characters) and where a
// token ends, so a cluster holds one or more whole tokens.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/vocabulary.h"

namespace cellwright {

struct TextCluster {
  std::string text;  ///< valid UTF-8; bytes that are none stand as \xFF
  int first = 0;     ///< token
  int count = 1;
};

struct ReportText {
  std::vector<TextCluster> clusters;
  bool right_to_left = false;
};

ReportText report_text(const Vocabulary& vocabulary, const std::vector<std::int32_t>& tokens);

/// UTF-8 whatever the bytes are.
std::string readable(const std::string& bytes);

}  // namespace cellwright
