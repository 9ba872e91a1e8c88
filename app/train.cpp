// train.cpp: `cellwright train`, and the options of `train text`. What that does: train_text.cpp; the options
// of all tasks: training_options.h.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "choice.h"
#include "command.h"
#include "token_options.h"
#include "train_request.h"
#include "training_options.h"

namespace cellwright::app {
namespace {

struct Options {
  TrainTextRequest request;
  Given given;
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

void add_text_running(CLI::App* app, TrainTextRequest& r) {
  app->add_option("--memory", r.memory, "Hold windows in stretches to stay below this, as 2G; the same bits")
      ->type_name("N");
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
  train->footer(
      "Examples:\n  cellwright train text book.txt --minutes 5\n  cellwright train music chorales.json "
      "--preset "
      "chung-jsb");
  CLI::App* app = train->add_subcommand("text", "Train a model of text, to sample from and to measure");
  auto o = std::make_shared<Options>();
  o->request.command = command;
  add_text(app, o->request.text);
  TrainTask task;
  task.name = "text";
  task.examples = kExamples;
  task.text = true;
  finish_train_command(app, chosen, o->request, o->given, task, [o] { return train_text(o->request); });
  add_text_running(app, o->request);
  add_train_music_command(*train, chosen, command);
  add_train_classify_command(*train, chosen, command);
  add_train_tag_command(*train, chosen, command);
  add_train_audio_command(*train, chosen, command);
  add_train_series_command(*train, chosen, command);
}

}  // namespace cellwright::app
