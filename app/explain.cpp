// explain.cpp: `cellwright explain`: all that happened inside a model while it read a text, as one page.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cellwright/error.h"
#include "command.h"
#include "explain_request.h"
#include "model_request.h"
#include "numbers.h"
#include "report/report.h"

namespace cellwright::app {
namespace {

struct Request : ExplainRequest {
  ReportOptions options;
};

int run(const Request& r) {
  if (r.out.empty()) throw SpecError("no file to write to: give --out report.html");
  if (!has_ending(r.out, ".html") && !has_ending(r.out, ".htm"))
    throw SpecError(fmt::format("--out {}: a report is a page; give a name that ends in .html", r.out));
  if (!report_language(r.options.language))
    throw SpecError(fmt::format("--lang {}: the page speaks en and ar", r.options.language));
  Reading reading(r);
  ReportOptions options = r.options;
  options.name = r.model.substr(r.model.find_last_of('/') + 1);
  options.description = describe(reading.saved.spec, reading.saved.vocabulary);
  const std::string page = make_report(reading.model, reading.saved.vocabulary, reading.text.tokens, options);
  write_text(r.out, page);
  const int shown = std::min(options.steps, reading.size());
  const std::string of = shown < reading.size()
                             ? fmt::format("the first {} of {} tokens (--steps for more)", grouped(shown),
                                           grouped(reading.size()))
                             : fmt::format("{} token{}", grouped(shown), shown == 1 ? "" : "s");
  fmt::print("{}, {}B, saved in {}\n", of, short_count(static_cast<double>(page.size())), r.out);
  return 0;
}

}  // namespace

void add_explain_command(CLI::App& root, Command& chosen) {
  CLI::App* app =
      root.add_subcommand("explain", "Make a page that shows what happens inside a model, step by step");
  auto r = std::make_shared<Request>();
  add_explain_options(app, *r);
  app->add_option("--out", r->out, "The page, .html: one file that needs no network")->type_name("FILE");
  app->add_option("--lang", r->options.language,
                  "Language of the page when it opens; it can be switched there")
      ->type_name("en|ar")
      ->capture_default_str();
  app->add_option("--steps", r->options.steps, "Show the first so many tokens of the text")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--top", r->options.top, "Likeliest tokens shown at each step")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--lags", r->options.lags, "How many steps back gradients are followed")
      ->type_name("N")
      ->capture_default_str();
  app->footer(
      "Examples:\n  cellwright explain book.safetensors --text \"It was the best of times\" --out "
      "report.html\n"
      "  cellwright explain book.safetensors --input page.txt --lang ar --out report.html");
  app->callback([&chosen, r] { chosen.run = [r] { return run(*r); }; });
}

}  // namespace cellwright::app
