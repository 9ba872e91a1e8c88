// sample.cpp: `cellwright sample`: text out of a model, written as it is drawn; music: sample_music.cpp.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "cellwright/error.h"
#include "choice.h"
#include "command.h"
#include "option_tree.h"
#include "sample_music.h"
#include "train/checkpoint.h"
#include "train/prime.h"
#include "train/sample.h"
#include "train/sequence_file.h"

namespace cellwright::app {
namespace {

struct Request {
  std::string model, prime, out;
  bool length_given = false;
  double tempo = 100;
  bool skip_unknown = false;
  std::string of_text, of_music;  ///< options given that are for one of them alone
  SampleOptions options;
  EngineOptions engine;
};

/// True while someone reads.
bool put(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

int sample(Request& r) {
  told_as_options([&] { check(r.options); });
  if (task_of_file(r.model) == "music") {
    if (!r.of_text.empty())
      throw SpecError(
          fmt::format("{} is for models of text; in music each key is drawn by itself", r.of_text));
    MusicSampleRequest music;
    music.model = r.model;
    music.prime = r.prime;
    music.out = r.out;
    if (r.length_given) music.length = r.options.length;
    music.temperature = r.options.temperature;
    music.seed = r.options.seed;
    music.quarters_per_minute = r.tempo;
    music.engine = r.engine;
    return sample_music(music);
  }
  if (!r.out.empty()) throw SpecError("--out is for models of music; text goes to standard output");
  if (!r.of_music.empty()) throw SpecError(fmt::format("{} is for models of music", r.of_music));
  const SavedModel saved = load_model(r.model);
  const Vocabulary& vocabulary = saved.vocabulary;
  std::vector<std::int32_t> prime;
  if (r.skip_unknown && !r.prime.empty()) {
    prime = encode_prime(vocabulary, vocabulary.decode(vocabulary.encode(r.prime, Unseen::skip)));
  } else {
    try {
      prime = encode_prime(vocabulary, r.prime);
    } catch (const FormatError& error) {
      throw FormatError(fmt::format("--prime: {}", error.what()));
    }
  }
  Engine engine(r.engine);
  Model<float> model(saved.spec, engine);
  saved.apply(model);
  r.options.never = vocabulary.unknown().value_or(-1);
  Sampler sampler(model);
  Decoder decoder(vocabulary);
  sampler.read(prime);
  std::string start;
  for (const std::int32_t token : prime) start += decoder.next(token);
  if (r.prime.empty()) start.clear();  // the line's end before the first line
  bool open = put(start);
  std::string last = start;
  sampler.draw(r.options, [&](std::int32_t token) {
    std::string piece = decoder.next(token);
    open = open && put(piece);
    if (!piece.empty()) last = std::move(piece);
    return open;
  });
  if (open && (last.empty() || last.back() != '\n')) put("\n");
  return 0;
}

}  // namespace

void add_sample_command(CLI::App& root, Command& chosen) {
  CLI::App* app = root.add_subcommand("sample", "Let a model write");
  auto r = std::make_shared<Request>();
  app->add_option("model", r->model, "A trained model")->required()->type_name("FILE");
  app->add_option("--prime", r->prime, "Text to start from; music: a MIDI file")->type_name("TEXT");
  app->add_option("--out", r->out, "Music: the MIDI file to write")->type_name("FILE");
  app->add_option("--tempo", r->tempo, "Music: quarter notes a minute")
      ->type_name("X")
      ->capture_default_str();
  app->add_option("--length", r->options.length, "Tokens to draw; frames of music (64)")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--temperature", r->options.temperature,
                  "Below 1 safer, above 1 wilder, 0 always the likeliest")
      ->type_name("X")
      ->capture_default_str();
  app->add_option("--top-k", r->options.top_k, "Only the k likeliest tokens, 0 for all")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--top-p", r->options.top_p, "Only the likeliest tokens that together reach p")
      ->type_name("X")
      ->capture_default_str();
  whole_number(app->add_option("--seed", r->options.seed, "Another one, another text"))
      ->type_name("N")
      ->capture_default_str();
  app->add_flag("--skip-unknown", r->skip_unknown,
                "Leave characters of --prime out that the model does not know");
  app->add_option("--simd", r->engine.simd, "SIMD target: auto, or one of --version's")->type_name("NAME");
  app->footer(
      "Examples:\n  cellwright sample book.safetensors --prime \"It was\" --length 400 --temperature 0.7\n"
      "  cellwright sample book.safetensors --top-p 0.9 --seed 7\n"
      "  cellwright sample jsb.safetensors --length 64 --out new.mid");
  r->engine.threads = 1;  // one lane
  app->callback([&chosen, app, r] {
    chosen.run = [app, r] {
      r->length_given = app->count("--length") > 0;
      for (const char* option : {"--top-k", "--top-p", "--skip-unknown"}) {
        if (app->count(option) > 0) r->of_text = option;
      }
      if (app->count("--tempo") > 0) r->of_music = "--tempo";
      return sample(*r);
    };
  });
}

}  // namespace cellwright::app
