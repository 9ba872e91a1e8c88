#include "model_request.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>

#include "cell_request.h"
#include "cellwright/error.h"
#include "language/parse.h"
#include "language/signature.h"
#include "nn/model.h"
#include "numbers.h"

namespace cellwright::app {
namespace {

bool is_file(const std::string& name) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(name.c_str(), "rb"), &std::fclose);
  return file != nullptr;
}

/// One cell for all layers, or one a layer from the bottom. A file whose name has a comma is taken as it
/// stands when it is the only one; in a list commas always part.
std::vector<CellText> cells_of(const ModelRequest& r) {
  const std::string given = r.cell.value_or("lstm");
  if (given.find(',') == std::string::npos || is_file(given)) return {read_cell_text(given)};
  std::vector<CellText> cells;
  for (std::size_t begin = 0; begin <= given.size();) {
    const std::size_t end = std::min(given.find(',', begin), given.size());
    const std::string name = given.substr(begin, end - begin);
    if (name.empty() || name == "-") {
      throw SpecError(fmt::format("--cell '{}': {}; give names or files, one a layer, as grid_edge,grid_lstm",
                                  given,
                                  name.empty() ? "a name between commas is missing"
                                               : "standard input cannot be one of several cells"));
    }
    cells.push_back(read_cell_text(name));
    begin = end + 1;
  }
  return cells;
}

/// Widths, one a layer.
std::vector<int> widths(const ModelRequest& r, std::size_t cells) {
  std::vector<int> units = r.units.empty() ? std::vector<int>{128} : r.units;
  const auto listed = static_cast<int>(cells > 1 ? cells : units.size());
  const int layers = r.layers.value_or(listed);
  if (layers < 1 || layers > 1000)
    throw SpecError(fmt::format("--layers must lie in 1 … 1000, found {}", layers));
  if (cells > 1 && layers != listed) {
    throw SpecError(fmt::format(
        "--cell names {} layers and --layers {}; give one cell for all, or one a layer", cells, layers));
  }
  if (units.size() == 1) units.resize(static_cast<std::size_t>(layers), units[0]);
  if (units.size() != static_cast<std::size_t>(layers)) {
    throw SpecError(fmt::format("--units names {} layers and {} {}; give one width for all, or one a layer",
                                units.size(), cells > 1 ? "--cell" : "--layers", layers));
  }
  for (const int n : units) {
    if (n < 1) throw SpecError(fmt::format("--units must be 1 or more, found {}", n));
  }
  return units;
}

/// Those of `given` ("heads=4") for which one of several cells asks. What none asks for is left to the first,
/// which says so.
std::vector<std::string> asked_for(const std::vector<std::string>& given,
                                   const std::vector<std::set<std::string>>& names, std::size_t cell) {
  std::vector<std::string> wanted;
  for (const std::string& one : given) {
    const std::string name = name_of_setting(one);
    const auto asks = [&](const std::set<std::string>& known) { return known.count(name) > 0; };
    const bool by_any = std::any_of(names.begin(), names.end(), asks);
    if (asks(names[cell]) || (!by_any && cell == 0)) wanted.push_back(one);
  }
  return wanted;
}

}  // namespace

std::string cell_name(const LayerSpec& layer) {
  return syntax::parse_cell(layer.cell_text, layer.cell_file).name;
}

std::vector<LayerSpec> make_layers(const ModelRequest& request) {
  const std::vector<CellText> texts = cells_of(request);
  std::vector<syntax::Cell> cells;
  std::vector<std::set<std::string>> sizes, options;  // that each asks for
  for (const CellText& text : texts) {
    cells.push_back(syntax::parse_cell(text.text, text.file));
    const Signature wanted = signature(cells.back());
    sizes.emplace_back(wanted.size_names.begin(), wanted.size_names.end());
    options.emplace_back();
    for (const auto& option : wanted.options) options.back().insert(option.first);
  }
  const std::vector<int> units = widths(request, texts.size());
  std::vector<LayerSpec> layers;
  for (std::size_t l = 0; l < units.size(); ++l) {
    const std::size_t c = texts.size() > 1 ? l : 0;
    CellRequest sized;
    sized.units = units[l];
    sized.sizes = asked_for(request.sizes, sizes, c);
    sized.options = asked_for(request.options, options, c);
    const CellBinding binding = make_binding(cells[c], sized);
    LayerSpec layer;
    layer.cell_text = texts[c].text;
    layer.cell_file = texts[c].file.substr(texts[c].file.find_last_of('/') + 1);
    layer.units = units[l];
    layer.sizes = binding.sizes;
    layer.options = binding.options;
    layer.residual = request.residual && l > 0;
    layers.push_back(std::move(layer));
  }
  return layers;
}

ModelSpec make_spec(const ModelRequest& request, const Vocabulary& vocabulary) {
  ModelSpec spec;
  spec.classes = vocabulary.size();
  spec.layers = make_layers(request);
  const bool many = vocabulary.kind() == TokenKind::words || vocabulary.kind() == TokenKind::subwords;
  const int width = request.noise.tied ? spec.layers.back().units : many ? spec.layers[0].units : 64;
  spec.embedding = request.embedding.value_or(width);
  if (spec.embedding < 0)
    throw SpecError(fmt::format("--embedding must be 0 (one-hot) or more, found {}", spec.embedding));
  spec.init_uniform = request.init_uniform.value_or(0);
  spec.skip = request.skip;
  if (!request.adaptive_softmax.empty() && !many) {
    throw SpecError(
        fmt::format("--adaptive-softmax needs tokens that stand in the order of their frequency, and {} do "
                    "not; take --words, --ptb or "
                    "--subwords, or leave it out",
                    vocabulary.kind_name()));
  }
  spec.adaptive_softmax = request.adaptive_softmax;
  put_dropout(request.dropout, spec);
  put_noise(request.noise, spec);
  return spec;
}

void check_same_model(const ModelRequest& request, const ModelSpec& spec, const std::string& path) {
  const auto refuse = [&](const std::string& what) {
    throw SpecError(fmt::format(
        "--resume: the model in '{}' has {}; leave that option out, or train another --out", path, what));
  };
  std::string units;
  for (const LayerSpec& layer : spec.layers)
    units += (units.empty() ? "" : ",") + fmt::format("{}", layer.units);
  const auto layers = static_cast<int>(spec.layers.size());
  const std::vector<CellText> cells = request.cell ? cells_of(request) : std::vector<CellText>{};
  if (cells.size() > 1 && cells.size() != spec.layers.size()) refuse(fmt::format("{} layers", layers));
  for (std::size_t l = 0; !cells.empty() && l < spec.layers.size(); ++l) {
    if (cells[cells.size() > 1 ? l : 0].text == spec.layers[l].cell_text) continue;
    refuse(fmt::format("a cell '{}' of another text than '{}'", cell_name(spec.layers[l]), *request.cell));
  }
  if (request.layers && *request.layers != layers) refuse(fmt::format("{} layers", layers));
  for (std::size_t i = 0; !request.units.empty() && i < spec.layers.size(); ++i) {
    const bool one = request.units.size() == 1;
    if ((!one && request.units.size() != spec.layers.size()) ||
        request.units[one ? 0 : i] != spec.layers[i].units)
      refuse("units " + units);
  }
  if (request.embedding && *request.embedding != spec.embedding)
    refuse(fmt::format("an embedding of {}", spec.embedding));
  if (request.skip && !spec.skip) refuse("no skip connections");
  if (request.residual && !spec.layers.back().residual) refuse("no residual connections");
  if (!request.adaptive_softmax.empty() && request.adaptive_softmax != spec.adaptive_softmax)
    refuse(spec.adaptive_softmax.empty()
               ? "no adaptive softmax"
               : fmt::format("an adaptive softmax cut at {}", fmt::join(spec.adaptive_softmax, ",")));
  check_same_dropout(request.dropout, spec, refuse);
  check_same_noise(request.noise, spec, refuse);
}

SequenceSpec make_sequence_spec(const ModelRequest& request) {
  ModelSpec layers;
  layers.layers = make_layers(request);
  put_dropout(request.dropout, layers);
  put_noise(request.noise, layers);
  SequenceSpec spec;
  spec.layers = std::move(layers.layers);
  spec.skip = request.skip;
  spec.init_uniform = request.init_uniform.value_or(0);
  spec.weight_noise = layers.weight_noise;
  return spec;
}

ModelSpec as_model_spec(const SequenceSpec& spec) {
  ModelSpec model;
  model.classes = spec.symbols;
  model.embedding = spec.embedding;
  model.layers = spec.layers;
  model.skip = spec.skip;
  model.embedding_dropout = spec.embedding_dropout;
  model.weight_noise = spec.weight_noise;
  model.init_uniform = spec.init_uniform;
  return model;
}

std::string describe_layers(const std::vector<LayerSpec>& layers) {
  std::string text;
  for (const LayerSpec& layer : layers) {
    text += (text.empty() ? "" : ", ") + fmt::format("{} {}", cell_name(layer), layer.units);
    if (layer.direction == LayerSpec::Direction::both) text += " in both directions";
    if (layer.direction == LayerSpec::Direction::reverse) text += " backwards";
  }
  return text;
}

std::string describe(const ModelSpec& spec, const Vocabulary& vocabulary) {
  std::string text = describe_layers(spec.layers);
  if (spec.skip) text += ", skip connections,";
  if (spec.layers.back().residual) text += ", residual,";
  return fmt::format("{} over {} {}{}{}", text, grouped(spec.classes), vocabulary.kind_name(),
                     spec.embedding > 0 ? fmt::format(" embedded in {}", spec.embedding) : ", one-hot",
                     spec.adaptive_softmax.empty() ? ""
                                                   : fmt::format(", adaptive softmax cut at {}",
                                                                 fmt::join(spec.adaptive_softmax, ",")));
}

}  // namespace cellwright::app
