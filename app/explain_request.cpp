// explain_request.cpp: see explain_request.h.
#include "explain_request.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "cellwright/error.h"
#include "data/text_source.h"
#include "train/prime.h"

namespace cellwright::app {
namespace {

constexpr int kMostTokens = 1 << 24;

EngineOptions checked(const EngineOptions& options) {
  if (options.threads < 0 || options.threads > 1024)
    throw SpecError(fmt::format("--threads must lie in 0 … 1024, found {}", options.threads));
  return options;
}

TracedText read(const ExplainRequest& r, const Vocabulary& vocabulary) {
  if (r.text.empty() == r.input.empty())
    throw SpecError(r.text.empty() ? "no text to read: give it by --text \"…\" or --input FILE"
                                   : "--text and --input are two texts; give one of them");
  TracedText result;
  const Unseen unseen = r.skip_unknown ? Unseen::skip : Unseen::error;
  try {
    if (!r.text.empty()) {
      result.tokens = r.skip_unknown ? vocabulary.encode(r.text, unseen) : encode_prime(vocabulary, r.text);
    } else {
      TextOptions options;
      options.bytes = vocabulary.kind() == TokenKind::bytes;
      result.tokens = vocabulary.encode(read_text(r.input, options), unseen);
    }
  } catch (const FormatError& error) {
    const std::string said = error.what();
    const std::string where = r.text.empty() ? r.input : "--text";
    if (said.rfind(where, 0) == 0) throw;
    throw FormatError(fmt::format("{}: {}", where, said));
  }
  if (result.tokens.empty())
    throw SpecError(fmt::format("{} has no token that the model knows", r.text.empty() ? r.input : "--text"));
  if (result.tokens.size() > kMostTokens)
    throw SpecError(fmt::format("{} has {} tokens; at most {} can be looked into at a time, cut it", r.input,
                                result.tokens.size(), kMostTokens));
  for (std::int32_t token : result.tokens) result.pieces.push_back(vocabulary.entry(token));
  return result;
}

}  // namespace

void add_explain_options(CLI::App* app, ExplainRequest& r, std::vector<std::string>* models) {
  if (models) {
    app->add_option("models", *models, "Trained models")->required()->type_name("FILE");
  } else {
    app->add_option("model", r.model, "A trained model")->required()->type_name("FILE");
  }
  app->add_option("--text", r.text, "The text that the model reads")->type_name("TEXT");
  app->add_option("--input", r.input, "A file with the text, UTF-8, also gzip; - is standard input")
      ->type_name("FILE");
  app->add_flag("--skip-unknown", r.skip_unknown, "Leave characters out that the model does not know");
  app->add_option("--threads", r.engine.threads, "Threads, 0 for all")->type_name("N");
  app->add_option("--simd", r.engine.simd, "SIMD target: auto, or one of --version's")->type_name("NAME");
}

Reading::Reading(const ExplainRequest& request)
    : saved(load_model(request.model)),
      engine(checked(request.engine)),
      model(saved.spec, engine),
      text(read(request, saved.vocabulary)) {
  saved.apply(model);
}

std::string line_name(const std::string& typed) {
  std::string name;
  for (char c : typed) name += c == '~' ? std::string("\xCC\x83") : std::string(1, c);
  return name;
}

std::string visible(const std::string& piece) {
  std::string out;
  for (char c : piece) {
    if (c == '\n') {
      out += "⏎";
    } else if (c == ' ') {
      out += "␣";
    } else if (c == '\t') {
      out += "⇥";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

bool has_ending(const std::string& path, const std::string& ending) {
  return path.size() > ending.size() && path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
}

void write_text(const std::string& path, const std::string& content) { write_file_atomically(path, content); }

}  // namespace cellwright::app
