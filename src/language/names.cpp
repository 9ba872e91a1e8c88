// names.cpp: start at kLetters; the functions below read it in both directions.
#include "language/names.h"

#include <utf8proc.h>

#include <array>
#include <memory>
#include <vector>

#include "base/utf8.h"

namespace cellwright::syntax {
namespace {

struct Letter {
  char32_t letter;
  std::string_view word;
};

constexpr std::array<Letter, 51> kLetters = {{
    {U'α', "alpha"},  {U'β', "beta"},  {U'γ', "gamma"}, {U'δ', "delta"},   {U'ε', "epsilon"},
    {U'ζ', "zeta"},   {U'η', "eta"},   {U'θ', "theta"}, {U'ι', "iota"},    {U'κ', "kappa"},
    {U'λ', "lambda"}, {U'μ', "mu"},    {U'ν', "nu"},    {U'ξ', "xi"},      {U'ο', "omicron"},
    {U'π', "pi"},     {U'ρ', "rho"},   {U'σ', "sigma"}, {U'τ', "tau"},     {U'υ', "upsilon"},
    {U'φ', "phi"},    {U'χ', "chi"},   {U'ψ', "psi"},   {U'ω', "omega"},   {U'Α', "Alpha"},
    {U'Β', "Beta"},   {U'Γ', "Gamma"}, {U'Δ', "Delta"}, {U'Ε', "Epsilon"}, {U'Ζ', "Zeta"},
    {U'Η', "Eta"},    {U'Θ', "Theta"}, {U'Ι', "Iota"},  {U'Κ', "Kappa"},   {U'Λ', "Lambda"},
    {U'Μ', "Mu"},     {U'Ν', "Nu"},    {U'Ξ', "Xi"},    {U'Ο', "Omicron"}, {U'Π', "Pi"},
    {U'Ρ', "Rho"},    {U'Σ', "Sigma"}, {U'Τ', "Tau"},   {U'Υ', "Upsilon"}, {U'Φ', "Phi"},
    {U'Χ', "Chi"},    {U'Ψ', "Psi"},   {U'Ω', "Omega"}, {U'ℓ', "ell"},     {U'ϑ', "vartheta"},
    {U'ϕ', "varphi"},
}};

bool ascii_letter(char32_t c) { return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z'); }

utf8proc_category_t category(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }

std::u32string decomposed(std::string_view name) {
  utf8proc_uint8_t* raw = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(name.data()),
                                   static_cast<utf8proc_ssize_t>(name.size()), &raw,
                                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(raw, &std::free);
  if (length < 0) return decode_utf8(name);
  return decode_utf8(std::string_view(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length)));
}

std::string hexadecimal(char32_t c) {
  std::string digits;
  for (; c != 0; c /= 16) digits.insert(digits.begin(), "0123456789abcdef"[c % 16]);
  return digits.empty() ? "0" : digits;
}

std::string_view accent(char32_t mark) {
  switch (mark) {
    case 0x303:
      return "\\tilde";
    case 0x302:
      return "\\hat";
    case 0x304:
    case 0x305:
      return "\\bar";
    case 0x307:
      return "\\dot";
    case 0x308:
      return "\\ddot";
    case 0x301:
      return "\\acute";
    case 0x300:
      return "\\grave";
    case 0x30C:
      return "\\check";
    case 0x306:
      return "\\breve";
    case 0x20D7:
      return "\\vec";
    default:
      return "";
  }
}

// A Greek letter as LaTeX spells it: no word for those that look like Latin letters, and \varphi for φ, \phi
// for ϕ.
std::string latex_letter(char32_t c) {
  static constexpr std::u32string_view kLatinLike = U"ΑΒΕΖΗΙΚΜΝΟΡΤΧ";
  static constexpr std::string_view kLatin = "ABEZHIKMNOPTX";
  if (const std::size_t at = kLatinLike.find(c); at != std::u32string_view::npos)
    return "\\mathrm{" + std::string(1, kLatin[at]) + "}";
  if (c == U'ο') return "o";
  if (c == U'φ') return "\\varphi";
  if (c == U'ϕ') return "\\phi";
  if (c == U'ε') return "\\varepsilon";
  const std::string_view word = greek_word(c);
  return word.empty() ? "" : "\\" + std::string(word);
}

// One part of a name (between underscores), without primes: accents applied, several letters set upright.
std::string latex_part(const std::u32string& part) {
  std::vector<std::string> letters;
  bool plain = true;
  for (const char32_t c : part) {
    if (!accent(c).empty() && !letters.empty()) {
      letters.back() = std::string(accent(c)) + "{" + letters.back() + "}";
      plain = false;
    } else if (const std::string letter = latex_letter(c); !letter.empty()) {
      letters.push_back(letter);
      plain = false;
    } else {
      letters.push_back(encode_utf8(c));
    }
  }
  std::string joined;
  for (const std::string& l : letters) joined += (!joined.empty() && l.front() == '\\' ? " " : "") + l;
  const bool number = !part.empty() && part.front() >= U'0' && part.front() <= U'9';
  if (plain && letters.size() > 1 && !number) return "\\mathrm{" + joined + "}";
  // A control word would swallow a letter that follows it.
  std::string spaced;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const bool after_word = i > 0 && letters[i - 1].front() == '\\' && letters[i - 1].back() != '}';
    spaced += (after_word ? " " : "") + letters[i];
  }
  return spaced;
}

}  // namespace

bool starts_name(char32_t c) {
  if (c < 0x80) return ascii_letter(c);
  switch (category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
      return true;
    default:
      return false;
  }
}

bool continues_name(char32_t c) {
  if (c < 0x80) return ascii_letter(c) || (c >= U'0' && c <= U'9') || c == U'_' || c == U'\'';
  return starts_name(c) || category(c) == UTF8PROC_CATEGORY_MN;
}

char32_t name_look_alike(char32_t c) {
  switch (c) {
    case 0x00B5:
      return U'μ';
    case 0x2032:
    case 0x2019:
      return U'\'';
    case U'~':
    case 0x02DC:
    case 0x223C:
      return 0x303;
    default:
      return c;
  }
}

std::optional<char32_t> greek_letter(std::string_view word) {
  for (const Letter& l : kLetters) {
    if (l.word == word) return l.letter;
  }
  return std::nullopt;
}

std::string_view greek_word(char32_t letter) {
  for (const Letter& l : kLetters) {
    if (l.letter == letter) return l.word;
  }
  return "";
}

std::string ascii_name(std::string_view name) {
  const std::u32string letters = decomposed(name);
  std::string out;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const char32_t c = letters[i];
    const bool letter_follows = i + 1 < letters.size() && ascii_letter(letters[i + 1]);
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else if (c == 0x303) {
      out += '~';
    } else if (const std::string_view word = greek_word(c); !word.empty() && !letter_follows) {
      out += "\\" + std::string(word);
    } else {
      out += "\\u{" + hexadecimal(c) + "}";
    }
  }
  return out;
}

std::string lower_case(std::string_view name) {
  std::u32string letters = decode_utf8(name);
  for (char32_t& c : letters) {
    c = static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
  }
  return encode_utf8(letters);
}

bool is_capitalised(std::string_view name) {
  const std::u32string letters = decode_utf8(name);
  return !letters.empty() && category(letters.front()) == UTF8PROC_CATEGORY_LU;
}

std::string latex_name(std::string_view name, const std::string& time) {
  std::vector<std::u32string> parts(1);
  std::string primes;
  for (const char32_t c : decomposed(name)) {
    if (c == U'_') {
      parts.emplace_back();
    } else if (c == U'\'') {
      primes += '\'';
    } else {
      parts.back().push_back(c);
    }
  }
  std::string subscript;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i].empty()) continue;
    subscript += (subscript.empty() ? "" : ",") + latex_part(parts[i]);
  }
  if (!time.empty()) subscript += (subscript.empty() ? "" : ",") + time;
  const std::string base = latex_part(parts[0]) + primes;
  if (subscript.empty()) return base;
  return base + "_" + (subscript.size() == 1 ? subscript : "{" + subscript + "}");
}

}  // namespace cellwright::syntax
