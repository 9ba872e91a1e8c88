#include "option_tree.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

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
    if (c == '\n') c = ' ';
  }
  return text;
}

std::string message_of(const CLI::ParseError& error) {
  const std::string text = one_line(error.what());
  const std::size_t twice = text.find(": At Most 1 required but received ");
  if (twice != std::string::npos) return text.substr(0, twice) + " is given more than once; give it once";
  const std::string cannot = "Could not convert: ";  // "--units = x"
  const std::size_t at = text.find(" = ");
  if (text.rfind(cannot, 0) != 0 || at == std::string::npos) return text;
  return fmt::format("{} cannot be '{}'; it needs a number", text.substr(cannot.size(), at - cannot.size()),
                     text.substr(at + 3));
}

std::shared_ptr<CLI::FormatterBase> make_formatter() {
  auto formatter = std::make_shared<CLI::Formatter>();
  formatter->column_width(32);
  return formatter;
}

}  // namespace cellwright::app
