// doctor.cpp: `cellwright doctor`: what is wrong with a model or with a training.
#include "explain/doctor.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "base/file.h"
#include "cellwright/error.h"
#include "command.h"
#include "data/text_source.h"
#include "explain_request.h"
#include "numbers.h"
#include "table.h"

namespace cellwright::app {
namespace {

struct Request : ExplainRequest {
  std::string log;
  int batch = 1;
  ExamineOptions options;
};

void print(const Examination& e) {
  Table table("ll");
  for (const Diagnosis& d : e.found) table.row({kind_name(d.kind), d.text});
  fmt::print("{}", e.found.empty() ? "nothing wrong was found\n" : table.text());
  if (e.norms == 0) return;
  fmt::print("\ngradient norms: median {:.3g}, largest {:.3g}, of {}\n", e.median_norm, e.largest_norm,
             grouped(e.norms));
  if (e.clip > 0) fmt::print("a bound that clips one in ten: --clip {:g}\n", e.clip);
}

/// The text in lanes side by side: [steps, lanes].
std::vector<std::int32_t> in_lanes(const std::vector<std::int32_t>& tokens, int lanes, int* steps) {
  *steps = static_cast<int>(tokens.size()) / lanes;
  std::vector<std::int32_t> all;
  for (int t = 0; t < *steps; ++t) {
    for (int b = 0; b < lanes; ++b) all.push_back(tokens[static_cast<std::size_t>(b * *steps + t)]);
  }
  return all;
}

int run(const Request& r) {
  if (r.log.empty() == r.model.empty())
    throw SpecError(r.log.empty() ? "nothing to look at: give a model and a text, or --log FILE"
                                  : "a model and --log are two patients; give one of them");
  if (!r.log.empty()) {
    print(examine_log(read_text(r.log), r.log));
    return 0;
  }
  if (r.batch < 1) throw SpecError(fmt::format("--batch must be 1 or more, found {}", r.batch));
  Reading reading(r);
  const int lanes = std::min(r.batch, std::max(1, reading.size() / 2));
  int steps = 0;
  const std::vector<std::int32_t> tokens = in_lanes(reading.text.tokens, lanes, &steps);
  print(examine(reading.model, tokens.data(), steps, lanes, r.options));
  return 0;
}

}  // namespace

void add_doctor_command(CLI::App& root, Command& chosen) {
  CLI::App* app =
      root.add_subcommand("doctor", "Find what is wrong with a model, or with a training by its log");
  auto r = std::make_shared<Request>();
  add_explain_options(app, *r);
  app->get_option("model")->required(false);
  app->add_option("--log", r->log, "A log of 'train text --log' instead of a model")->type_name("FILE");
  app->add_option("--batch", r->batch, "Cut the text into so many sequences side by side")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--lags", r->options.lags, "How many steps back gradients are followed")
      ->type_name("N")
      ->capture_default_str();
  app->footer(
      "Examples:\n  cellwright doctor book.safetensors --input page.txt\n"
      "  cellwright doctor --log run.jsonl");
  app->callback([&chosen, r] { chosen.run = [r] { return run(*r); }; });
}

}  // namespace cellwright::app
