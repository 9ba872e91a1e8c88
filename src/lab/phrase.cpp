// phrase.cpp: see phrase.h.
#include "lab/phrase.h"

#include <fmt/format.h>

#include <algorithm>

#include "cellwright/error.h"

namespace cellwright::lab {
namespace {

std::vector<std::string> cut(const std::string& text, char at) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(at, begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

}  // namespace

std::int32_t WordList::id(const std::string& word) {
  const auto [at, fresh] = ids_.emplace(word, static_cast<std::int32_t>(words_.size()));
  if (fresh) words_.push_back(word);
  return at->second;
}

std::vector<std::int32_t> tokens_of(WordList& words, const std::string& text) {
  std::vector<std::int32_t> tokens;
  for (const std::string& word : cut(text, ' ')) tokens.push_back(words.id(word));
  return tokens;
}

Phrase::Phrase(WordList& words, const std::string& pattern) {
  for (const std::string& slot : cut(pattern, ' ')) {
    slots_.emplace_back();
    for (const std::string& word : cut(slot, '|')) slots_.back().push_back(words.id(word));
  }
}

void Phrase::write(RandomDraw& draw, std::vector<std::int32_t>& out) const {
  for (const auto& choices : slots_) out.push_back(choices.size() == 1 ? choices[0] : draw.of(choices));
}

Filler::Filler(WordList& words, const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    phrases_.emplace_back(words, pattern);
    const int length = phrases_.back().length();
    shortest_ = shortest_ == 0 ? length : std::min(shortest_, length);
  }
  for (int length = shortest_; length < 2 * shortest_; ++length) {
    if (std::none_of(phrases_.begin(), phrases_.end(), [&](const Phrase& p) { return p.length() == length; }))
      throw InternalError(fmt::format("a filler has no phrase of {} words", length));
  }
}

void Filler::write(int words, RandomDraw& draw, std::vector<std::int32_t>& out) const {
  std::vector<const Phrase*> fitting;
  for (int left = words; left > 0;) {
    fitting.clear();
    for (const Phrase& p : phrases_) {
      if (p.length() == left || left - p.length() >= shortest_) fitting.push_back(&p);
    }
    if (fitting.empty())
      throw InternalError(fmt::format("a filler of {} words, at least {}", words, shortest_));
    const Phrase& phrase = *draw.of(fitting);
    phrase.write(draw, out);
    left -= phrase.length();
  }
}

}  // namespace cellwright::lab
