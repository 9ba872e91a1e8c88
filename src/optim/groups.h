// groups.h: parameter groups: tensors, chosen by a pattern over their names, that train otherwise than the
// rest. Start at parse_group.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cellwright {

struct GroupSpec {
  std::string pattern;                 ///< as a shell's: "layers.*.b_*", "embedding.*"
  double learning_rate = 1;            ///< factor of the learning rate, >= 0; 0: frozen
  std::optional<double> weight_decay;  ///< in place of the optimizer's, >= 0
};

void check(const GroupSpec& spec);  ///< SpecError names the group, the field, its value and its range
void to_json(nlohmann::json& json, const GroupSpec& spec);
void from_json(const nlohmann::json& json, GroupSpec& spec);  ///< FormatError; checked

/// "PATTERN:lr=0.1,weight-decay=0", "PATTERN:frozen" (the same as lr=0). SpecError says what is expected.
GroupSpec parse_group(const std::string& text);

/// '*' stands for any characters, '?' for one, "[abc]", "[a-z]", "[!a]" for one of, or none of, those listed;
/// all for bytes. The dots of a tensor's name are ordinary characters.
bool matches(std::string_view pattern, std::string_view name);

/// The group of each name, the first that matches, or -1. SpecError for a pattern that matches no name; it
/// lists the names.
std::vector<int> assign_groups(const std::vector<GroupSpec>& groups, const std::vector<std::string>& names);

}  // namespace cellwright
