#include "model_request.h"

#include <fmt/format.h>
#include <unistd.h>

#include "cell_request.h"
#include "cellwright/error.h"
#include "language/parse.h"
#include "language/signature.h"
#include "nn/model.h"
#include "numbers.h"

namespace cellwright::app {
namespace {

/// Widths, one a layer.
std::vector<int> widths(const ModelRequest& r) {
  std::vector<int> units = r.units.empty() ? std::vector<int>{128} : r.units;
  const int layers = r.layers.value_or(static_cast<int>(units.size()));
  if (layers < 1 || layers > 1000)
    throw SpecError(fmt::format("--layers must lie in 1 … 1000, found {}", layers));
  if (units.size() == 1) units.resize(static_cast<std::size_t>(layers), units[0]);
  if (units.size() != static_cast<std::size_t>(layers)) {
    throw SpecError(
        fmt::format("--units names {} layers and --layers {}; give one width for all, or one a layer",
                    units.size(), layers));
  }
  for (const int n : units) {
    if (n < 1) throw SpecError(fmt::format("--units must be 1 or more, found {}", n));
  }
  return units;
}

}  // namespace

std::string cell_name(const LayerSpec& layer) {
  return syntax::parse_cell(layer.cell_text, layer.cell_file).name;
}

ModelSpec make_spec(const ModelRequest& request, const Vocabulary& vocabulary) {
  const CellText text = read_cell_text(request.cell.value_or("lstm"));
  const syntax::Cell cell = syntax::parse_cell(text.text, text.file);
  ModelSpec spec;
  spec.classes = vocabulary.size();
  const std::vector<int> units = widths(request);
  const bool many = vocabulary.kind() == TokenKind::words || vocabulary.kind() == TokenKind::subwords;
  spec.embedding = request.embedding.value_or(many ? units[0] : 64);
  if (spec.embedding < 0)
    throw SpecError(fmt::format("--embedding must be 0 (one-hot) or more, found {}", spec.embedding));
  spec.init_uniform = request.init_uniform.value_or(0);
  for (const int n : units) {
    CellRequest sized;
    sized.units = n;
    sized.sizes = request.sizes;
    sized.options = request.options;
    const CellBinding binding = make_binding(cell, sized);
    LayerSpec layer;
    layer.cell_text = text.text;
    layer.cell_file = text.file.substr(text.file.find_last_of('/') + 1);
    layer.units = n;
    layer.sizes = binding.sizes;
    layer.options = binding.options;
    spec.layers.push_back(std::move(layer));
  }
  return spec;
}

void check_memory(const ModelSpec& spec, const TrainOptions& options) {
  double parameters = 0, step = 2.0 * spec.classes;
  for (const TensorInfo& info : tensors_of(spec)) {
    double entries = 1;
    for (const std::int64_t n : info.shape) entries *= static_cast<double>(n);
    parameters += entries;
  }
  for (const LayerSpec& layer : spec.layers) step += 6.0 * layer.units;
  // Weights, gradients, the optimiser's two moments, the best so far and the packed copy; less never
  // suffices.
  const double needed =
      4 * (6 * parameters + step * static_cast<double>(options.batch) * static_cast<double>(options.k1()));
  const double memory =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  if (needed > memory) {
    throw SpecError(fmt::format(
        "training this model of {} parameters needs about {:.3g} GB of memory or more, and this machine has "
        "{:.3g}; give fewer --units or --layers, or a smaller --batch or --steps",
        grouped(static_cast<std::int64_t>(parameters)), needed / 1e9, memory / 1e9));
  }
}

void check_same_model(const ModelRequest& request, const ModelSpec& spec, const std::string& path) {
  const auto refuse = [&](const std::string& what) {
    throw SpecError(fmt::format(
        "--resume: the model in '{}' has {}; leave that option out, or train another --out", path, what));
  };
  std::string units;
  for (const LayerSpec& layer : spec.layers)
    units += (units.empty() ? "" : ",") + fmt::format("{}", layer.units);
  if (request.cell && read_cell_text(*request.cell).text != spec.layers[0].cell_text) {
    refuse(fmt::format("a cell '{}' of another text than '{}'", cell_name(spec.layers[0]), *request.cell));
  }
  const auto layers = static_cast<int>(spec.layers.size());
  if (request.layers && *request.layers != layers) refuse(fmt::format("{} layers", layers));
  for (std::size_t i = 0; !request.units.empty() && i < spec.layers.size(); ++i) {
    const bool one = request.units.size() == 1;
    if ((!one && request.units.size() != spec.layers.size()) ||
        request.units[one ? 0 : i] != spec.layers[i].units)
      refuse("units " + units);
  }
  if (request.embedding && *request.embedding != spec.embedding)
    refuse(fmt::format("an embedding of {}", spec.embedding));
}

std::string describe(const ModelSpec& spec, const Vocabulary& vocabulary) {
  std::string text;
  for (const LayerSpec& layer : spec.layers)
    text += (text.empty() ? "" : ", ") + fmt::format("{} {}", cell_name(layer), layer.units);
  return fmt::format("{} over {} {}{}", text, grouped(spec.classes), vocabulary.kind_name(),
                     spec.embedding > 0 ? fmt::format(" embedded in {}", spec.embedding) : ", one-hot");
}

}  // namespace cellwright::app
