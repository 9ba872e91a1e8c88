// subject_gender.h: the post's example of forgetting: "when a new subject comes, the old one's gender is to
// be forgotten". Three subjects follow one another; after some words each, a pronoun (English) or a verb
// (Arabic) must agree with the newest.
#pragma once

#include <memory>

#include "lab/token_task.h"

namespace cellwright::lab {

/// In English or Arabic. The length is the number of filler words between the last subject's place and
/// the words that lead to the answer. What is measured is the answer to the last subject, apart for a
/// gender that differs from the subject's before (variant kChanged) and one that does not (kSame).
/// Chance is 1/2, between the two forms. Sample::marks: the steps at which a new subject is read, but the
/// first.
std::unique_ptr<TokenTask> make_subject_gender(const TaskOptions& options);

}  // namespace cellwright::lab
