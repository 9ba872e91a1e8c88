// step_load.cpp: a Step out of a model file: of language, embedding, layers, head; of sequences of numbers,
// layers and head.
#include <fmt/format.h>

#include <algorithm>

#include "api/step_parts.h"
#include "cellwright/error.h"
#include "nn/layer.h"
#include "train/checkpoint.h"
#include "train/sequence_file.h"

namespace cellwright {
namespace {

std::vector<Graph> graphs_of(const std::vector<LayerSpec>& layers, bool skip, int inputs) {
  std::vector<Graph> graphs;
  std::vector<int> offered = {inputs};
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const LayerSpec& layer = layers[l];
    if (layer.direction != LayerSpec::Direction::forward)
      throw SpecError(
          fmt::format("layer {} reads backwards in time, and a stream has no end to begin from", l));
    if (layer.residual || skip) {
      throw SpecError(
          "the model has residual or skip connections, which a Step does not run; TextModel::sample does");
    }
    graphs.push_back(lower_layer(layer, static_cast<int>(l), offered));
    offered.clear();
    for (const Port& port : graphs.back().outputs) offered.push_back(port.size);
  }
  return graphs;
}

AlignedArray<float> filled(const std::vector<float>& values) {
  AlignedArray<float> array(values.size());
  std::copy(values.begin(), values.end(), array.data());
  return array;
}

/// What a file holds, by name.
struct Stored {
  const std::vector<Tensor>& tensors;
  const std::string& path;
  std::vector<float> numbers(const std::string& name) const {
    const auto found =
        std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& t) { return t.name == name; });
    if (found == tensors.end()) throw FormatError(fmt::format("{}: the tensor '{}' is missing", path, name));
    return found->values<float>();
  }
};

}  // namespace

Step Step::load(const std::string& path, const StepOptions& options) {
  const auto fill = [](Parts& parts, const Stored& stored, int head_rows, const std::string& head) {
    StepModel& model = *parts.model;
    model.head_rows = head_rows;
    for (std::size_t l = 0; l < parts.runners.size(); ++l) {
      const auto& layout = parts.runners[l]->layout();
      for (std::size_t i = 0; i < layout.parameters().size(); ++i) {
        const auto values = stored.numbers(fmt::format("layers.{}.{}", l, layout.parameters()[i].name));
        layout.pack(static_cast<int>(i), values.data(), model.layers[l].data());
      }
    }
    const auto weight = stored.numbers(head);
    model.head = AlignedArray<float>(kernels::packed_size<float>(head_rows, parts.outputs()));
    kernels::pack(weight.data(), parts.outputs(), 0, head_rows, 0, parts.outputs(), model.head.data());
    model.bias = filled(stored.numbers("head.bias"));
  };
  const std::string task = task_of_file(path);
  if (!task.empty() && task != "text") {
    const SavedSequenceModel saved = load_sequence_model(path);
    const SequenceSpec& spec = saved.spec;
    if (spec.inputs == 0 || spec.reading != Reading::each)
      throw SpecError(fmt::format(
          "{}: a Step runs models that read numbers and speak at each step, and this one of {} does not",
          path, task));
    auto parts = std::make_unique<Parts>(graphs_of(spec.layers, spec.skip, spec.inputs), options);
    parts->model->numbers = true;
    parts->model->embedding = 1;  // no one-hot
    fill(*parts, {saved.parameters, path}, make_loss<float>(spec.loss)->width(), "head.weight");
    parts->bind();
    return Step(std::move(parts));
  }
  const SavedModel saved = load_model(path);
  const ModelSpec& spec = saved.spec;
  if (!spec.adaptive_softmax.empty())
    throw SpecError("the model has an adaptive softmax, which a Step does not run; TextModel::sample does");
  const int inputs = spec.embedding > 0 ? spec.embedding : spec.classes;
  auto parts = std::make_unique<Parts>(graphs_of(spec.layers, spec.skip, inputs), options);
  parts->model->tokens = spec.classes;
  parts->model->embedding = spec.embedding;
  const Stored stored{saved.parameters, path};
  if (spec.embedding > 0) parts->model->table = filled(stored.numbers("embedding.weight"));
  fill(*parts, stored, spec.classes, spec.tied ? "embedding.weight" : "head.weight");
  parts->bind();
  return Step(std::move(parts));
}

}  // namespace cellwright
