// names.h: letters of names: Greek and its ASCII spelling, marks, case.
//
// In ASCII a name's tilde is '~' after its letter (C~), a Greek letter is \alpha, any other character is
// \u{125}. A backslash word ends at the first character that is no ASCII letter; a letter that follows is
// kept apart by writing \u{…} instead. So both spellings of a name are one name, and each is found from the
// other.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cellwright::syntax {

bool starts_name(char32_t c);     ///< a letter
bool continues_name(char32_t c);  ///< a letter, digit, '_', prime or combining mark
char32_t name_look_alike(
    char32_t c);  ///< µ (micro) -> μ, ′ -> ', ˜ ∼ -> combining tilde, '~' too; others unchanged

/// "alpha" -> α, "ell" -> ℓ; nullopt if there is no such letter.
std::optional<char32_t> greek_letter(std::string_view word);
/// α -> "alpha"; "" if it has no word.
std::string_view greek_word(char32_t letter);

std::string ascii_name(std::string_view name);  ///< "C̃" -> "C~", "W_μ" -> "W_\mu"
std::string lower_case(std::string_view name);
bool is_capitalised(std::string_view name);  ///< its first letter is upper case

/// LaTeX of a name, with `time` ("t", "t-1", "" for none) joined to its own subscript: "C̃", "t" ->
/// \tilde{C}_{t}.
std::string latex_name(std::string_view name, const std::string& time = "");

}  // namespace cellwright::syntax
