// command.h: how a subcommand joins the command line. Start at main.cpp.
//
// Each add_… declares a subcommand with its options and, when the user chose it, puts what is to be done into
// `chosen`. Nothing runs while options are being read, so wrong usage is told before any work starts.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace cellwright::app {

struct Command {
  std::function<int()> run;  ///< returns the exit status
};

void add_train_command(CLI::App& app, Command& chosen,
                       const std::string& command);  ///< `command`: all as typed
void add_compare_command(CLI::App& app, Command& chosen,
                         const std::string& command);  ///< as above
void add_train_audio_command(CLI::App& train, Command& chosen, const std::string& command);
void add_train_tag_command(CLI::App& train, Command& chosen, const std::string& command);
void add_train_classify_command(CLI::App& train, Command& chosen, const std::string& command);
void add_train_music_command(CLI::App& train, Command& chosen, const std::string& command);
void add_train_series_command(CLI::App& train, Command& chosen, const std::string& command);
void add_forecast_command(CLI::App& app, Command& chosen);
void add_backtest_command(CLI::App& app, Command& chosen);
void add_prepare_command(CLI::App& app, Command& chosen);
void add_render_command(CLI::App& app, Command& chosen);
void add_predict_command(CLI::App& app, Command& chosen);
void add_sample_command(CLI::App& app, Command& chosen);
void add_eval_command(CLI::App& app, Command& chosen);
void add_info_command(CLI::App& app, Command& chosen);
void add_bench_command(CLI::App& app, Command& chosen);
void add_cell_commands(CLI::App& app, Command& chosen);
void add_plot_command(CLI::App& app, Command& chosen);
void add_trace_command(CLI::App& app, Command& chosen);
void add_ledger_command(CLI::App& app, Command& chosen);
void add_gradients_command(CLI::App& app, Command& chosen);
void add_saliency_command(CLI::App& app, Command& chosen);
void add_units_command(CLI::App& app, Command& chosen);
void add_doctor_command(CLI::App& app, Command& chosen);
void add_explain_command(CLI::App& app, Command& chosen);
void add_lab_command(CLI::App& app, Command& chosen);
void add_completion_command(CLI::App& app, Command& chosen);

}  // namespace cellwright::app
