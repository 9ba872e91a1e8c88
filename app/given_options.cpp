#include "given_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "base/file.h"
#include "base/utf8.h"
#include "cellwright/error.h"
#include "language/diagnostic.h"
#include "option_tree.h"

namespace cellwright::app {
namespace {

void give(CLI::App& app, const std::string& name, const std::vector<std::string>& values,
          const std::string& origin) {
  CLI::Option* option = app.get_option_no_throw("--" + name);
  if (option == nullptr || name == "help" || name == "config") {
    const std::string hint = invalid_utf8(name) ? "" : syntax::did_you_mean("--" + name, words_of(app));
    throw SpecError(
        fmt::format("{}: there is no option '{}'{}", origin, name, hint.empty() ? "" : "; " + hint));
  }
  if (option->count() > 0) return;
  try {
    if (takes_value(*option)) {
      if (values.empty() || std::count(values.begin(), values.end(), "") > 0)
        throw CLI::ParseError(fmt::format("option '{}' needs a value", name), 1);
      option->add_result(values);
    } else {
      // to_flag_value() throws for what is neither true nor false.
      if (values.size() != 1 || CLI::detail::to_flag_value(values[0]) < 0) return;
      option->add_result("true");
    }
    option->run_callback();
  } catch (const CLI::ParseError& error) {
    throw SpecError(fmt::format("{}: {}", origin, message_of(error)));
  } catch (const std::invalid_argument&) {
    throw SpecError(fmt::format("{}: option '{}' is true or false, found '{}'", origin, name, values[0]));
  }
}

}  // namespace

void give_options(CLI::App& app, const std::vector<std::pair<std::string, std::string>>& values,
                  const std::string& origin) {
  for (const auto& [name, value] : values) give(app, name, {value}, origin);
}

void give_options_of_file(CLI::App& app, const std::string& path) {
  std::istringstream text(read_file(path));
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigTOML().from_config(text);
  } catch (const CLI::Error& error) {
    throw SpecError(fmt::format("{}: {}", path, error.what()));
  }
  for (const CLI::ConfigItem& item : items) {
    if (item.name == "++" || item.name == "--") continue;  // how CLI11 marks where a section begins and ends
    give(app, item.name, item.inputs, path);
  }
}

}  // namespace cellwright::app
