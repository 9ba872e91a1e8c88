// gradients.cpp: `cellwright gradients`: how far back through time a loss is felt, by lag, along the belt and
// through the gates.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cellwright/error.h"
#include "command.h"
#include "explain/gradient_flow.h"
#include "explain_request.h"
#include "gradient_picture.h"
#include "gradient_record.h"
#include "numbers.h"
#include "picture.h"
#include "table.h"

namespace cellwright::app {
namespace {

struct Request : ExplainRequest {
  std::vector<std::string> models;
  GradientOptions options;
  std::optional<int> layer;
};

MeasuredGradients measure(Request r, const std::string& path) {
  r.model = path;
  Reading reading(r);
  MeasuredGradients result{
      std::filesystem::path(path).stem().string(),
      gradient_flow(reading.model, reading.text.tokens.data(), reading.size(), r.options)};
  if (r.layer) {
    auto& curves = result.flow.curves;
    curves.erase(std::remove_if(curves.begin(), curves.end(),
                                [&](const GradientCurve& c) { return c.layer != *r.layer; }),
                 curves.end());
    if (curves.empty())
      throw SpecError(fmt::format("--layer {}: {} has no layer with a state there", *r.layer, path));
  }
  return result;
}

std::vector<std::size_t> shown_lags(std::size_t count) {
  std::vector<std::size_t> lags;
  for (std::size_t decade = 1; decade <= count; decade *= 10) {
    for (std::size_t lag : {decade, 2 * decade, 5 * decade}) {
      if (lags.empty()) lags.push_back(0);
      if (lag < count) lags.push_back(lag);
    }
  }
  if (count > 0 && lags.back() != count - 1) lags.push_back(count - 1);
  return lags;
}

void print(const MeasuredGradients& result, bool named) {
  if (named) fmt::print("{}\n", result.name);
  std::string alignment = "r";
  std::vector<std::string> head = {"lag"};
  std::vector<std::vector<double>> columns;
  for (const GradientCurve& c : result.flow.curves) {
    columns.push_back(mean_by_lag(c.total));
    head.push_back(c.name);
    if (!c.belt) continue;
    columns.push_back(mean_by_lag(c.through_belt));
    head.push_back("by " + c.coefficient);
    columns.push_back(mean_by_lag(c.through_gates));
    head.push_back("by gates");
  }
  alignment.append(columns.size(), 'r');
  Table table(alignment);
  table.row(head);
  for (std::size_t lag : shown_lags(columns[0].size())) {
    std::vector<std::string> row = {std::to_string(lag)};
    for (const auto& column : columns) row.push_back(fmt::format("{:.3g}", column[lag]));
    table.row(row);
  }
  fmt::print("{}", table.text());
  const std::size_t n = result.flow.at.size();
  fmt::print("norm of the gradient of the loss of a token, mean over {} place{} in the text\n\n", n,
             n == 1 ? "" : "s");
}

int run(const Request& r) {
  if (is_picture(r.out)) {
    check_picture("--out", r.out);
  } else if (!r.out.empty() && !has_ending(r.out, ".json")) {
    throw SpecError(fmt::format(
        "--out {}: gradients are written as .json, .svg, .png or .pdf; give one of these endings", r.out));
  }
  std::vector<MeasuredGradients> results;
  for (const std::string& path : r.models) results.push_back(measure(r, path));
  for (const MeasuredGradients& result : results) print(result, results.size() > 1);
  if (r.out.empty()) return 0;
  if (is_picture(r.out)) {
    write_picture(r.out, gradient_picture(results));
  } else {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const MeasuredGradients& result : results) {
      nlohmann::ordered_json one = {{"model", result.name}};
      one.update(gradient_record(result.flow, true));
      all.push_back(std::move(one));
    }
    write_text(r.out, (results.size() == 1 ? all[0] : all).dump(1) + "\n");
  }
  fmt::print("saved in {}\n", r.out);
  return 0;
}

}  // namespace

void add_gradients_command(CLI::App& root, Command& chosen) {
  CLI::App* app = root.add_subcommand("gradients", "Show how far back through time a loss is felt");
  auto r = std::make_shared<Request>();
  add_explain_options(app, *r, &r->models);
  app->add_option("--at", r->options.at,
                  "Steps whose loss is taken, from 0; default: --count of them, spread evenly")
      ->delimiter(',')
      ->type_name("N");
  app->add_option("--count", r->options.count, "How many steps' losses")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--lags", r->options.lags, "How many steps back at most")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--layer", r->layer, "One layer, from 0; default: all")->type_name("N");
  app->add_option("--out", r->out,
                  "Where to: .json, or .svg, .png or .pdf for a picture; several models share one")
      ->type_name("FILE");
  app->footer(
      "Examples:\n  cellwright gradients book.safetensors --input page.txt --out gradients.svg\n"
      "  cellwright gradients rnn.safetensors lstm.safetensors gru.safetensors --input page.txt --out "
      "why.svg");
  app->callback([&chosen, r] { chosen.run = [r] { return run(*r); }; });
}

}  // namespace cellwright::app
