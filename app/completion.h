// completion.h: what a shell may offer at each place of the command line, read off the tree of subcommands,
// so that it is never stale.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cellwright::app {

/// What a value can be.
struct Offer {
  enum class Kind { kNothing, kWords, kFiles, kCells };  ///< kCells: names of shipped cells, and files
  Kind kind = Kind::kNothing;
  std::vector<std::string> words;
};

struct OfferedOption {
  std::vector<std::string> names;  ///< "--units"
  std::string description;
  bool takes_value = false;
  Offer value;
};

/// One subcommand.
struct Level {
  std::string path;                                              ///< "cellwright cell step"
  std::vector<std::pair<std::string, std::string>> subcommands;  ///< name, description
  std::vector<OfferedOption> options;
  Offer positional;
};

std::vector<Level> levels_of(const CLI::App& root);

std::string bash_completion(const std::vector<Level>& levels);
std::string zsh_completion(const std::vector<Level>& levels);
std::string fish_completion(const std::vector<Level>& levels);

}  // namespace cellwright::app
