// training_options.h: the options that trainings of every task share; a task declares its own beside them.
#pragma once

#include <string>

#include "train_request.h"

namespace CLI {
class App;
}

namespace cellwright::app {

/// Where tasks differ in how they say it; the defaults are text's. An empty one: no such option.
struct TrainingWords {
  std::string epochs = "Times through the text (10)";
  std::string batch = "Parallel streams of the text (50)";
  std::string steps = "How far back gradients go (50)";
  std::string stride = "Tokens between updates, a divisor of steps (as steps)";
  std::string rate =
      "Learning rate (adam, adamw, nadam 0.005, rmsprop 0.002, adagrad 0.05, nesterov 0.1, others 1)";
  std::string clip = "Largest norm of a gradient, 0 for none (5)";
  std::string patience = " (0)";
};

/// Where options come from besides the command line.
struct Given {
  std::string preset, config;
};

void add_model_options(CLI::App* app, ModelRequest& request, bool text);  ///< text: those for tokens too
void add_training_options(CLI::App* app, RunRequest& request, const TrainingWords& words = {});
/// `groups`: what the option for parameter groups is called; series have groups of their own.
void add_update_options(CLI::App* app, TrainRequest& request, const char* groups = "--group");
void add_running_options(CLI::App* app, RunRequest& request, Given& given, const std::string& task);

/// When the command runs: what a file and a preset give where nothing was typed.
void take_given(CLI::App& app, const Given& given, RunRequest& request);

}  // namespace cellwright::app
