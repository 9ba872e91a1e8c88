// model_tensors.cpp: see model_tensors.h.
#include "nn/model_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cellwright/error.h"
#include "nn/output_layer.h"

namespace cellwright {
namespace {

void check(const ModelSpec& spec) {
  if (spec.classes < 1) throw SpecError(fmt::format("a model needs at least 1 class, not {}", spec.classes));
  if (spec.embedding < 0)
    throw SpecError(fmt::format("embedding {}: it must be 0 (one-hot) or more", spec.embedding));
  if (!(spec.init_uniform >= 0) || !std::isfinite(spec.init_uniform)) {
    throw SpecError(
        fmt::format("init_uniform {}: it must be 0 (each cell's own) or more", spec.init_uniform));
  }
  for (std::size_t l = 0; l < spec.layers.size(); ++l) {
    check_chance(fmt::format("layer {}: weight_drop", l), spec.layers[l].regularisation.weight_drop);
    if (spec.layers[l].direction != LayerSpec::Direction::forward) {
      throw SpecError(fmt::format(
          "layer {}: a language model may not look ahead, and this layer runs backwards in time; make its "
          "direction 'forward'",
          l));
    }
  }
  check_chance("embedding_dropout", spec.embedding_dropout);
  check_chance("label_smoothing", spec.label_smoothing);
  if (!(spec.weight_noise >= 0) || !std::isfinite(spec.weight_noise))
    throw SpecError(fmt::format("weight_noise {}: it must be 0 (none) or more", spec.weight_noise));
  if (spec.embedding_dropout > 0 && spec.embedding == 0) {
    throw SpecError(
        "embedding_dropout drops rows of an embedding, and this model's tokens are one-hot; give it an "
        "embedding (--embedding), or leave it out");
  }
}

void check_tied(const ModelSpec& spec, int top) {
  if (!spec.tied || spec.embedding == top) return;
  throw SpecError(
      fmt::format("tied: the head would share the embedding's table, but its input has {} units and the "
                  "embedding {}; take --embedding {}, or leave --tied out",
                  top, spec.embedding > 0 ? fmt::format("has {}", spec.embedding) : "is one-hot", top));
}

void check_adaptive(const ModelSpec& spec, int top) {
  const std::vector<int>& cutoffs = spec.adaptive_softmax;
  if (cutoffs.empty()) return;
  int before = 0;
  for (const int cutoff : cutoffs) {
    if (cutoff <= before) {
      throw SpecError(fmt::format("adaptive softmax: a cutoff of {} after {}; they must be above 0 and rise",
                                  cutoff, before));
    }
    if (cutoff >= spec.classes) {
      throw SpecError(
          fmt::format("adaptive softmax: a cutoff of {}, but there are {} classes; give cutoffs below that",
                      cutoff, spec.classes));
    }
    before = cutoff;
  }
  if (tail_width(top, cutoffs.size() - 1) == 0) {
    throw SpecError(
        fmt::format("adaptive softmax: its {} clusters of rare classes would read the {} units at the top "
                    "through projections, each a quarter "
                    "of the one before, and the last would have none; give fewer cutoffs, or more --units",
                    cutoffs.size(), top));
  }
  if (spec.tied) {
    throw SpecError(
        "tied: an adaptive softmax has no weight of the embedding's shape to share; leave --tied or "
        "--adaptive-softmax out");
  }
  if (spec.label_smoothing > 0) {
    throw SpecError(
        "label_smoothing: it spreads a part of the target over all classes, and an adaptive softmax computes "
        "only those of the "
        "target's cluster; leave --label-smoothing or --adaptive-softmax out");
  }
}

}  // namespace

Wiring wire(const ModelSpec& spec) {
  check(spec);
  const Wiring wiring = wire(StackSpec{
      spec.layers, spec.skip, {spec.embedding > 0 ? spec.embedding : spec.classes}, spec.weight_noise});
  check_tied(spec, wiring.outputs[0]);
  check_adaptive(spec, wiring.outputs[0]);
  return wiring;
}

std::int64_t count_parameters(const ModelSpec& spec, const Wiring& wiring) {
  const std::int64_t top = wiring.outputs[0];
  const std::int64_t table = static_cast<std::int64_t>(spec.classes) * spec.embedding;
  std::int64_t n = spec.tied ? 0 : table;
  for (const OutputTensor& t : output_tensors(static_cast<int>(top), spec.classes, spec.adaptive_softmax))
    n += static_cast<std::int64_t>(t.rows) * t.columns;
  for (const Track& track : wiring.tracks) n += parameter_count(track.graph);
  check_parameter_count(n);
  return n;
}

TensorList list_tensors(const ModelSpec& spec, const Wiring& wiring,
                        const std::vector<const Graph*>& graphs) {
  TensorList list;
  const int top = wiring.outputs[0];
  if (spec.embedding > 0) {
    // As a head's weight N(0, 1) would start with logits of size √width: tied, it starts as Merity et al.
    // 2018.
    const Initializer normal{Initializer::Kind::kNormal, 0, 1}, small{Initializer::Kind::kUniform, -0.1, 0.1};
    list.add("embedding.weight",
             {spec.tied ? TensorEntry::Kind::kHeadMatrix : TensorEntry::Kind::kPlain, 0, -1,
              spec.tied ? 0 : -1, spec.tied ? spec.embedding : top,
              plain_parameter("weight", spec.classes, spec.embedding, false, spec.tied ? small : normal)});
  }
  list.add_layers(wiring, graphs);
  const std::vector<OutputTensor> outputs = output_tensors(top, spec.classes, spec.adaptive_softmax);
  for (std::size_t i = spec.tied ? 1 : 0; i < outputs.size(); ++i) {
    const OutputTensor& t = outputs[i];
    list.add("head." + t.name, {t.matrix ? TensorEntry::Kind::kHeadMatrix : TensorEntry::Kind::kHeadBias, 0,
                                -1, static_cast<int>(i), t.matrix ? t.columns : top,
                                plain_parameter(t.name, t.rows, t.columns, !t.matrix)});
  }
  return list;
}

std::vector<TensorInfo> tensors_of(const ModelSpec& spec) {
  const Wiring wiring = wire(spec);
  count_parameters(spec, wiring);
  return list_tensors(spec, wiring, graphs_of(wiring)).infos;
}

}  // namespace cellwright
