// spec.cpp: a model's specification to JSON and back; what comes from a file is not trusted.
#include "nn/spec.h"

#include <fmt/format.h>

#include "cellwright/error.h"
#include "nn/spec_json.h"

namespace cellwright {
namespace {

using namespace spec_json;

constexpr std::size_t kMaxClusters = 15;

}  // namespace

std::string to_json(const ModelSpec& spec) {
  Json j;
  j["classes"] = spec.classes;
  j["embedding"] = spec.embedding;
  j["init_uniform"] = spec.init_uniform;
  if (spec.skip) j["skip"] = true;
  if (spec.tied) j["tied"] = true;
  if (!spec.adaptive_softmax.empty()) j["adaptive_softmax"] = spec.adaptive_softmax;
  if (spec.embedding_dropout != 0) j["embedding_dropout"] = spec.embedding_dropout;
  if (spec.label_smoothing != 0) j["label_smoothing"] = spec.label_smoothing;
  if (spec.weight_noise != 0) j["weight_noise"] = spec.weight_noise;
  j["layers"] = layers_to_json(spec.layers);
  return j.dump();
}

ModelSpec model_spec_from_json(const std::string& json) {
  const Json j = Json::parse(json, nullptr, false);
  if (j.is_discarded()) fail("the text", "is not JSON");
  ModelSpec spec;
  spec.classes = static_cast<int>(integer(field(j, "the top", "classes"), "classes", 1, kMaxClasses));
  spec.embedding = static_cast<int>(integer(field(j, "the top", "embedding"), "embedding", 0, kMaxSize));
  spec.init_uniform = number(field(j, "the top", "init_uniform"), "init_uniform");
  spec.skip = flag_or(j, "the top", "skip", false);
  spec.tied = flag_or(j, "the top", "tied", false);
  if (const auto it = j.find("adaptive_softmax"); it != j.end()) {
    if (!it->is_array() || it->size() > kMaxClusters) fail("adaptive_softmax", "is not a reasonable list");
    for (const Json& cutoff : *it)
      spec.adaptive_softmax.push_back(static_cast<int>(integer(cutoff, "adaptive_softmax", 1, kMaxClasses)));
  }
  spec.embedding_dropout = number_or(j, "the top", "embedding_dropout", 0, 0.999, 0);
  spec.label_smoothing = number_or(j, "the top", "label_smoothing", 0, 0.999, 0);
  spec.weight_noise = number_or(j, "the top", "weight_noise", 0, 1e3, 0);
  spec.layers = layers_from_json(j);
  return spec;
}

}  // namespace cellwright
