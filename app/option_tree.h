// option_tree.h: what is asked of the tree of subcommands and options: by messages, help and completion.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
class FormatterBase;
class Option;
class ParseError;
}  // namespace CLI

namespace cellwright::app {

std::string path_of(const CLI::App& app);  ///< "cellwright cell step"

/// What may stand where a word was not understood: options as "--units", and subcommands.
std::vector<std::string> words_of(const CLI::App& app);

std::vector<const CLI::App*> subcommands_of(const CLI::App& app);
std::vector<const CLI::Option*> options_of(const CLI::App& app);  ///< named ones
std::vector<const CLI::Option*> positionals_of(const CLI::App& app);
std::vector<std::string> names_of(const CLI::Option& option);  ///< "--units", "-u"
bool takes_value(const CLI::Option& option);

std::string one_line(
    std::string text);  ///< newlines made blanks; what a terminal would obey, and broken UTF-8, '?'
std::string message_of(
    const CLI::ParseError& error);  ///< CLI11's message, better said where that is possible

std::shared_ptr<CLI::FormatterBase> make_formatter();  ///< of --help

/// Runs `check`; a SpecError that names a field ("the optimizer's weight_decay is -1: …") comes out with the
/// option's name ("--weight-decay is -1: …").
void told_as_options(const std::function<void()>& check);

/// Throws a CLI::ParseError when an option that takes a number was given an empty one, as by --lr "$UNSET".
void refuse_empty_numbers(const CLI::App& app);

}  // namespace cellwright::app
