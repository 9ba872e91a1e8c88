// onednn.cpp: oneDNN's recurrent primitives as a program that bench/run asks in turn (../serve.h). Usage:
// onednn (threads: OMP_NUM_THREADS)
//
//   train lstm|gru T,B,I,H,L      forward and backward of one primitive for all layers; gru is lbr_gru, the
//   one whose
//                                 reset stands behind the product
// In oneDNN's favour: weights lie ready in the layouts its primitives ask for, though in training both would
// have to be made anew after each update. Gradients of weights are cleared within the time, as ours are.
#include <oneapi/dnnl/dnnl.hpp>

#include <cstring>
#include <memory>
#include <unordered_map>

#include "serve.h"

namespace {

using dnnl::memory;
using Layout = memory::format_tag;

/// A primitive's arguments, and what they refer to.
using Arguments = std::unordered_map<int, memory>;

memory filled(const memory::desc& desc, const dnnl::engine& engine, float scale) {
  memory m(desc, engine);
  auto* p = static_cast<float*>(m.get_data_handle());
  std::uint32_t random = 1;
  for (std::size_t i = 0; i < desc.get_size() / sizeof(float); ++i) {
    random = random * 1664525u + 1013904223u;
    p[i] = scale * (static_cast<float>(random >> 8) / 8388608.0f - 1.0f);
  }
  return m;
}

void clear(memory& m) { std::memset(m.get_data_handle(), 0, m.get_desc().get_size()); }

struct Shape {
  int steps, lanes, inputs, units, layers, gates;
  memory::desc x, state, weights_layer, weights_iter, bias, y;  // as asked for: weights in any layout
  memory::desc plain_layer, plain_iter;                         // weights row by row
  Shape(const std::vector<int>& n, bool gru)
      : steps(n[0]), lanes(n[1]), inputs(n[2]), units(n[3]), layers(n[4]), gates(gru ? 3 : 4) {
    if (layers > 1 && inputs != units)
      throw std::runtime_error("one primitive for several layers needs I = H");
    const auto f32 = memory::data_type::f32;
    x = {{steps, lanes, inputs}, f32, Layout::tnc};
    y = {{steps, lanes, units}, f32, Layout::tnc};
    state = {{layers, 1, lanes, units}, f32, Layout::ldnc};
    bias = {{layers, 1, 4, units}, f32, Layout::ldgo};  // lbr_gru has a fourth
    const memory::dims layer{layers, 1, inputs, gates, units}, iter{layers, 1, units, gates, units};
    weights_layer = {layer, f32, Layout::any};
    weights_iter = {iter, f32, Layout::any};
    plain_layer = {layer, f32, Layout::ldigo};
    plain_iter = {iter, f32, Layout::ldigo};
  }
};

template <class Forward, class Backward, class ForwardDesc, class BackwardDesc>
bench::Work work_of(const Shape& s, bool lstm, const dnnl::engine& engine, const ForwardDesc& forward_desc,
                    const BackwardDesc& backward_desc) {
  struct Held {
    dnnl::stream stream;
    Forward forward;
    Backward backward;
    Arguments f, b;
    std::vector<memory> cleared;
  };
  auto held = std::make_shared<Held>(
      Held{dnnl::stream(engine), Forward(forward_desc), Backward(backward_desc), {}, {}, {}});
  memory layer = filled(s.plain_layer, engine, 0.05f), iter = filled(s.plain_iter, engine, 0.05f);
  const auto in_layout = [&](memory& plain, const memory::desc& desc) {
    memory m(desc, engine);
    dnnl::reorder(plain, m).execute(held->stream, plain, m);
    held->stream.wait();
    return m;
  };
  held->f = {{DNNL_ARG_SRC_LAYER, filled(s.x, engine, 1)},
             {DNNL_ARG_SRC_ITER, filled(s.state, engine, 0)},
             {DNNL_ARG_WEIGHTS_LAYER, in_layout(layer, forward_desc.weights_layer_desc())},
             {DNNL_ARG_WEIGHTS_ITER, in_layout(iter, forward_desc.weights_iter_desc())},
             {DNNL_ARG_BIAS, filled(s.bias, engine, 0.1f)},
             {DNNL_ARG_DST_LAYER, filled(s.y, engine, 0)},
             {DNNL_ARG_DST_ITER, filled(s.state, engine, 0)},
             {DNNL_ARG_WORKSPACE, memory(forward_desc.workspace_desc(), engine)}};
  if (lstm) {
    held->f[DNNL_ARG_SRC_ITER_C] = filled(s.state, engine, 0);
    held->f[DNNL_ARG_DST_ITER_C] = filled(s.state, engine, 0);
  }
  held->b = held->f;
  held->b[DNNL_ARG_WEIGHTS_LAYER] = in_layout(layer, backward_desc.weights_layer_desc());
  held->b[DNNL_ARG_WEIGHTS_ITER] = in_layout(iter, backward_desc.weights_iter_desc());
  held->cleared = {memory(backward_desc.diff_weights_layer_desc(), engine),
                   memory(backward_desc.diff_weights_iter_desc(), engine),
                   memory(backward_desc.diff_bias_desc(), engine)};
  held->b[DNNL_ARG_DIFF_WEIGHTS_LAYER] = held->cleared[0];
  held->b[DNNL_ARG_DIFF_WEIGHTS_ITER] = held->cleared[1];
  held->b[DNNL_ARG_DIFF_BIAS] = held->cleared[2];
  held->b[DNNL_ARG_DIFF_SRC_LAYER] = memory(backward_desc.diff_src_layer_desc(), engine);
  held->b[DNNL_ARG_DIFF_SRC_ITER] = memory(backward_desc.diff_src_iter_desc(), engine);
  held->b[DNNL_ARG_DIFF_DST_LAYER] = filled(backward_desc.diff_dst_layer_desc(), engine, 1);
  held->b[DNNL_ARG_DIFF_DST_ITER] = filled(backward_desc.diff_dst_iter_desc(), engine, 0);
  if (lstm) {
    held->b[DNNL_ARG_DIFF_SRC_ITER_C] = filled(s.state, engine, 0);
    held->b[DNNL_ARG_DIFF_DST_ITER_C] = filled(s.state, engine, 0);
  }
  bench::Work work;
  for (int l = 0; l < s.layers; ++l)
    work.flop += 3.0 * 2 * s.gates * s.steps * s.lanes * s.units * ((l == 0 ? s.inputs : s.units) + s.units);
  work.run = [held] {
    for (memory& m : held->cleared) clear(m);
    held->forward.execute(held->stream, held->f);
    held->backward.execute(held->stream, held->b);
    held->stream.wait();
  };
  return work;
}

bench::Work make(const std::vector<std::string>& words, const dnnl::engine& engine) {
  if (words.size() != 3 || words[0] != "train" || (words[1] != "lstm" && words[1] != "gru"))
    throw std::runtime_error("oneDNN knows train lstm and train gru");
  const bool lstm = words[1] == "lstm";
  const Shape s(bench::numbers(words[2], 5), !lstm);
  const auto training = dnnl::prop_kind::forward_training, backward = dnnl::prop_kind::backward;
  const auto way = dnnl::rnn_direction::unidirectional_left2right;
#define LSTM_OPERANDS s.x, s.state, s.state, s.weights_layer, s.weights_iter, s.bias, s.y, s.state, s.state
#define GRU_OPERANDS s.x, s.state, s.weights_layer, s.weights_iter, s.bias, s.y, s.state
#if DNNL_VERSION_MAJOR >= 3
#define FORWARD(kind, ...) kind::primitive_desc(engine, training, way, __VA_ARGS__)
#define BACKWARD(kind, ...) \
  kind::primitive_desc(engine, backward, way, __VA_ARGS__, __VA_ARGS__, forward_desc)
#else
#define FORWARD(kind, ...) kind::primitive_desc({training, way, __VA_ARGS__}, engine)
#define BACKWARD(kind, ...) \
  kind::primitive_desc({backward, way, __VA_ARGS__, __VA_ARGS__}, engine, forward_desc)
#endif
  if (lstm) {
    const auto forward_desc = FORWARD(dnnl::lstm_forward, LSTM_OPERANDS);
    const auto backward_desc = BACKWARD(dnnl::lstm_backward, LSTM_OPERANDS);
    return work_of<dnnl::lstm_forward, dnnl::lstm_backward>(s, true, engine, forward_desc, backward_desc);
  }
  const auto forward_desc = FORWARD(dnnl::lbr_gru_forward, GRU_OPERANDS);
  const auto backward_desc = BACKWARD(dnnl::lbr_gru_backward, GRU_OPERANDS);
  return work_of<dnnl::lbr_gru_forward, dnnl::lbr_gru_backward>(s, false, engine, forward_desc,
                                                                backward_desc);
}

}  // namespace

int main() {
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  const auto* version = dnnl::version();
  std::printf("oneDNN %d.%d.%d\n", version->major, version->minor, version->patch);
  std::fflush(stdout);
  return bench::serve([&](const std::vector<std::string>& words) { return make(words, engine); });
}
