// sequence_spec.cpp: see sequence_spec.h.
#include "nn/sequence_spec.h"

#include <fmt/format.h>

#include <cmath>

#include "cellwright/error.h"
#include "nn/spec_json.h"

namespace cellwright {
namespace {

using namespace spec_json;

constexpr const char* kReadings[] = {"each", "last", "mean"};

void not_negative(const char* what, double value) {
  if (!(value >= 0) || !std::isfinite(value))
    throw SpecError(fmt::format("{} {}: it must be 0 (none) or more", what, value));
}

void check(const SequenceSpec& spec) {
  if ((spec.inputs > 0) == (spec.symbols > 0) || spec.inputs < 0 || spec.symbols < 0) {
    throw SpecError(
        fmt::format("a sequence model reads numbers or symbols, and {} inputs and {} symbols were "
                    "given; give one of them",
                    spec.inputs, spec.symbols));
  }
  if (spec.embedding < 0 || (spec.embedding > 0 && spec.symbols == 0))
    throw SpecError(
        fmt::format("embedding {}: it is for symbols, and must be 0 (one-hot) or more", spec.embedding));
  check(spec.loss);
  if ((spec.loss.kind == "ctc" || spec.loss.kind == "esr") && spec.reading != Reading::each) {
    throw SpecError(
        fmt::format("the loss '{}' is over all steps, and this model reads the {} of a sequence; "
                    "make its reading 'each'",
                    spec.loss.kind, name_of(spec.reading)));
  }
  check_chance("embedding_dropout", spec.embedding_dropout);
  if (spec.embedding_dropout > 0 && spec.embedding == 0)
    throw SpecError("embedding_dropout drops rows of an embedding, and this model has none; leave it out");
  for (std::size_t l = 0; l < spec.layers.size(); ++l)
    check_chance(fmt::format("layer {}: weight_drop", l), spec.layers[l].regularisation.weight_drop);
  not_negative("weight_noise", spec.weight_noise);
  not_negative("init_uniform", spec.init_uniform);
}

int loss_width(const SequenceSpec& spec) { return make_loss<double>(spec.loss)->width(); }

}  // namespace

const char* name_of(Reading reading) { return kReadings[static_cast<int>(reading)]; }

Wiring wire(const SequenceSpec& spec) {
  check(spec);
  const int fed = spec.inputs > 0 ? spec.inputs : spec.embedding > 0 ? spec.embedding : spec.symbols;
  return wire(StackSpec{spec.layers, spec.skip, {fed}, spec.weight_noise});
}

TensorList list_tensors(const SequenceSpec& spec, const Wiring& wiring,
                        const std::vector<const Graph*>& graphs) {
  TensorList list;
  const int top = wiring.outputs[0], width = loss_width(spec);
  if (spec.embedding > 0) {
    list.add("embedding.weight", {TensorEntry::Kind::kPlain, 0, -1, -1, top,
                                  plain_parameter("weight", spec.symbols, spec.embedding, false,
                                                  {Initializer::Kind::kNormal, 0, 1})});
  }
  list.add_layers(wiring, graphs);
  list.add("head.weight",
           {TensorEntry::Kind::kHeadMatrix, 0, -1, 0, top, plain_parameter("weight", width, top, false)});
  list.add("head.bias",
           {TensorEntry::Kind::kHeadBias, 0, -1, 1, top, plain_parameter("bias", width, 1, true)});
  return list;
}

std::vector<TensorInfo> tensors_of(const SequenceSpec& spec) {
  const Wiring wiring = wire(spec);
  TensorList list = list_tensors(spec, wiring, graphs_of(wiring));
  std::int64_t count = 0;
  for (const TensorInfo& info : list.infos) count += info.trained;
  check_parameter_count(count);
  return list.infos;
}

std::string to_json(const SequenceSpec& spec) {
  Json j;
  if (spec.inputs > 0) j["inputs"] = spec.inputs;
  if (spec.symbols > 0) {
    j["symbols"] = spec.symbols;
    j["embedding"] = spec.embedding;
  }
  j["reading"] = name_of(spec.reading);
  j["loss"] = Json::parse(nlohmann::json(spec.loss).dump());
  j["init_uniform"] = spec.init_uniform;
  if (spec.skip) j["skip"] = true;
  if (spec.embedding_dropout != 0) j["embedding_dropout"] = spec.embedding_dropout;
  if (spec.weight_noise != 0) j["weight_noise"] = spec.weight_noise;
  j["layers"] = layers_to_json(spec.layers);
  return j.dump();
}

SequenceSpec sequence_spec_from_json(const std::string& json) {
  const Json j = Json::parse(json, nullptr, false);
  if (j.is_discarded() || !j.is_object()) fail("the text", "is not a JSON object");
  SequenceSpec spec;
  const auto whole = [&](const char* key, std::int64_t most) {
    return j.contains(key) ? static_cast<int>(integer(j.at(key), key, 0, most)) : 0;
  };
  spec.inputs = whole("inputs", kMaxSize);
  spec.symbols = whole("symbols", kMaxClasses);
  spec.embedding = whole("embedding", kMaxSize);
  if ((spec.inputs > 0) == (spec.symbols > 0)) fail("the top", "has neither inputs nor symbols, or both");
  const std::string reading = text(field(j, "the top", "reading"), "reading");
  bool known = false;
  for (int i = 0; i < 3; ++i) {
    if (reading != kReadings[i]) continue;
    spec.reading = static_cast<Reading>(i);
    known = true;
  }
  if (!known) fail("reading", "is none of each, last, mean");
  spec.loss = nlohmann::json::parse(field(j, "the top", "loss").dump()).get<LossSpec>();
  spec.init_uniform = number_or(j, "the top", "init_uniform", 0, 1e3, 0);
  spec.skip = flag_or(j, "the top", "skip", false);
  spec.embedding_dropout = number_or(j, "the top", "embedding_dropout", 0, 0.999, 0);
  spec.weight_noise = number_or(j, "the top", "weight_noise", 0, 1e3, 0);
  spec.layers = layers_from_json(j);
  return spec;
}

}  // namespace cellwright
