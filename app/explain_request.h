// explain_request.h: what every command that looks inside a model asks for: the model and a text for it to
// read.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "explain/trace_file.h"
#include "nn/model.h"
#include "train/checkpoint.h"

namespace CLI {
class App;
}

namespace cellwright::app {

struct ExplainRequest {
  std::string model, text, input, out;
  bool skip_unknown = false;
  EngineOptions engine;
};

/// `models`: several are taken, into it instead of request.model.
void add_explain_options(CLI::App* app, ExplainRequest& request, std::vector<std::string>* models = nullptr);

/// A model that has been loaded, and the tokens of the text. Not to be moved: the model refers to the engine.
struct Reading {
  SavedModel saved;
  Engine engine;
  Model<float> model;
  TracedText text;

  explicit Reading(const ExplainRequest& request);
  int size() const { return static_cast<int>(text.tokens.size()); }
};

/// As typed, or as the cell has it: "C~" is "C̃".
std::string line_name(const std::string& typed);

/// A token as one can see it in a table: blanks and line ends as signs.
std::string visible(const std::string& piece);

/// `path` ends in `ending` (".json").
bool has_ending(const std::string& path, const std::string& ending);

void write_text(const std::string& path, const std::string& content);  ///< atomically

}  // namespace cellwright::app
