// trace.cpp: `cellwright trace`: any line of any layer at every step, to a file.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cellwright/error.h"
#include "command.h"
#include "explain_request.h"
#include "numbers.h"
#include "table.h"

namespace cellwright::app {
namespace {

struct Request : ExplainRequest {
  std::vector<std::string> lines;
  std::vector<int> layers;
};

int run(const Request& r) {
  if (r.out.empty()) throw SpecError("no file to write to: give --out trace.safetensors, .json or .csv");
  const bool known =
      has_ending(r.out, ".safetensors") || has_ending(r.out, ".json") || has_ending(r.out, ".csv");
  if (!known)
    throw SpecError(fmt::format(
        "--out {}: a trace is written as .safetensors, .json or .csv; give one of these endings", r.out));
  Reading reading(r);
  TraceOptions options;
  for (const std::string& line : r.lines) options.lines.push_back(line_name(line));
  options.layers = r.layers;
  const Trace<float> result = trace(reading.model, reading.text.tokens.data(), reading.size(), 1, options);
  write_trace(r.out, result, reading.text);
  Table table("llr");
  for (const TracedLine<float>& line : result.lines) {
    double sum = 0, low = line.values[0], high = line.values[0];
    for (float v : line.values) {
      sum += v;
      low = std::min<double>(low, v);
      high = std::max<double>(high, v);
    }
    table.row({line.name, fmt::format("{} × {}", result.steps, line.size),
               fmt::format("mean {:.3f}, {:.3f} … {:.3f}", sum / static_cast<double>(line.values.size()), low,
                           high)});
  }
  fmt::print("{}{} steps, saved in {}\n", table.text(), grouped(result.steps), r.out);
  return 0;
}

}  // namespace

void add_trace_command(CLI::App& root, Command& chosen) {
  CLI::App* app = root.add_subcommand("trace", "Record the lines of a model's cells while it reads a text");
  auto r = std::make_shared<Request>();
  add_explain_options(app, *r);
  app->add_option("--lines", r->lines, "Lines of the cells or their inputs, as f,i,o,C,h; default: all")
      ->delimiter(',')
      ->type_name("NAMES");
  app->add_option("--layers", r->layers, "Layers, from 0; default: all")->delimiter(',')->type_name("N");
  app->add_option("--out", r->out, "Where to: .safetensors, .json or .csv")->type_name("FILE");
  app->footer(
      "Examples:\n  cellwright trace book.safetensors --text \"It was\" --out trace.safetensors\n"
      "  cellwright trace book.safetensors --input page.txt --lines f,C --layers 0 --out trace.csv");
  app->callback([&chosen, r] { chosen.run = [r] { return run(*r); }; });
}

}  // namespace cellwright::app
