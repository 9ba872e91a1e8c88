// given_options.h: options that come from elsewhere than the command line: a file, a preset. What was typed
// wins.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace cellwright::app {

/// Gives options of `app` values, unless they have some already; flags take "true" and "false". The option's
/// own checks apply. SpecError, which begins with `origin`, for an option that `app` lacks or a value that it
/// refuses.
void give_options(CLI::App& app, const std::vector<std::pair<std::string, std::string>>& values,
                  const std::string& origin);

/// The options in a file of lines `name = value` (INI or TOML; '#' begins a comment). IoError, SpecError.
void give_options_of_file(CLI::App& app, const std::string& path);

}  // namespace cellwright::app
