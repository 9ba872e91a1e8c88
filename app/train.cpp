// train.cpp: `cellwright train text`: its options. What it does: train_text.cpp.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "choice.h"
#include "command.h"
#include "given_options.h"
#include "presets.h"
#include "token_options.h"
#include "train_request.h"

namespace cellwright::app {
namespace {

struct Options {
  TrainTextRequest request;
  std::string preset, config;
};

void add_text(CLI::App* app, TextRequest& r) {
  app->add_option("books", r.books,
                  "Text to train on, UTF-8, also gzip; - is standard input; or one prepared text")
      ->required()
      ->type_name("FILE");
  app->add_option("--valid", r.valid, "A text to validate on")->type_name("FILE")->group("Text");
  app->add_option("--test", r.test, "A text to test on at the end")->type_name("FILE")->group("Text");
  app->add_option("--valid-fraction", r.valid_fraction,
                  "Part of the books to validate on (0.05 without --valid)")
      ->type_name("X")
      ->group("Text");
  app->add_option("--test-fraction", r.test_fraction, "Part of the books to test on (0)")
      ->type_name("X")
      ->group("Text");
  choice(app->add_option("--split", r.split, "Which part: the end of the text, or of each stream"),
         {"contiguous", "char-rnn"})
      ->capture_default_str()
      ->group("Text");
  add_token_options(app, r, "Text");
}

void add_model(CLI::App* app, ModelRequest& r) {
  app->add_option("--cell", r.cell,
                  "A shipped cell or a file of equations; for all layers, or one a layer, as a,b (lstm)")
      ->type_name("NAME|FILE")
      ->group("Model");
  app->add_option("--units", r.units, "Units: of every layer, or one number a layer (128)")
      ->type_name("N,N")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->group("Model");
  app->add_option("--layers", r.layers, "Layers (1, or as many as --cell or --units names)")
      ->type_name("N")
      ->group("Model");
  app->add_option("--embedding", r.embedding,
                  "Width of the tokens' embedding, 0 for one-hot (64; as many as units for words)")
      ->type_name("N")
      ->group("Model");
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
  app->add_option("--adaptive-softmax", r.adaptive_softmax,
                  "Cheap rare words: cutoffs between clusters of words by frequency, as 2000,10000")
      ->type_name("N,N")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->group("Model");
  app->add_option("--init-uniform", r.init_uniform,
                  "Start everything from U(-x, x) instead of the cell's own")
      ->type_name("X")
      ->group("Model");
  add_dropout_options(app, r.dropout);
  add_noise_options(app, r.noise);
}

void add_training(CLI::App* app, TrainTextRequest& request) {
  TrainRequest& r = request.train;
  const auto number = [&](const std::string& name, auto& field, const std::string& text, const char* type) {
    app->add_option(name, field, text)->type_name(type)->group("Training");
  };
  number("--epochs", r.epochs, "Times through the text (10)", "N");
  number("--minutes", request.minutes, "Stop after so long; without --epochs this alone ends it", "X");
  number("--batch", r.batch, "Parallel streams of the text (50)", "N");
  number("--steps", r.steps, "How far back gradients go (50)", "N");
  number("--stride", r.stride, "Tokens between updates, a divisor of steps (as steps)", "N");
  number("--lr", r.learning_rate,
         "Learning rate (adam, adamw, nadam 0.005, rmsprop 0.002, adagrad 0.05, nesterov 0.1, others 1)",
         "X");
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
  number("--clip", r.clip_norm, "Largest norm of a gradient, 0 for none (5)", "X");
  number("--clip-value", r.clip_value, "Largest entry of a gradient, 0 for none (0)", "X");
  number("--patience", r.patience, "Stop after so many validations without improvement, 0 for never (0)",
         "N");
  number("--evaluate-every", r.evaluate_every, "Updates between validations (an epoch)", "N");
  number("--save-every", r.save_every, "Updates between checkpoints (an epoch)", "N");
  number("--seed", r.seed, "Of everything random (1)", "N");
  whole_number(app->get_option("--seed"));
}

// What else happens between gradients and parameters.
void add_update(CLI::App* app, TrainRequest& r) {
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
  app->add_option("--group", r.groups,
                  "Tensors of such names train otherwise: lr=FACTOR, weight-decay=X, frozen; the first match "
                  "wins")
      ->type_name("PATTERN:WHAT")
      ->allow_extra_args(false)
      ->group("Update");
  number("--gradient-noise", r.gradient_noise,
         "Variance of Gaussian noise on the first gradient, less later (0)", "X");
  number("--max-norm", r.max_norm, "Largest norm of a unit's incoming weights, 0 for none (0)", "X");
}

void add_running(CLI::App* app, Options& o) {
  TrainTextRequest& r = o.request;
  app->add_option("--out", r.out, "The model file (the book's name, .safetensors)")->type_name("FILE");
  app->add_flag("--resume", r.resume, "Go on with the training in --out; the same bits as without a break");
  app->add_flag("--force", r.force, "Replace --out if it exists");
  app->add_flag("--keep-state", r.keep_state,
                "Let the finished file be resumed too; makes it about four times as large");
  std::vector<std::string> names;
  for (const Preset& p : presets()) names.push_back(p.name);
  choice(app->add_option("--preset", o.preset, "Options of a published training; given ones win"), names);
  app->add_option("--config", o.config, "Options from a file of lines 'name = value'; typed ones win")
      ->type_name("FILE");
  app->add_option("--threads", r.engine.threads, "0 for all this process may use")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--memory", r.memory, "Hold windows in stretches to stay below this, as 2G; the same bits")
      ->type_name("N");
  app->add_option("--simd", r.engine.simd, "SIMD target: auto, or one of --version's")->type_name("NAME");
  app->add_flag("--accurate", r.engine.accurate, "Activations to the last bits, slower");
  app->add_flag("--scan", r.engine.scan,
                "Carry affine states (min_gru, rg_lru …) over all steps at once, in chunks; other last bits");
  app->add_option("--log", r.log, "Write what happens as JSON lines")->type_name("FILE");
  app->add_option("--log-gradients", r.log_gradients,
                  "With --log: every N updates, how far back the loss is felt, by lag")
      ->type_name("N");
}

constexpr const char* kExamples =
    R"(Ctrl-C finishes the update, saves and tells how to go on; a second one quits at once.

Examples:
  cellwright train text book.txt --minutes 5
  cellwright train text book.txt --out book.safetensors --units 256,128 --epochs 20 --patience 3
  cellwright train text book.txt --out mine.safetensors --cell my.cell
  cellwright train text book.txt --cell grid_edge,grid_lstm,grid_lstm
  cellwright train text input.txt --out shakespeare.safetensors --preset char-rnn
  cellwright train text ptb.train.txt --valid ptb.valid.txt --test ptb.test.txt --preset zaremba-small --out ptb.safetensors
  cellwright train text book.txt --out mine.safetensors --weight-decay 1e-4 --group 'layers.*.b*:weight-decay=0'
  cellwright train text book.txt --out book.safetensors --resume --epochs 40
  cellwright prepare text huge.txt --out huge.tokens --subwords 8000; cellwright train text huge.tokens --out huge.safetensors)";

}  // namespace

void add_train_command(CLI::App& root, Command& chosen, const std::string& command) {
  CLI::App* train = root.add_subcommand("train", "Train a model");
  train->require_subcommand(1);
  train->footer("Examples:\n  cellwright train text book.txt --minutes 5");
  CLI::App* app = train->add_subcommand("text", "Train a model of text, to sample from and to measure");
  auto o = std::make_shared<Options>();
  o->request.command = command;
  add_text(app, o->request.text);
  add_running(app, *o);
  add_model(app, o->request.model);
  add_training(app, o->request);
  add_update(app, o->request.train);
  app->footer(kExamples);
  app->callback([&chosen, app, o] {
    chosen.run = [app, o] {
      if (!o->config.empty()) give_options_of_file(*app, o->config);
      for (const Preset& p : presets()) {
        if (p.name == o->preset) give_options(*app, p.options, "preset " + p.name);
      }
      o->request.simd_given = app->count("--simd") > 0;
      return train_text(o->request);
    };
  });
}

}  // namespace cellwright::app
