// prime.cpp: see prime.h.
#include "train/prime.h"

namespace cellwright {

std::vector<std::int32_t> encode_prime(const Vocabulary& vocabulary, const std::string& text) {
  if (text.empty()) {
    const auto line = vocabulary.end_of_line() ? vocabulary.end_of_line() : vocabulary.find("\n");
    return line ? std::vector<std::int32_t>{*line} : std::vector<std::int32_t>{};
  }
  std::vector<std::int32_t> tokens = vocabulary.encode(text);
  const bool open = text.back() != '\n';
  if (open && vocabulary.end_of_line() && !tokens.empty() && tokens.back() == *vocabulary.end_of_line())
    tokens.pop_back();
  return tokens;
}

}  // namespace cellwright
