// small_text.h: a text that a small network learns in a second.
#pragma once

#include <string>

namespace cellwright::test {

/// Sentences of a few words in a fixed pseudo-random order; lower case, blanks, full stops, newlines.
inline std::string small_text(int sentences = 400, unsigned seed = 1) {
  static const char* const kWho[] = {"the cat", "a dog", "the old man", "my sister"};
  static const char* const kDoes[] = {"sees", "likes", "finds", "follows"};
  static const char* const kWhat[] = {"the moon", "a river", "the house", "nothing"};
  std::string text;
  for (int i = 0; i < sentences; ++i) {
    seed = seed * 1664525u + 1013904223u;
    text +=
        std::string(kWho[seed >> 30]) + " " + kDoes[(seed >> 28) & 3] + " " + kWhat[(seed >> 26) & 3] + ".\n";
  }
  return text;
}

}  // namespace cellwright::test
