// training_options.cpp: see training_options.h.
#include "training_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "choice.h"
#include "given_options.h"
#include "presets.h"

namespace cellwright::app {

void add_model_options(CLI::App* app, ModelRequest& r, bool text, int units) {
  app->add_option("--cell", r.cell,
                  "A shipped cell or a file of equations; for all layers, or one a layer, as a,b (lstm)")
      ->type_name("NAME|FILE")
      ->group("Model");
  app->add_option("--units", r.units, fmt::format("Units: of every layer, or one number a layer ({})", units))
      ->type_name("N,N")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->group("Model");
  app->add_option("--layers", r.layers, "Layers (1, or as many as --cell or --units names)")
      ->type_name("N")
      ->group("Model");
  if (text) {
    app->add_option("--embedding", r.embedding,
                    "Width of the tokens' embedding, 0 for one-hot (64; as many as units for words)")
        ->type_name("N")
        ->group("Model");
  }
  app->add_option("--size", r.sizes, "A size that the cell names, as z=3")
      ->type_name("NAME=N")
      ->allow_extra_args(false)
      ->group("Model");
  app->add_option("--option", r.options, "An option of the cell, as heads=4")
      ->type_name("NAME=X")
      ->allow_extra_args(false)
      ->group("Model");
  app->add_flag("--residual", r.residual, "Layers above the first add what they read to what they give")
      ->group("Model");
  app->add_flag("--skip", r.skip, "Layers above the first read the input too, and the head reads every layer")
      ->group("Model");
  if (text) {
    app->add_option("--adaptive-softmax", r.adaptive_softmax,
                    "Cheap rare words: cutoffs between clusters of words by frequency, as 2000,10000")
        ->type_name("N,N")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->group("Model");
  }
  app->add_option("--init-uniform", r.init_uniform,
                  "Start everything from U(-x, x) instead of the cell's own")
      ->type_name("X")
      ->group("Model");
  add_dropout_options(app, r.dropout);
  add_noise_options(app, r.noise, text);
}

void add_training_options(CLI::App* app, RunRequest& request, const TrainingWords& words) {
  TrainRequest& r = request.train;
  const auto number = [&](const std::string& name, auto& field, const std::string& text, const char* type) {
    app->add_option(name, field, text)->type_name(type)->group("Training");
  };
  number("--epochs", r.epochs, words.epochs, "N");
  number("--minutes", request.minutes, "Stop after so long; without --epochs this alone ends it", "X");
  number("--batch", r.batch, words.batch, "N");
  if (!words.steps.empty()) number("--steps", r.steps, words.steps, "N");
  if (!words.stride.empty()) number("--stride", r.stride, words.stride, "N");
  number("--lr", r.learning_rate, words.rate, "X");
  choice(app->add_option("--optimizer", r.optimizer, "Rule of an update (adam)"), optimizer_kinds())
      ->group("Training");
  number("--momentum", r.momentum, "Of sgd and rmsprop (0), of nesterov (0.9)", "X");
  number("--alpha", r.alpha, "Of rmsprop (0.95), adadelta's rho (0.9)", "X");
  number("--beta1", r.beta1, "Of adam, adamw and nadam (0.9)", "X");
  number("--beta2", r.beta2, "Of adam, adamw and nadam (0.999)", "X");
  number("--epsilon", r.epsilon, "Of rules that divide (1e-8; adagrad 1e-10, adadelta 1e-6)", "X");
  number("--weight-decay", r.weight_decay, "Part of all parameters, biases too, lost, times the rate (0)",
         "X");
  choice(app->add_option("--schedule", r.schedule, "Of the learning rate (constant)"), schedule_kinds())
      ->group("Training");
  number("--decay", r.decay,
         "Factor: times with exponential (0.97), step and plateau (0.5), divided by with zaremba (2)", "X");
  number("--decay-after", r.decay_after, "Epochs before it begins (10; zaremba 4)", "X");
  number("--floor", r.floor,
         "Part of the rate left at the end of cosine (0) and one-cycle (4e-6), or least of plateau (0)", "X");
  number("--warmup", r.warmup, "Updates of linear warm-up (0)", "N");
  number("--clip", r.clip_norm, words.clip, "X");
  number("--clip-value", r.clip_value, "Largest entry of a gradient, 0 for none (0)", "X");
  number("--patience", r.patience,
         "Stop after so many validations without improvement, 0 for never" + words.patience, "N");
  number("--evaluate-every", r.evaluate_every, "Updates between validations (an epoch)", "N");
  number("--save-every", r.save_every, "Updates between checkpoints (an epoch)", "N");
  number("--seed", r.seed, "Of everything random (1)", "N");
  whole_number(app->get_option("--seed"));
}

void add_update_options(CLI::App* app, TrainRequest& r, const char* groups) {
  const auto number = [&](const std::string& name, auto& field, const std::string& text, const char* type) {
    app->add_option(name, field, text)->type_name(type)->group("Update");
  };
  number("--momentum-decay", r.momentum_decay, "Of nadam (0.004)", "X");
  number("--t0", r.t0, "Updates before the average of asgd begins (0)", "N");
  number("--nonmonotone", r.nonmonotone,
         "Validations without a new best before the average of nt-asgd begins (5)", "N");
  number("--ema", r.ema, "Validate and save a running average that keeps so much at each update (0, none)",
         "X");
  number("--decay-every", r.decay_every, "Epochs between the falls of schedule step (1)", "N");
  number("--decay-wait", r.decay_wait, "Validations without a new best before schedule plateau falls (2)",
         "N");
  number("--rise", r.rise, "Part of all updates in which one-cycle rises to --lr (0.3)", "X");
  number("--rise-from", r.rise_from, "Part of --lr at which one-cycle begins (0.04)", "X");
  app->add_option(groups, r.groups,
                  "Tensors of such names train otherwise: lr=FACTOR, weight-decay=X, frozen; the first match "
                  "wins")
      ->type_name("PATTERN:WHAT")
      ->allow_extra_args(false)
      ->group("Update");
  number("--gradient-noise", r.gradient_noise,
         "Variance of Gaussian noise on the first gradient, less later (0)", "X");
  number("--max-norm", r.max_norm, "Largest norm of a unit's incoming weights, 0 for none (0)", "X");
}

namespace {

void add_running_options(CLI::App* app, RunRequest& r, Given& given, const std::string& task) {
  app->add_option("--out", r.out, "The model file (the data's name, .safetensors)")->type_name("FILE");
  app->add_flag("--resume", r.resume, "Go on with the training in --out; the same bits as without a break");
  app->add_flag("--force", r.force, "Replace --out if it exists");
  app->add_flag("--keep-state", r.keep_state,
                "Let the finished file be resumed too; makes it about four times as large");
  std::vector<std::string> names;
  for (const Preset& p : presets()) {
    if (p.task == task) names.push_back(p.name);
  }
  if (!names.empty())
    choice(app->add_option("--preset", given.preset, "Options of a published training; given ones win"),
           names);
  app->add_option("--config", given.config, "Options from a file of lines 'name = value'; typed ones win")
      ->type_name("FILE");
  app->add_option("--threads", r.engine.threads, "0 for all this process may use")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--simd", r.engine.simd, "SIMD target: auto, or one of --version's")->type_name("NAME");
  app->add_flag("--accurate", r.engine.accurate, "Activations to the last bits, slower");
  app->add_flag("--scan", r.engine.scan,
                "Carry affine states (min_gru, rg_lru …) over all steps at once, in chunks; other last bits");
  app->add_option("--log", r.log, "Write what happens as JSON lines")->type_name("FILE");
}

/// When the command runs: what a file and a preset give where nothing was typed.
void take_given(CLI::App& app, const Given& given, RunRequest& request) {
  if (!given.config.empty()) give_options_of_file(app, given.config);
  for (const Preset& p : presets()) {
    if (p.name == given.preset) give_options(app, p.options, "preset " + p.name);
  }
  request.simd_given = app.count("--simd") > 0;
}

}  // namespace

void finish_train_command(CLI::App* app, Command& chosen, RunRequest& request, Given& given,
                          const TrainTask& task, std::function<int()> run) {
  add_running_options(app, request, given, task.name);
  add_model_options(app, request.model, task.text, task.units);
  add_training_options(app, request, task.words);
  add_update_options(app, request.train, task.groups);
  app->footer(task.examples);
  app->callback([&chosen, app, &request, &given, run = std::move(run)] {
    chosen.run = [app, &request, &given, run] {
      take_given(*app, given, request);
      return run();
    };
  });
}

}  // namespace cellwright::app
