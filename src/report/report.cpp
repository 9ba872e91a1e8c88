// report.cpp: start at make_report() at the end.
#include "report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cellwright/error.h"
#include "draw/svg.h"
#include "explain/predictions.h"
#include "nn/layer.h"
#include "report/gradient_section.h"
#include "report/layer_section.h"
#include "report/page.h"
#include "report/report_text.h"

namespace cellwright {
namespace {

using Json = nlohmann::ordered_json;

void check(const ReportOptions& o, const std::vector<std::int32_t>& tokens) {
  if (tokens.empty()) throw SpecError("a report needs a text of at least one token");
  const auto within = [](const char* name, int value, int least, int most) {
    if (value < least || value > most)
      throw SpecError(fmt::format("{} must lie in {} … {}, found {}", name, least, most, value));
  };
  within("--steps", o.steps, 1, 5000);
  within("--top", o.top, 1, 50);
  within("--lags", o.lags, 1, 1000);
  if (!report_language(o.language))
    throw SpecError(fmt::format("the page speaks en and ar, not '{}'", o.language));
}

/// A layer's run, without what it read.
LayerRun start_run(Model<float>& model, int layer, int steps) {
  const Wiring& wiring = model.inside().stack.wiring();
  LayerSpec spec = wiring.spec.layers[static_cast<std::size_t>(layer)];
  if (spec.direction != LayerSpec::Direction::forward)
    throw SpecError(
        fmt::format("layer {} reads the text backwards; a report follows a text forwards", layer));
  spec.regularisation = {};
  LayerRun run;
  run.layer = layer;
  run.graph = lower_layer(spec, layer, wiring.layer_inputs[static_cast<std::size_t>(layer)]);
  run.steps = steps;
  for (const Parameter& p : run.graph.parameters) {
    const std::string name = fmt::format("layers.{}.{}", layer, p.name);
    const auto& tensors = model.tensors();
    const auto at =
        std::find_if(tensors.begin(), tensors.end(), [&](const TensorInfo& i) { return i.name == name; });
    if (at == tensors.end()) throw InternalError("the model has no tensor " + name);
    const std::vector<float> values = model.get(static_cast<std::size_t>(at - tensors.begin()));
    run.parameters.emplace_back(values.begin(), values.end());
  }
  return run;
}

/// What comes into the layer, as the run had it.
void read_inputs(Model<float>& model, const std::vector<std::int32_t>& tokens, LayerRun& run) {
  const bool one_hot = run.layer == 0 && model.spec().embedding == 0;
  run.inputs.resize(run.graph.inputs.size());
  TraceOptions options;
  options.layers = {run.layer};
  for (const Port& p : run.graph.inputs) {
    if (p.size > 0 && !one_hot) options.lines.push_back(p.name);
  }
  if (one_hot) run.tokens = tokens;
  if (options.lines.empty()) return;
  const Trace<float> seen = trace(model, tokens.data(), run.steps, 1, options);
  for (std::size_t p = 0; p < run.inputs.size(); ++p) {
    if (const TracedLine<float>* line = seen.find(run.layer, run.graph.inputs[p].name))
      run.inputs[p] = line->values;
  }
}

Json layer_of(Model<float>& model, const std::vector<std::int32_t>& tokens, int layer, bool right_to_left,
              Packed& packed) {
  LayerRun run = start_run(model, layer, static_cast<int>(tokens.size()));
  read_inputs(model, tokens, run);
  TraceOptions options;
  options.layers = {layer};
  options.belts = true;
  const Trace<float> seen = trace(model, tokens.data(), run.steps, 1, options);
  // A line stands before the state of its name, which need not be the same (zoneout).
  for (const TracedLine<float>& line : seen.lines) run.lines.emplace(line.line, line.values);
  const LayerSpec& spec = model.spec().layers[static_cast<std::size_t>(layer)];
  return layer_section({run, spec, seen, right_to_left}, packed);
}

Json text_section(const ReportText& text) {
  Json clusters = Json::array();
  for (const TextCluster& c : text.clusters) clusters.push_back({c.text, c.first, c.count});
  return {{"clusters", clusters}, {"direction", text.right_to_left ? "rtl" : "ltr"}};
}

Json prediction_section(Model<float>& model, const std::vector<std::int32_t>& tokens, int top,
                        Packed& packed) {
  const Predictions p = predict(model, tokens.data(), static_cast<int>(tokens.size()), top);
  return {{"top", p.top},
          {"tokens", p.tokens},
          {"probabilities", packed.exact(p.probabilities)},
          {"next", packed.exact(p.of_next)},
          {"rank", p.rank}};
}

/// Colours of the page: those of the pictures.
std::string theme_style(const std::string& selector, const draw::Theme& t) {
  std::string css = selector + "{";
  const auto set = [&](const std::string& name, const std::string& colour) {
    css += "--" + name + ":" + colour + ";";
  };
  set("background", t.background);
  set("ink", t.ink);
  set("muted", t.muted);
  set("panel", t.panel);
  set("panel-edge", t.panel_edge);
  set("layer", t.layer);
  set("layer-edge", t.layer_edge);
  set("op", t.op);
  set("op-edge", t.op_edge);
  set("highlight", t.highlight);
  for (std::size_t i = 0; i < t.series.size(); ++i) set(fmt::format("series-{}", i), t.series[i]);
  for (std::size_t i = 0; i < t.heat.size(); ++i) set(fmt::format("heat-{}", i), t.heat[i]);
  for (std::size_t i = 0; i < t.balance.size(); ++i) set(fmt::format("balance-{}", i), t.balance[i]);
  return css + "color-scheme:" + t.name + "}\n";
}

void fill(std::string& page, const std::string& place, const std::string& with) {
  const std::string mark = "{{" + place + "}}";
  const std::size_t at = page.find(mark);
  if (at == std::string::npos) throw InternalError("the report's page has no place for " + place);
  page.replace(at, mark.size(), with);
}

std::string assemble(const ReportOptions& o, const std::string& payload) {
  std::string page, style, script;
  for (const PageFile* file = kPageFiles; file->name != nullptr; ++file) {
    const std::string name = file->name;
    (name == "report.html" ? page : name == "report.css" ? style : script) += file->text;
  }
  style = theme_style(":root", draw::theme("light")) +
          theme_style(":root[data-theme=dark]", draw::theme("dark")) + style;
  fill(page, "language", o.language);
  fill(page, "direction", o.language == "ar" ? "rtl" : "ltr");
  fill(page, "title", draw::escape(o.name));
  fill(page, "style", style);
  fill(page, "data", payload);
  fill(page, "script", script);
  return page;
}

}  // namespace

bool report_language(const std::string& language) { return language == "en" || language == "ar"; }

std::string make_report(Model<float>& model, const Vocabulary& vocabulary,
                        const std::vector<std::int32_t>& all, const ReportOptions& o) {
  check(o, all);
  const std::vector<std::int32_t> tokens(
      all.begin(), all.begin() + std::min<std::ptrdiff_t>(o.steps, static_cast<std::ptrdiff_t>(all.size())));
  const ReportText text = report_text(vocabulary, tokens);
  Packed packed;
  Json meta;
  meta["model"] = o.name;
  meta["description"] = o.description;
  meta["kind"] = vocabulary.kind_name();
  meta["steps"] = tokens.size();
  meta["of"] = all.size();
  meta["text"] = text_section(text);
  meta["layers"] = Json::array();
  for (int layer = 0; layer < static_cast<int>(model.spec().layers.size()); ++layer)
    meta["layers"].push_back(layer_of(model, tokens, layer, text.right_to_left, packed));
  meta["predictions"] = prediction_section(model, tokens, o.top, packed);
  meta["tokens"] = tokens;
  std::set<std::int32_t> used(tokens.begin(), tokens.end());
  for (const Json& token : meta["predictions"]["tokens"]) used.insert(token.get<std::int32_t>());
  meta["pieces"] = Json::object();
  for (std::int32_t token : used) meta["pieces"][std::to_string(token)] = readable(vocabulary.entry(token));
  meta["gradients"] = gradient_section(model, tokens, o.lags, packed);
  return assemble(o, packed.payload(std::move(meta)));
}

}  // namespace cellwright
