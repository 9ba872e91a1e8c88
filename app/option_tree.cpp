#include "option_tree.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <map>

#include "base/utf8.h"
#include "cellwright/error.h"

namespace cellwright::app {

std::string path_of(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : path_of(*app.get_parent()) + " " + app.get_name();
}

std::vector<const CLI::App*> subcommands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
  return app.get_options(
      [](const CLI::Option* o) { return !o->get_lnames().empty() || !o->get_snames().empty(); });
}

std::vector<const CLI::Option*> positionals_of(const CLI::App& app) {
  return app.get_options([](const CLI::Option* o) { return o->get_positional(); });
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  return names;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::vector<std::string> words_of(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::App* sub : subcommands_of(app)) words.push_back(sub->get_name());
  for (const CLI::Option* option : options_of(app)) {
    for (const std::string& name : names_of(*option)) words.push_back(name);
  }
  return words;
}

std::string one_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  for (char& c : text) {
    if (c == '\n' || c == '\t') c = ' ';
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = '?';  // a terminal would obey it
  }
  for (std::size_t at = 0;;) {
    const auto bad = invalid_utf8(std::string_view(text).substr(at));
    if (!bad) break;
    text[at += *bad] = '?';
  }
  return text;
}

std::string message_of(const CLI::ParseError& error) {
  const std::string text = one_line(error.what());
  const std::size_t twice = text.find(": At Most 1 required but received ");
  if (twice != std::string::npos) return text.substr(0, twice) + " is given more than once; give it once";
  const std::string needed = " is required";
  if (text.size() > needed.size() && text.compare(text.size() - needed.size(), needed.size(), needed) == 0)
    return fmt::format("no {} given", text.substr(0, text.size() - needed.size()));
  const std::string cannot = "Could not convert: ";  // "--units = x"
  const std::size_t at = text.find(" = ");
  if (text.rfind(cannot, 0) != 0 || at == std::string::npos) return text;
  const std::string value = text.substr(at + 3), last = value.substr(value.find_last_of(',') + 1);
  char* end = nullptr;
  const double number = std::strtod(last.c_str(), &end);
  const bool numeric = !last.empty() && *end == '\0';
  const bool whole = numeric && last.find_first_not_of("+-0123456789") == std::string::npos;
  return fmt::format("{} cannot be '{}'; {}", text.substr(cannot.size(), at - cannot.size()), value,
                     whole && std::abs(number) > 1e9 ? "that is out of range"
                     : numeric                       ? "it needs a whole number"
                                                     : "it needs a number");
}

void told_as_options(const std::function<void()>& check) {
  try {
    check();
  } catch (const SpecError& error) {
    std::string text = error.what();
    for (const char* owner : {"the optimizer's ", "the schedule's "}) {
      if (text.rfind(owner, 0) == 0) text.erase(0, std::strlen(owner));
    }
    const std::size_t end = text.find(" is ");
    if (end == std::string::npos) throw;
    std::string name = text.substr(0, end);
    static const std::map<std::string, std::string> others = {
        {"learning rate", "lr"},  {"clip_norm", "clip"},  {"after", "decay-after"},
        {"every", "decay-every"}, {"wait", "decay-wait"}, {"start", "rise-from"}};
    const auto other = others.find(name);
    if (other != others.end()) name = other->second;
    if (name.find(' ') != std::string::npos) throw;
    std::replace(name.begin(), name.end(), '_', '-');
    throw SpecError("--" + name + text.substr(end));
  }
}

void refuse_empty_numbers(const CLI::App& app) {
  for (const CLI::Option* option : options_of(app)) {
    const std::string type = option->get_type_name();
    const auto& given = option->results();
    if ((type == "N" || type == "X" || type == "N,N") && std::count(given.begin(), given.end(), "") > 0)
      throw CLI::ConversionError(fmt::format("{} is given without its number", names_of(*option).front()));
  }
}

std::shared_ptr<CLI::FormatterBase> make_formatter() {
  auto formatter = std::make_shared<CLI::Formatter>();
  formatter->column_width(32);
  return formatter;
}

}  // namespace cellwright::app
