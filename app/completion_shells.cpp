// completion_shells.cpp: the levels of completion.h as a script of each shell. All three find the subcommand
// by walking the words typed so far along the known paths, then look at the word before the cursor and at the
// one being typed.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "completion.h"

namespace cellwright::app {
namespace {

/// In single quotes; a quote in the text ends them, stands escaped and begins them anew.
std::string quote(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// fish escapes within single quotes by a backslash.
std::string fish_quote(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += (c == '\'' || c == '\\') ? std::string("\\") + c : std::string(1, c);
  return out + "'";
}

std::string known_paths(const std::vector<Level>& levels) {
  std::string patterns;
  for (const Level& level : levels) {
    for (const auto& sub : level.subcommands)
      patterns += (patterns.empty() ? "" : "|") + fmt::format("\"{} {}\"", level.path, sub.first);
  }
  return patterns;
}

std::string patterns(const Level& level, const OfferedOption& option) {
  std::string out;
  for (const std::string& name : option.names)
    out += (out.empty() ? "" : "|") + fmt::format("\"{} {}\"", level.path, name);
  return out;
}

std::string bash_offer(const Offer& offer) {
  switch (offer.kind) {
    case Offer::Kind::kNothing:
      return "compopt +o default";
    case Offer::Kind::kWords:
      return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$cur\"))", fmt::join(offer.words, " "));
    case Offer::Kind::kFiles:
      return "compopt -o default";
    case Offer::Kind::kCells:
      // After a comma the next name of a list begins.
      return "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -P \"${cur%\"${cur##*,}\"}\" -W "
             "\"$(\"${COMP_WORDS[0]}\" cell list --names 2>/dev/null)\" "
             "-- \"${cur##*,}\"; compgen -f -- \"$cur\")";
  }
  return "";
}

std::string zsh_offer(const Offer& offer) {
  switch (offer.kind) {
    case Offer::Kind::kNothing:
      return "_message value";
    case Offer::Kind::kWords:
      return fmt::format("compadd -- {}", fmt::join(offer.words, " "));
    case Offer::Kind::kFiles:
      return "_files";
    case Offer::Kind::kCells:
      return "compset -P '*,'; compadd -- ${(f)\"$(${words[1]} cell list --names 2>/dev/null)\"}; _files";
  }
  return "";
}

/// What fish needs beside -l NAME: -x takes a value and offers no files, -r takes one and does.
std::string fish_offer(const Offer& offer) {
  switch (offer.kind) {
    case Offer::Kind::kNothing:
      return "-x";
    case Offer::Kind::kWords:
      return fmt::format("-x -a '{}'", fmt::join(offer.words, " "));
    case Offer::Kind::kFiles:
      return "-r -F";
    case Offer::Kind::kCells:
      return "-r -F -a '(cellwright cell list --names 2>/dev/null)'";
  }
  return "";
}

}  // namespace

std::string bash_completion(const std::vector<Level>& levels) {
  std::string out =
      "# bash completion of cellwright. Use: source <(cellwright completion bash)\n"
      "_cellwright() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path=cellwright i\n"
      "  COMPREPLY=()\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n";
  out += fmt::format(
      "    case \"$path ${{COMP_WORDS[i]}}\" in\n      {}) path=\"$path ${{COMP_WORDS[i]}}\" ;;\n    esac\n  "
      "done\n",
      known_paths(levels));
  out += "  case \"$path $prev\" in\n";
  for (const Level& level : levels) {
    for (const OfferedOption& option : level.options) {
      if (option.takes_value)
        out += fmt::format("    {}) {}; return ;;\n", patterns(level, option), bash_offer(option.value));
    }
  }
  out += "  esac\n  case \"$path\" in\n";
  for (const Level& level : levels) {
    std::vector<std::string> options, subcommands;
    for (const OfferedOption& option : level.options)
      options.insert(options.end(), option.names.begin(), option.names.end());
    for (const auto& sub : level.subcommands) subcommands.push_back(sub.first);
    const Offer rest = subcommands.empty() ? level.positional : Offer{Offer::Kind::kWords, subcommands};
    out += fmt::format("    \"{}\")\n      if [[ $cur == -* ]]; then {}\n      else {}\n      fi ;;\n",
                       level.path, bash_offer({Offer::Kind::kWords, options}), bash_offer(rest));
  }
  return out + "  esac\n}\ncomplete -o default -F _cellwright cellwright\n";
}

std::string zsh_completion(const std::vector<Level>& levels) {
  std::string out =
      "#compdef cellwright\n"
      "# zsh completion of cellwright. Use: source <(cellwright completion zsh), or save as _cellwright in a "
      "folder of $fpath\n"
      "_cellwright() {\n"
      "  local at=cellwright i\n"
      "  local -a known\n"
      "  for ((i = 2; i < CURRENT; i++)); do\n";
  out += fmt::format(
      "    case \"$at ${{words[i]}}\" in\n      {}) at=\"$at ${{words[i]}}\" ;;\n    esac\n  done\n",
      known_paths(levels));
  out += "  case \"$at ${words[CURRENT-1]}\" in\n";
  for (const Level& level : levels) {
    for (const OfferedOption& option : level.options) {
      if (option.takes_value)
        out += fmt::format("    {}) {}; return ;;\n", patterns(level, option), zsh_offer(option.value));
    }
  }
  out += "  esac\n  case \"$at\" in\n";
  const auto described = [](const std::string& name, const std::string& description) {
    return quote(name + ":" + description);
  };
  for (const Level& level : levels) {
    std::string options, subcommands;
    for (const OfferedOption& option : level.options) {
      for (const std::string& name : option.names) options += " " + described(name, option.description);
    }
    for (const auto& sub : level.subcommands) subcommands += " " + described(sub.first, sub.second);
    const std::string rest =
        subcommands.empty() ? zsh_offer(level.positional)
                            : fmt::format("known=({}); _describe subcommand known", subcommands.substr(1));
    out += fmt::format(
        "    \"{}\")\n      if [[ ${{words[CURRENT]}} == -* ]]; then known=({}); _describe -o option known\n "
        "     else {}\n      fi ;;\n",
        level.path, options.empty() ? "" : options.substr(1), rest);
  }
  return out +
         "  esac\n}\n"
         "if [[ ${funcstack[1]} == _cellwright ]]; then _cellwright \"$@\"; else compdef _cellwright "
         "cellwright; fi\n";
}

std::string fish_completion(const std::vector<Level>& levels) {
  std::string out =
      "# fish completion of cellwright. Use: cellwright completion fish | source\n"
      "function __cellwright_at\n"
      "    set -l path cellwright\n"
      "    for word in (commandline -opc)[2..-1]\n"
      "        switch \"$path $word\"\n"
      "            case";
  for (const Level& level : levels) {
    for (const auto& sub : level.subcommands) out += fmt::format(" '{} {}'", level.path, sub.first);
  }
  out +=
      "\n                set path \"$path $word\"\n"
      "        end\n    end\n    test \"$path\" = \"$argv\"\nend\n"
      "complete -c cellwright -f\n";
  for (const Level& level : levels) {
    const std::string where = fmt::format("complete -c cellwright -n '__cellwright_at {}'", level.path);
    for (const auto& sub : level.subcommands)
      out += fmt::format("{} -a {} -d {}\n", where, sub.first, fish_quote(sub.second));
    if (level.subcommands.empty() && level.positional.kind != Offer::Kind::kNothing) {
      const std::string offer = fish_offer(level.positional);  // begins with -x or -r, which are for options
      out += fmt::format("{} {}\n", where, offer.substr(3));
    }
    for (const OfferedOption& option : level.options) {
      std::string names;
      for (const std::string& name : option.names)
        names += name.rfind("--", 0) == 0 ? " -l " + name.substr(2) : " -s " + name.substr(1);
      out += fmt::format("{}{} {}-d {}\n", where, names,
                         option.takes_value ? fish_offer(option.value) + " " : "",
                         fish_quote(option.description));
    }
  }
  return out;
}

}  // namespace cellwright::app
