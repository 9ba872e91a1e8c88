// compare_text.cpp: `cellwright compare text`: cells side by side as models of a text.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "compare_study.h"
#include "corpus.h"
#include "model_request.h"
#include "study/text_task.h"
#include "token_options.h"

namespace cellwright::app {
namespace {

struct Request : CompareRequest {
  TextRequest text;
  std::optional<int> embedding;
};

study::TextTask task_of(const Request& r, const Corpus& corpus, const TrainOptions& options) {
  ModelRequest model;  // of what is not the cells'
  model.cell = r.cells.at(0);
  model.units = {r.units};
  model.embedding = r.embedding;
  study::TextStudy text;
  text.model = make_spec(model, corpus.vocabulary);
  text.data = corpus.data();
  text.test = corpus.test_streams();
  text.test_range = corpus.test_range;
  text.model.layers.clear();
  text.layers = r.layers;
  text.options = options;
  text.updates = r.updates;
  text.engine = r.run.engine;
  text.token = token_word(corpus.vocabulary);
  if (!text.token.empty() && text.token.back() == 's') text.token.pop_back();
  text.text_hash = fmt::format("{:016x}", corpus.train->tokens().hash());
  return study::TextTask(std::move(text));
}

int compare_text(Request r) {
  check_request(r);
  if (r.text.valid.empty() && !r.text.valid_fraction) r.text.valid_fraction = 0.05;
  if (r.text.test.empty() && !r.text.test_fraction) r.text.test_fraction = 0.05;
  const TrainOptions training = with_request(default_options(r.run), r.run);
  const study::CompareOptions options = study_options(r, training);
  const Corpus corpus = read_corpus(r.text, training, nullptr);
  return run_study(r, task_of(r, corpus, training), options, candidates_of(r));
}

void add_text(CLI::App* app, Request& r) {
  TextRequest& text = r.text;
  app->add_option("books", text.books, "Text, UTF-8, also gzip; or one prepared text")
      ->required()
      ->type_name("FILE");
  app->add_option("--valid", text.valid, "A text to choose by")->type_name("FILE")->group("Text");
  app->add_option("--test", text.test, "A text to report on")->type_name("FILE")->group("Text");
  app->add_option("--valid-fraction", text.valid_fraction, "Part of the books to choose by (0.05)")
      ->type_name("X")
      ->group("Text");
  app->add_option("--test-fraction", text.test_fraction, "Part of the books to report on (0.05)")
      ->type_name("X")
      ->group("Text");
  add_token_options(app, text, "Text");
  app->add_option("--embedding", r.embedding,
                  "Width of the tokens' embedding, 0 for one-hot (64; for words as units)")
      ->type_name("N")
      ->group("Text");
}

}  // namespace

void add_compare_text(CLI::App& compare, Command& chosen, const std::string& command) {
  CLI::App* app = compare.add_subcommand("text", "Compare cells as models of a text");
  auto r = std::make_shared<Request>();
  r->command = command;
  add_text(app, *r);
  add_study_options(app, *r);
  add_study_training_options(app, *r,
                             {"Times through the text (10)", "Parallel streams of the text (50)",
                              "How far back gradients go (50)", "Largest norm of a gradient, 0 for none (5)",
                              "Stop after so many validations without improvement, 0 for never (0)"});
  app->footer(
      "Every cell is tried at the same random learning rates and then trained over several seeds with its "
      "best one.\n"
      "The test figures are compared with the first cell's by a paired t-test, corrected for many cells by "
      "Holm.\n\n"
      "Examples:\n  cellwright compare text book.txt --cells lstm,gru,rnn --units 64 --epochs 3 --plot "
      "variants.svg\n"
      "  cellwright compare text book.txt --cells lstm,my.cell --match time --seeds 10");
  app->callback([&chosen, r] { chosen.run = [r] { return compare_text(*r); }; });
}

}  // namespace cellwright::app
