// completion.cpp: `cellwright completion SHELL`. Reads the tree; completion_shells.cpp writes it for each
// shell.
#include "completion.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "choice.h"
#include "command.h"
#include "option_tree.h"

namespace cellwright::app {
namespace {

/// By the type name that help shows: "random|ones", "NAME|FILE", "FILE", "N".
Offer offer_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  if (const std::vector<std::string> words = choices(type); !words.empty())
    return {Offer::Kind::kWords, words};
  if (type.find("NAME|FILE") != std::string::npos) return {Offer::Kind::kCells, {}};
  if (type.find("FILE") != std::string::npos) return {Offer::Kind::kFiles, {}};
  return {};
}

void add_levels(const CLI::App& app, std::vector<Level>& levels) {
  Level level;
  level.path = path_of(app);
  for (const CLI::App* sub : subcommands_of(app))
    level.subcommands.emplace_back(sub->get_name(), sub->get_description());
  for (const CLI::Option* option : options_of(app)) {
    level.options.push_back(
        {names_of(*option), option->get_description(), takes_value(*option), offer_of(*option)});
  }
  for (const CLI::Option* option : positionals_of(app)) level.positional = offer_of(*option);
  levels.push_back(level);
  for (const CLI::App* sub : subcommands_of(app)) add_levels(*sub, levels);
}

}  // namespace

std::vector<Level> levels_of(const CLI::App& root) {
  std::vector<Level> levels;
  add_levels(root, levels);
  return levels;
}

void add_completion_command(CLI::App& root, Command& chosen) {
  CLI::App* app =
      root.add_subcommand("completion", "Print a script that lets a shell complete this command line");
  auto shell = std::make_shared<std::string>();
  choice(app->add_option("shell", *shell, "The shell")->required(), {"bash", "zsh", "fish"});
  app->footer(
      "Examples:\n  source <(cellwright completion bash)\n  source <(cellwright completion zsh)\n"
      "  cellwright completion fish | source\n  cellwright completion bash > "
      "~/.local/share/bash-completion/completions/cellwright");
  app->callback([&root, &chosen, shell] {
    chosen.run = [&root, shell] {
      const std::vector<Level> levels = levels_of(root);
      fmt::print("{}", *shell == "bash"  ? bash_completion(levels)
                       : *shell == "zsh" ? zsh_completion(levels)
                                         : fish_completion(levels));
      return 0;
    };
  });
}

}  // namespace cellwright::app
