// training_options.h: the options that trainings of every task share; a task declares its own beside them.
#pragma once

#include <functional>
#include <string>

#include "command.h"
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

/// `text`: those for tokens too; `units`: what a layer has unless said otherwise, for the help.
void add_model_options(CLI::App* app, ModelRequest& request, bool text, int units = 128);
void add_training_options(CLI::App* app, RunRequest& request, const TrainingWords& words = {});
/// `groups`: what the option for parameter groups is called; series have groups of their own.
void add_update_options(CLI::App* app, TrainRequest& request,
                        const char* groups = "--group,--parameter-group");

/// What a `train …` says of itself behind the options of its data.
struct TrainTask {
  std::string name;  ///< of its presets
  TrainingWords words;
  const char* examples;  ///< under the help
  bool text = false;     ///< options for tokens too
  int units = 128;
  const char* groups = "--group,--parameter-group";
};

/// The end of every `train …`: the options that all share, the help's foot, and what is run, which holds
/// `request` and `given`: they must live as long as it.
void finish_train_command(CLI::App* app, Command& chosen, RunRequest& request, Given& given,
                          const TrainTask& task, std::function<int()> run);

}  // namespace cellwright::app
