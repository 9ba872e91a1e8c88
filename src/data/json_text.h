// json_text.h: JSON out of files, with a message that says where and why it is none. Start at parse_json().
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace cellwright {

/// FormatError "WHERE: this is no JSON: column 5: syntax error … - unexpected end of input"; `where` names
/// the file, and the line where a line is parsed by itself.
nlohmann::json parse_json(std::string_view text, const std::string& where);

/// The same, FormatError too where it is something else than an object.
nlohmann::json parse_json_object(std::string_view text, const std::string& where);

}  // namespace cellwright
