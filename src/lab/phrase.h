// phrase.h: small grammars: phrases with choices in them, and fillers of an exact number of words.
//
// Where to start: Phrase. A pattern is words with blanks between them; "long|short" stands for either word.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lab/random_draw.h"

namespace cellwright::lab {

/// Words in the order they were first met, which is their number as a token.
class WordList {
 public:
  std::int32_t id(const std::string& word);  ///< added where it is new
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::vector<std::string> words_;
  std::map<std::string, std::int32_t> ids_;
};

/// The words of "a b c" as tokens.
std::vector<std::int32_t> tokens_of(WordList& words, const std::string& text);

class Phrase {
 public:
  Phrase(WordList& words, const std::string& pattern);
  int length() const { return static_cast<int>(slots_.size()); }  ///< words
  void write(RandomDraw& draw, std::vector<std::int32_t>& out) const;

 private:
  std::vector<std::vector<std::int32_t>> slots_;  // the choices, word by word
};

/// Phrases one after another, together as many words as asked for.
class Filler {
 public:
  /// InternalError unless the lengths shortest … 2·shortest-1 all occur, so that every number can be made.
  Filler(WordList& words, const std::vector<std::string>& patterns);
  int shortest() const { return shortest_; }
  void write(int words, RandomDraw& draw, std::vector<std::int32_t>& out) const;  ///< words >= shortest()

 private:
  std::vector<Phrase> phrases_;
  int shortest_ = 0;
};

}  // namespace cellwright::lab
