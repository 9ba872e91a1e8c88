// prime.h: the tokens a sample starts from.
#pragma once

#include <string>
#include <vector>

#include "data/vocabulary.h"

namespace cellwright {

/// The tokens of `text`; an empty one stands at the beginning of a line: the end-of-line token, or a newline,
/// if the vocabulary has it. Words: a text that does not end in a newline does not end its line. FormatError
/// for what the vocabulary lacks.
std::vector<std::int32_t> encode_prime(const Vocabulary& vocabulary, const std::string& text);

}  // namespace cellwright
