// long_term.h: the post's example of a long-term dependency, as a grammar: "I grew up in France … I speak
// fluent French", and of a short one, "the clouds are in the sky"; in English and in Arabic.
#pragma once

#include <memory>

#include "lab/token_task.h"

namespace cellwright::lab {

/// In English or Arabic. The length is the gap: the words between the country (the clouds) and the
/// closing words, of which the last asks for the language; the one point below 5 is the short sentence.
/// Chance is one in ten: ten countries, ten short sentences. The filler names other countries too ("and my
/// uncle travelled to Spain every year"), in phrases too long for a gap of 5: as in a real text, it is not
/// enough to hold the last country, nor any. Training draws the gap from 5 … 200 with equal
/// chance for each factor (draw_length), and one batch in eight of short sentences.
std::unique_ptr<TokenTask> make_long_term(const TaskOptions& options);

}  // namespace cellwright::lab
