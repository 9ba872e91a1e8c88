// eval.cpp: `cellwright eval`: how well a model predicts a text.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <optional>

#include "cellwright/error.h"
#include "command.h"
#include "data/text_source.h"
#include "numbers.h"
#include "option_tree.h"
#include "table.h"
#include "train/adapt.h"
#include "train/checkpoint.h"
#include "train/prepared_text.h"

namespace cellwright::app {
namespace {

struct Request {
  std::string model;
  std::vector<std::string> texts;
  bool skip_unknown = false;
  int batch = 1;
  std::optional<double> rate;
  double decay = 0;
  std::optional<int> segment;
  std::string statistics;
  int cache = 0;
  double theta = 0.3, lambda = 0.1;
  EngineOptions engine;
};

/// What is measured, with the sizes of its text for figures a byte and a character.
struct Measured {
  TokenView tokens;
  std::int64_t bytes = 0, characters = 0, skipped = 0;
  std::string name;
};

Measured read(const std::vector<std::string>& texts, const SavedModel& saved, const std::string& model,
              bool skip_unknown) {
  Measured m;
  m.name = texts.size() == 1 ? texts[0] : "the texts";
  if (texts.size() == 1 && is_prepared_text(texts[0])) {
    PreparedText prepared = open_prepared_text(texts[0]);
    if (!(prepared.vocabulary == saved.vocabulary)) {
      throw SpecError(fmt::format("{}: prepared with other {} than the model's {}; prepare it with --like {}",
                                  texts[0], prepared.vocabulary.kind_name(), saved.vocabulary.kind_name(),
                                  model));
    }
    m.tokens = std::move(prepared.tokens);
    m.bytes = prepared.bytes;
    m.characters = prepared.characters;
  } else {
    TextOptions reading;
    reading.bytes = saved.vocabulary.kind() == TokenKind::bytes;
    const std::string text = read_text(texts, reading);
    try {
      m.tokens = saved.vocabulary.encode(text, skip_unknown ? Unseen::skip : Unseen::error, &m.skipped);
    } catch (const FormatError& error) {
      throw FormatError(fmt::format("{}: {}", m.name, error.what()));
    }
    m.bytes = static_cast<std::int64_t>(text.size());
    m.characters = std::count_if(text.begin(), text.end(),
                                 [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  }
  if (m.tokens.size() < 2)
    throw SpecError(
        fmt::format("{} has {} token{} the model knows; at least 2 are needed, one to see and one to predict",
                    m.name, m.tokens.size(), m.tokens.size() == 1 ? "" : "s"));
  return m;
}

int lanes_for(const TokenView& tokens, int batch) {
  return static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(batch), tokens.size() - 1));
}

struct Result {
  std::string name;
  double nats;  ///< a token
};

/// The model as it stands, with the cache, moving, and both: what was asked for.
std::vector<Result> measure(const Request& r, const SavedModel& saved, const Measured& m,
                            std::int64_t* predicted) {
  Engine engine(r.engine);
  CacheOptions cache;
  cache.size = r.cache;
  cache.theta = r.theta;
  cache.lambda = r.lambda;
  AdaptOptions options;
  if (r.cache != 0) {
    told_as_options([&] { check(cache); });
    options.cache = &cache;
  }
  DynamicOptions dynamic;
  if (r.rate) {
    dynamic.rate = *r.rate;
    dynamic.decay = r.decay;
    dynamic.steps = r.segment.value_or(dynamic.steps);
    told_as_options([&] { check(dynamic); });
  }
  Model<float> model(r.rate ? for_dynamic(saved.spec) : saved.spec, engine);
  model.require_scan(r.rate.has_value());
  saved.apply(model);
  const int lanes = lanes_for(m.tokens, r.batch);
  const std::string cached = fmt::format("with a cache of {}", grouped(r.cache));
  std::vector<Result> results;
  {
    const Streams streams = Streams::covering(m.tokens, lanes, 100);
    const AdaptedEvaluation e = evaluate_adapting(model, streams, streams.all(), options);
    *predicted = e.model.tokens;
    results.push_back({"the model", e.model.per_token()});
    if (options.cache) results.push_back({cached, e.cache_per_token()});
  }
  if (!r.rate) return results;
  GradientStatistics statistics;
  if (!r.statistics.empty()) {
    Measured text = read({r.statistics}, saved, r.model, true);
    // 100 streams, as the paper's program has: the root is of a mean of squares of means over so many
    // segments.
    const auto most = (text.tokens.size() - 1) / static_cast<std::size_t>(dynamic.steps);
    if (most < 1)
      throw SpecError(fmt::format("{}: {} tokens are too few for statistics of segments of {}", r.statistics,
                                  text.tokens.size(), dynamic.steps));
    const Streams streams(std::move(text.tokens), static_cast<int>(std::min<std::size_t>(most, 100)),
                          dynamic.steps);
    statistics = gradient_statistics(model, streams);
    options.statistics = &statistics;
  }
  options.dynamic = &dynamic;
  const Streams streams = Streams::covering(m.tokens, lanes, dynamic.steps);
  const AdaptedEvaluation e = evaluate_adapting(model, streams, streams.all(), options);
  results.push_back({"dynamic", e.model.per_token()});
  if (options.cache) results.push_back({"dynamic, " + cached, e.cache_per_token()});
  return results;
}

int evaluate_text(const Request& r) {
  if (r.batch < 1) throw SpecError(fmt::format("--batch must be 1 or more, found {}", r.batch));
  if (r.engine.threads < 0 || r.engine.threads > 1024)
    throw SpecError(fmt::format("--threads must lie in 0 … 1024, found {}", r.engine.threads));
  if (!r.rate && (r.decay != 0 || r.segment || !r.statistics.empty()))
    throw SpecError(
        "--dynamic-decay, --dynamic-steps and --dynamic-stats say how; give --dynamic with its rate too");
  const SavedModel saved = load_model(r.model);
  const Measured m = read(r.texts, saved, r.model, r.skip_unknown);
  std::int64_t predicted = 0;
  const std::vector<Result> results = measure(r, saved, m, &predicted);
  const auto a_byte = static_cast<double>(predicted) / static_cast<double>(m.bytes);
  const auto a_character = static_cast<double>(predicted) / static_cast<double>(m.characters);
  const bool per_character =
      saved.vocabulary.kind() == TokenKind::words || saved.vocabulary.kind() == TokenKind::subwords;
  const double ln2 = std::log(2.0);
  const double nats = results[0].nats;
  Table table("ll");
  table.row({"tokens", fmt::format("{} {} predicted", grouped(predicted), saved.vocabulary.kind_name())});
  table.row(
      {"nats", fmt::format("{:.6f} a token", nats) +
                   (per_character ? fmt::format(", {:.6f} a character of text", nats * a_character) : "")});
  table.row(
      {"bits", fmt::format("{:.6f} a token, {}{:.6f} a byte of text", nats / ln2,
                           per_character ? fmt::format("{:.6f} a character, ", nats / ln2 * a_character) : "",
                           nats / ln2 * a_byte)});
  table.row({"perplexity", fmt::format("{:.6g}", std::exp(nats))});
  if (m.skipped > 0)
    table.row({"left out", fmt::format("{} characters that the model does not know", grouped(m.skipped))});
  const std::int64_t unknown = saved.vocabulary.unknown() && saved.vocabulary.kind() != TokenKind::subwords
                                   ? m.tokens.count_of(*saved.vocabulary.unknown())
                                   : 0;
  if (unknown > 0) table.row({"unknown", fmt::format("{} of the tokens are <unk>", grouped(unknown))});
  fmt::print("{}", table.text());
  if (results.size() == 1) return 0;
  Table beside(per_character ? "lrrrr" : "lrrr");
  std::vector<std::string> head = {"", "nats", "bits", "perplexity"};
  if (per_character) head.push_back("bits a character");
  beside.row(head);
  for (const Result& result : results) {
    std::vector<std::string> row = {result.name, fmt::format("{:.6f}", result.nats),
                                    fmt::format("{:.6f}", result.nats / ln2),
                                    fmt::format("{:.6g}", std::exp(result.nats))};
    if (per_character) row.push_back(fmt::format("{:.6f}", result.nats / ln2 * a_character));
    beside.row(row);
  }
  fmt::print("\n{}", beside.text());
  return 0;
}

}  // namespace

void add_eval_command(CLI::App& root, Command& chosen) {
  CLI::App* app = root.add_subcommand("eval", "Measure how well a model predicts a text");
  auto r = std::make_shared<Request>();
  app->add_option("model", r->model, "A trained model")->required()->type_name("FILE");
  app->add_option("texts", r->texts, "Text, UTF-8, also gzip; - is standard input; or one prepared text")
      ->required()
      ->type_name("FILE");
  app->add_option("--batch", r->batch,
                  "Cut the text into so many streams: quicker, but each starts without context")
      ->type_name("N")
      ->capture_default_str();
  const auto number = [&](const std::string& name, auto& field, const std::string& text, const char* type) {
    return app->add_option(name, field, text)->type_name(type)->group("Help from what was read so far");
  };
  number("--dynamic", r->rate, "Learn on after each segment, at this rate (Krause 2018)", "X");
  number("--dynamic-decay", r->decay, "Part of the way back to the trained weights a segment", "X")
      ->capture_default_str();
  number("--dynamic-steps", r->segment, "Tokens of a segment (5)", "N");
  number("--dynamic-stats", r->statistics,
         "The training text: divide gradients by their root mean square on it (rates near 0.00005 then)",
         "FILE");
  number("--cache", r->cache, "Remember so many tokens with their states (Grave 2017)", "N");
  number("--cache-theta", r->theta, "How much the likeness of states counts", "X")->capture_default_str();
  number("--cache-lambda", r->lambda, "The cache's share of the probability", "X")->capture_default_str();
  app->add_flag("--skip-unknown", r->skip_unknown, "Leave characters out that the model does not know");
  app->add_option("--threads", r->engine.threads, "0 for all this process may use")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--simd", r->engine.simd, "SIMD target: auto, or one of --version's")->type_name("NAME");
  app->add_flag("--accurate", r->engine.accurate, "Activations to the last bits, slower");
  app->add_flag("--scan", r->engine.scan,
                "Carry affine states (min_gru, rg_lru …) over all steps at once, in chunks; other last bits");
  app->footer(
      "Examples:\n  cellwright eval book.safetensors other.txt\n  cellwright eval book.safetensors other.txt "
      "--skip-unknown --batch 32\n  cellwright eval ptb.safetensors ptb.test.txt --cache 2000 --cache-lambda "
      "0.1\n"
      "  cellwright eval ptb.safetensors ptb.test.txt --dynamic 0.00005 --dynamic-decay 0.002 "
      "--dynamic-stats "
      "ptb.train.txt");
  app->callback([&chosen, r] { chosen.run = [r] { return evaluate_text(*r); }; });
}

}  // namespace cellwright::app
