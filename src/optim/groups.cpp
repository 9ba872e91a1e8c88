// groups.cpp: see groups.h.
#include "optim/groups.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cellwright/error.h"
#include "optim/json_fields.h"

namespace cellwright {
namespace {

// One element of a pattern against one character; `at` moves behind the element.
bool matches_one(std::string_view pattern, std::size_t& at, char c) {
  const std::size_t end = pattern[at] == '[' ? pattern.find(']', at + 2) : std::string_view::npos;
  if (end == std::string_view::npos) {  // a bracket that nothing closes stands for itself
    const char p = pattern[at++];
    return p == '?' || p == c;
  }
  std::size_t i = at + 1;
  const bool negated = pattern[i] == '!' && i + 1 < end;
  if (negated) ++i;
  bool found = false;
  while (i < end) {
    if (i + 2 < end && pattern[i + 1] == '-') {
      found = found || (pattern[i] <= c && c <= pattern[i + 2]);
      i += 3;
    } else {
      found = found || pattern[i] == c;
      ++i;
    }
  }
  at = end + 1;
  return found != negated;
}

}  // namespace

bool matches(std::string_view pattern, std::string_view name) {
  // Back to the last star, and one character further in the name, wherever the rest does not fit.
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t p = 0, n = 0, after_star = kNone, tried = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      after_star = ++p;
      tried = n;
      continue;
    }
    if (p < pattern.size() && matches_one(pattern, p, name[n])) {
      ++n;
      continue;
    }
    if (after_star == kNone) return false;
    p = after_star;
    n = ++tried;
  }
  return pattern.find_first_not_of('*', p) == kNone;
}

void check(const GroupSpec& spec) {
  const auto hold = [&](const char* name, double value) {
    if (!(value >= 0 && value < 1e30))
      throw SpecError(fmt::format("group '{}': {} {} must be at least 0", spec.pattern, name, value));
  };
  if (spec.pattern.empty()) throw SpecError("a group has no pattern; '*' takes every tensor");
  hold("lr", spec.learning_rate);
  if (spec.weight_decay) hold("weight-decay", *spec.weight_decay);
}

GroupSpec parse_group(const std::string& text) {
  const auto refuse = [&](const std::string& what) {
    throw SpecError(
        fmt::format("group '{}': {}; write PATTERN:lr=FACTOR,weight-decay=X, or PATTERN:frozen", text, what));
  };
  GroupSpec group;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) refuse("there is no pattern before a ':'");
  group.pattern = text.substr(0, colon);
  bool any = false;
  for (std::size_t begin = colon + 1; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, end - begin);
    begin = end + 1;
    if (part == "frozen") {
      group.learning_rate = 0;
      any = true;
      continue;
    }
    const std::size_t equals = part.find('=');
    const std::string name = part.substr(0, equals);
    if (equals == std::string::npos || (name != "lr" && name != "weight-decay"))
      refuse(part.empty() ? "nothing is asked of it" : fmt::format("'{}' is not understood", part));
    const std::string digits = part.substr(equals + 1);
    char* rest = nullptr;
    const double value = std::strtod(digits.c_str(), &rest);
    if (digits.empty() || *rest != '\0') refuse(fmt::format("'{}' is no number", digits));
    (name == "lr" ? group.learning_rate : group.weight_decay.emplace()) = value;
    any = true;
  }
  if (!any) refuse("nothing is asked of it");
  check(group);
  return group;
}

std::vector<int> assign_groups(const std::vector<GroupSpec>& groups, const std::vector<std::string>& names) {
  std::vector<int> of(names.size(), -1);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    bool any = false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!matches(groups[g].pattern, names[i])) continue;
      any = true;
      if (of[i] < 0) of[i] = static_cast<int>(g);
    }
    if (!any)
      throw SpecError(fmt::format("group '{}' matches no tensor; there are {}", groups[g].pattern,
                                  fmt::join(names, ", ")));
  }
  return of;
}

void to_json(nlohmann::json& json, const GroupSpec& spec) {
  json = {{"pattern", spec.pattern}, {"learning_rate", spec.learning_rate}};
  if (spec.weight_decay) json["weight_decay"] = *spec.weight_decay;
}

void from_json(const nlohmann::json& json, GroupSpec& spec) {
  GroupSpec read;
  const JsonFields fields(json, "group");
  fields.get("pattern", read.pattern);
  fields.get("learning_rate", read.learning_rate);
  if (json.contains("weight_decay")) fields.get("weight_decay", read.weight_decay.emplace());
  check(read);
  spec = read;
}

}  // namespace cellwright
