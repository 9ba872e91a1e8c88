// main.cpp: the way into the command line, and its only catch. Exit status: 0 done, 1 it failed (one line
// tells why, or the diagnostic of a cell), 2 wrong usage.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>

#include "base/utf8.h"
#include "cellwright/error.h"
#include "command.h"
#include "language/diagnostic.h"
#include "numbers.h"
#include "option_tree.h"
#include "tell.h"
#include "version.h"

namespace {

using namespace cellwright;

constexpr const char* kExamples = R"(Examples:
  cellwright train text book.txt --minutes 5
  cellwright sample book.safetensors --prime "It was" --temperature 0.7
  cellwright cell show lstm                 the equations of a cell
  cellwright cell check my.cell             are its derivatives right?
  cellwright cell step gru --units 2 --x 1,0

A cell is a file of equations; 'cellwright cell list' names those that come along.)";

/// The subcommand that was being read, for "see … --help".
const CLI::App* deepest(const CLI::App* app) {
  while (!app->get_subcommands().empty()) app = app->get_subcommands().back();
  return app;
}

std::string list_of(const std::vector<const CLI::App*>& apps) {
  std::string text;
  for (const CLI::App* app : apps) text += (text.empty() ? "" : ", ") + app->get_name();
  return text;
}

/// CLI11's message, where it can be said better said better.
std::string told(const CLI::App& root, const CLI::App& app, const CLI::ParseError& error) {
  const bool required = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  const std::vector<std::string> extras = root.remaining(true);
  // A word that was not understood explains best why another is missing.
  if (!extras.empty() && (required || dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr)) {
    const std::string& word = extras.front();
    const bool option = word.size() > 1 && word[0] == '-';
    const bool subcommand = !option && !app::subcommands_of(app).empty();
    const std::string hint =
        invalid_utf8(word) ? "" : syntax::did_you_mean(word.substr(0, word.find('=')), app::words_of(app));
    return fmt::format("{} '{}'{}",
                       option       ? "unknown option"
                       : subcommand ? "unknown subcommand"
                                    : "unexpected argument",
                       word, hint.empty() ? "" : "; " + hint);
  }
  const auto subcommands = app::subcommands_of(app);
  if (required && !subcommands.empty())
    return fmt::format("'{}' needs one of: {}", app::path_of(app), list_of(subcommands));
  return app::message_of(error);
}

int wrong_usage(const CLI::App& root, const CLI::ParseError& error) {
  const CLI::App* app = deepest(&root);
  app::tell(fmt::format("cellwright: {} (see '{} --help')\n", told(root, *app, error), app::path_of(*app)));
  return 2;
}

/// Output that never reached its file is a failure too: a full disk shows at the last flush.
int finish(int status) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  app::tell(fmt::format("cellwright: cannot write to standard output: {}\n",
                        std::strerror(errno != 0 ? errno : EIO)));
  return 1;
}

/// The command line again, so that a shell reads it the same way.
std::string as_typed(int argc, char** argv) {
  std::string command;
  for (int i = 0; i < argc; ++i) command += (i > 0 ? " " : "") + app::shell_word(argv[i]);
  return command;
}

int run(int argc, char** argv) {
  CLI::App root("Recurrent cells written as equations: train, sample, check, look inside.", "cellwright");
  root.formatter(app::make_formatter());
  root.footer(kExamples);
  root.set_version_flag(
      "--version", [] { return app::version_text(); }, "Print version, SIMD targets and threads");
  root.require_subcommand(1);
  app::Command chosen;
  app::add_train_command(root, chosen, as_typed(argc, argv));
  app::add_compare_command(root, chosen, as_typed(argc, argv));
  app::add_prepare_command(root, chosen);
  app::add_sample_command(root, chosen);
  app::add_predict_command(root, chosen);
  app::add_render_command(root, chosen);
  app::add_forecast_command(root, chosen);
  app::add_backtest_command(root, chosen);
  app::add_eval_command(root, chosen);
  app::add_info_command(root, chosen);
  app::add_bench_command(root, chosen);
  app::add_cell_commands(root, chosen);
  app::add_plot_command(root, chosen);
  app::add_trace_command(root, chosen);
  app::add_ledger_command(root, chosen);
  app::add_gradients_command(root, chosen);
  app::add_saliency_command(root, chosen);
  app::add_units_command(root, chosen);
  app::add_doctor_command(root, chosen);
  app::add_explain_command(root, chosen);
  app::add_lab_command(root, chosen);
  app::add_completion_command(root, chosen);
  try {
    root.parse(argc, argv);
    app::refuse_empty_numbers(*deepest(&root));
  } catch (const CLI::Success& done) {
    return finish(root.exit(done));  // --help and --version
  } catch (const CLI::ParseError& error) {
    if (argc < 2) {
      fmt::print("{}", root.help());
      return finish(2);
    }
    return wrong_usage(root, error);
  }
  return finish(chosen.run());
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error to tell, as a full disk
  try {
    return run(argc, argv);
  } catch (const cellwright::CellError& error) {
    std::fflush(stdout);
    app::tell(fmt::format("{}\n", error.what()));
  } catch (const std::bad_alloc&) {
    app::tell("cellwright: out of memory; ask for fewer --units, --steps or a smaller --batch\n");
  } catch (const std::exception& error) {
    std::fflush(stdout);
    app::tell(fmt::format("cellwright: {}\n", app::one_line(error.what())));
  }
  return 1;
}
