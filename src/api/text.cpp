// text.cpp: the public Text.
#include "cellwright/text.h"

#include <fmt/format.h>

#include "base/utf8.h"
#include "cellwright/error.h"
#include "data/text_source.h"

namespace cellwright {

Text Text::from_file(const std::string& path, Tokens tokens) { return from_files({path}, tokens); }

Text Text::from_files(const std::vector<std::string>& paths, Tokens tokens) {
  TextOptions options;
  options.bytes = tokens == Tokens::kBytes;
  return Text(read_text(paths, options), tokens);
}

Text Text::from_string(std::string content, Tokens tokens) {
  if (content.empty()) throw FormatError("the text is empty");
  if (tokens != Tokens::kBytes) {
    if (const auto at = invalid_utf8(content))
      throw FormatError(fmt::format("the text's byte {} is not valid UTF-8; use Tokens::kBytes", *at));
  }
  return Text(std::move(content), tokens);
}

}  // namespace cellwright
