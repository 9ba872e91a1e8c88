// eval.cpp: `cellwright eval`: how well a model predicts a text.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>

#include "cellwright/error.h"
#include "command.h"
#include "data/text_source.h"
#include "kernels/kernels.h"
#include "numbers.h"
#include "table.h"
#include "train/checkpoint.h"
#include "train/evaluate.h"

namespace cellwright::app {
namespace {

struct Request {
  std::string model;
  std::vector<std::string> texts;
  bool skip_unknown = false;
  int batch = 1;
  EngineOptions engine;
};

int evaluate_text(const Request& r) {
  if (r.batch < 1) throw SpecError(fmt::format("--batch must be 1 or more, found {}", r.batch));
  if (r.engine.threads < 0 || r.engine.threads > 1024)
    throw SpecError(fmt::format("--threads must lie in 0 … 1024, found {}", r.engine.threads));
  const SavedModel saved = load_model(r.model);
  TextOptions reading;
  reading.bytes = saved.vocabulary.kind() == TokenKind::bytes;
  const std::string text = read_text(r.texts, reading);
  std::int64_t skipped = 0;
  std::vector<std::int32_t> tokens;
  const std::string name = r.texts.size() == 1 ? r.texts[0] : "the texts";
  try {
    tokens = saved.vocabulary.encode(text, r.skip_unknown ? Unseen::skip : Unseen::error, &skipped);
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("{}: {}", name, error.what()));
  }
  if (tokens.size() < 2)
    throw SpecError(
        fmt::format("{} has {} token{} the model knows; at least 2 are needed, one to see and one to predict",
                    name, tokens.size(), tokens.size() == 1 ? "" : "s"));
  Engine engine(r.engine);
  Model<float> model(saved.spec, engine);
  saved.apply(model);
  const auto unknown =
      saved.vocabulary.unknown() ? std::count(tokens.begin(), tokens.end(), *saved.vocabulary.unknown()) : 0;
  const auto lanes =
      static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(r.batch), tokens.size() - 1));
  const Streams streams = Streams::covering(std::move(tokens), lanes, 100);
  const Evaluation e = evaluate(model, streams, streams.all());
  const double nats = e.per_token(), bits = nats / std::log(2.0);
  Table table("ll");
  table.row({"tokens", fmt::format("{} {} predicted", grouped(e.tokens), saved.vocabulary.kind_name())});
  table.row({"nats", fmt::format("{:.6f} a token", nats)});
  table.row({"bits", fmt::format("{:.6f} a token, {:.6f} a byte of text", bits,
                                 bits * static_cast<double>(e.tokens) / static_cast<double>(text.size()))});
  table.row({"perplexity", fmt::format("{:.6g}", std::exp(nats))});
  if (skipped > 0)
    table.row({"left out", fmt::format("{} characters that the model does not know", grouped(skipped))});
  if (unknown > 0) table.row({"unknown", fmt::format("{} of the tokens are <unk>", grouped(unknown))});
  fmt::print("{}", table.text());
  return 0;
}

}  // namespace

void add_eval_command(CLI::App& root, Command& chosen) {
  CLI::App* app = root.add_subcommand("eval", "Measure how well a model predicts a text");
  auto r = std::make_shared<Request>();
  app->add_option("model", r->model, "A trained model")->required()->type_name("FILE");
  app->add_option("texts", r->texts, "Text, UTF-8, also gzip; - is standard input")
      ->required()
      ->type_name("FILE");
  app->add_option("--batch", r->batch,
                  "Cut the text into so many streams: quicker, but each starts without context")
      ->type_name("N")
      ->capture_default_str();
  app->add_flag("--skip-unknown", r->skip_unknown, "Leave characters out that the model does not know");
  app->add_option("--threads", r->engine.threads, "0 for all this process may use")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--simd", r->engine.simd, "SIMD target: auto, or one of --version's")->type_name("NAME");
  app->add_flag("--accurate", r->engine.accurate, "Activations to the last bits, slower");
  app->footer(
      "Examples:\n  cellwright eval book.safetensors other.txt\n  cellwright eval book.safetensors other.txt "
      "--skip-unknown --batch 32");
  app->callback([&chosen, r] { chosen.run = [r] { return evaluate_text(*r); }; });
}

}  // namespace cellwright::app
