// step_load.cpp: a Step out of a language model's file: embedding, layers, head.
#include <fmt/format.h>

#include <algorithm>

#include "api/step_parts.h"
#include "cellwright/error.h"
#include "nn/layer.h"
#include "train/checkpoint.h"

namespace cellwright {
namespace {

std::vector<Graph> graphs_of(const ModelSpec& spec) {
  if (!spec.adaptive_softmax.empty())
    throw SpecError("the model has an adaptive softmax, which a Step does not run; TextModel::sample does");
  std::vector<Graph> graphs;
  std::vector<int> offered = {spec.embedding > 0 ? spec.embedding : spec.classes};
  for (std::size_t l = 0; l < spec.layers.size(); ++l) {
    const LayerSpec& layer = spec.layers[l];
    if (layer.direction != LayerSpec::Direction::forward)
      throw SpecError(
          fmt::format("layer {} reads backwards in time, and a stream has no end to begin from", l));
    if (layer.residual || spec.skip) {
      throw SpecError(
          "the model has residual or skip connections, which a Step does not run; TextModel::sample does");
    }
    graphs.push_back(lower_layer(layer, static_cast<int>(l), offered));
    offered.clear();
    for (const Port& port : graphs.back().outputs) offered.push_back(port.size);
  }
  return graphs;
}

}  // namespace

Step Step::load(const std::string& path, const StepOptions& options) {
  const SavedModel saved = load_model(path);
  auto parts = std::make_unique<Parts>(graphs_of(saved.spec), options);
  StepModel& model = *parts->model;
  model.tokens = saved.spec.classes;
  model.embedding = saved.spec.embedding;
  const auto numbers = [&](const std::string& name) {
    const auto found = std::find_if(saved.parameters.begin(), saved.parameters.end(),
                                    [&](const Tensor& t) { return t.name == name; });
    if (found == saved.parameters.end())
      throw FormatError(fmt::format("{}: the tensor '{}' is missing", path, name));
    return found->values<float>();
  };
  for (std::size_t l = 0; l < parts->runners.size(); ++l) {
    const auto& layout = parts->runners[l]->layout();
    for (std::size_t i = 0; i < layout.parameters().size(); ++i) {
      const auto values = numbers(fmt::format("layers.{}.{}", l, layout.parameters()[i].name));
      layout.pack(static_cast<int>(i), values.data(), model.layers[l].data());
    }
  }
  const auto filled = [](const std::vector<float>& values) {
    AlignedArray<float> array(values.size());
    std::copy(values.begin(), values.end(), array.data());
    return array;
  };
  if (model.embedding > 0) model.table = filled(numbers("embedding.weight"));
  const auto weight = numbers(saved.spec.tied ? "embedding.weight" : "head.weight");
  model.head = AlignedArray<float>(kernels::packed_size<float>(model.tokens, parts->outputs()));
  kernels::pack(weight.data(), parts->outputs(), 0, model.tokens, 0, parts->outputs(), model.head.data());
  model.bias = filled(numbers("head.bias"));
  parts->bind();
  return Step(std::move(parts));
}

}  // namespace cellwright
