// wiring.cpp: see wiring.h.
#include "nn/wiring.h"

#include <fmt/format.h>

#include <algorithm>

#include "cellwright/error.h"
#include "nn/layer.h"

namespace cellwright {
namespace {

ParameterNoiseSpec parameter_noise_of(const StackSpec& spec, int index, const Graph& graph) {
  ParameterNoiseSpec noise;
  noise.weight_drop = spec.layers[static_cast<std::size_t>(index)].regularisation.weight_drop;
  noise.deviation = spec.weight_noise;
  if (noise.deviation > 0 && graph.parameters.empty()) {
    throw SpecError(
        fmt::format("layer {}: weight_noise: cell '{}' has no parameters to perturb", index, graph.name));
  }
  if (!(noise.weight_drop > 0)) return noise;
  noise.sites = recurrent_columns(graph);
  if (std::all_of(noise.sites.begin(), noise.sites.end(), [](const auto& s) { return s.empty(); })) {
    throw SpecError(fmt::format(
        "layer {}: weight_drop: in cell '{}' no matrix meets a state; leave it out (--weight-drop), "
        "or take another cell",
        index, graph.name));
  }
  return noise;
}

}  // namespace

Wiring wire(const StackSpec& spec) {
  if (spec.layers.empty()) throw SpecError("a model needs at least one layer");
  for (std::size_t l = 0; l < spec.layers.size(); ++l) {
    if (spec.layers[l].units < 1)
      throw SpecError(fmt::format("layer {}: units {}: it must be at least 1", l, spec.layers[l].units));
  }
  Wiring w;
  w.spec = spec;
  std::vector<int> offered = spec.inputs;
  int firsts = 0;
  for (std::size_t l = 0; l < spec.layers.size(); ++l) {
    const LayerSpec& layer = spec.layers[l];
    const int index = static_cast<int>(l);
    if (spec.skip && l > 0) offered[0] += spec.inputs[0];
    const bool both = layer.direction == LayerSpec::Direction::both;
    Track track{index,
                layer.direction == LayerSpec::Direction::reverse,
                fmt::format("layers.{}", l),
                lower_layer(layer, index, offered),
                {}};
    track.noise = parameter_noise_of(spec, index, track.graph);
    w.layer_inputs.push_back(offered);
    w.first_track.push_back(static_cast<int>(w.tracks.size()));
    std::vector<int> sizes;
    for (const Port& port : track.graph.outputs) sizes.push_back(port.size * (both ? 2 : 1));
    if (layer.residual && sizes[0] != offered[0]) {
      throw SpecError(
          fmt::format("layer {}: a residual connection adds the input to the output, but the input has {} "
                      "numbers and the "
                      "output {}; make them equal, or leave the connection out of this layer",
                      l, offered[0], sizes[0]));
    }
    w.tracks.push_back(track);
    if (both) {
      track.reverse = true;
      track.name += ".reverse";
      w.tracks.push_back(std::move(track));
    }
    firsts += sizes[0];
    offered = sizes;
    w.layer_outputs.push_back(std::move(sizes));
  }
  w.outputs = offered;
  if (spec.skip) w.outputs[0] = firsts;
  return w;
}

}  // namespace cellwright
