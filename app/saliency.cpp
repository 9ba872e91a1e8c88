// saliency.cpp: `cellwright saliency`: how much each token that was read speaks for a prediction.
#include "explain/saliency.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cellwright/error.h"
#include "command.h"
#include "explain_request.h"
#include "numbers.h"
#include "table.h"

namespace cellwright::app {
namespace {

struct Request : ExplainRequest {
  std::optional<int> at;
  std::optional<std::string> target;
  SaliencyOptions options;
  int top = 15;
};

std::string as_json(const Saliency& s, const TracedText& text, const std::string& target) {
  nlohmann::ordered_json tokens = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < s.integrated.size(); ++i) {
    tokens.push_back({{"step", i},
                      {"piece", text.pieces[i]},
                      {"gradient_input", s.gradient_input[i]},
                      {"integrated", s.integrated[i]}});
  }
  const nlohmann::ordered_json all = {{"target", target},
                                      {"log_probability", s.log_probability},
                                      {"baseline", s.baseline},
                                      {"points", s.points},
                                      {"gap", s.gap},
                                      {"complete", s.complete},
                                      {"tokens", std::move(tokens)}};
  return all.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string as_csv(const Saliency& s, const TracedText& text) {
  std::string out = "step,piece,gradient_input,integrated\n";
  for (std::size_t i = 0; i < s.integrated.size(); ++i) {
    std::string piece = text.pieces[i];
    for (std::size_t at = 0; (at = piece.find('"', at)) != std::string::npos; at += 2) piece.insert(at, "\"");
    out += fmt::format("{},\"{}\",{:.9g},{:.9g}\n", i, piece, s.gradient_input[i], s.integrated[i]);
  }
  return out;
}

int run(Request r) {
  if (!r.out.empty() && !has_ending(r.out, ".json") && !has_ending(r.out, ".csv"))
    throw SpecError(
        fmt::format("--out {}: a saliency is written as .json or .csv; give one of these endings", r.out));
  if (r.top < 1) throw SpecError(fmt::format("--top must be 1 or more, found {}", r.top));
  if (r.options.points < 1)
    throw SpecError(fmt::format("--points must be 1 or more, found {}", r.options.points));
  Reading reading(r);
  int count = reading.size();
  if (r.at) {
    if (*r.at < 1 || *r.at >= count)
      throw SpecError(fmt::format("--at {}: a token at a place 1 … {} can be predicted from those before it",
                                  *r.at, count - 1));
    count = *r.at;
    r.options.target = reading.text.tokens[static_cast<std::size_t>(count)];
  }
  const Vocabulary& vocabulary = reading.saved.vocabulary;
  if (r.target) {
    const auto found = vocabulary.find(*r.target);
    if (!found)
      throw SpecError(
          fmt::format("--target '{}' is none of the model's {}", *r.target, vocabulary.kind_name()));
    r.options.target = *found;
  }
  const Saliency s = saliency(reading.model, reading.text.tokens.data(), count, r.options);
  const std::string target = vocabulary.entry(s.target);
  fmt::print("{} after {} tokens has probability {:.4g}; with all inputs 0 it would have {:.4g}\n\n", visible(target),
             grouped(count), std::exp(s.log_probability), std::exp(s.baseline));
  std::vector<std::size_t> order(s.integrated.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::fabs(s.integrated[a]) > std::fabs(s.integrated[b]);
  });
  const std::size_t shown = std::min(order.size(), static_cast<std::size_t>(r.top));
  std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown));
  Table table("rlrr");
  table.row({"step", "", "integrated", "gradient × input"});
  double rest = 0, sum = 0, rest_input = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    sum += s.integrated[order[i]];
    if (i < shown) {
      table.row({std::to_string(order[i]), visible(reading.text.pieces[order[i]]),
                 fmt::format("{:+.4f}", s.integrated[order[i]]),
                 fmt::format("{:+.4f}", s.gradient_input[order[i]])});
    } else {
      rest += s.integrated[order[i]];
      rest_input += s.gradient_input[order[i]];
    }
  }
  if (shown < order.size())
    table.row({"", fmt::format("{} others", grouped(static_cast<std::int64_t>(order.size() - shown))),
               fmt::format("{:+.4f}", rest), fmt::format("{:+.4f}", rest_input)});
  table.row({"", "sum", fmt::format("{:+.4f}", sum), ""});
  fmt::print(
      "{}log probability {:.4f}, at the baseline {:.4f}: the sum misses their difference by {:.1e}, with {} "
      "points{}\n",
      table.text(), s.log_probability, s.baseline, std::fabs(s.gap), s.points,
      s.complete ? "" : "; that is not complete, give more --points");
  if (r.out.empty()) return 0;
  write_text(r.out, has_ending(r.out, ".json") ? as_json(s, reading.text, target) : as_csv(s, reading.text));
  fmt::print("saved in {}\n", r.out);
  return 0;
}

}  // namespace

void add_saliency_command(CLI::App& root, Command& chosen) {
  CLI::App* app =
      root.add_subcommand("saliency", "Show which tokens speak for a prediction, and which against it");
  auto r = std::make_shared<Request>();
  add_explain_options(app, *r);
  app->add_option("--at", r->at,
                  "Predict the token at this place of the text, from 1, instead of the one after it")
      ->type_name("N");
  app->add_option("--target", r->target,
                  "The token whose probability is meant; default: the likeliest, with --at the text's own")
      ->type_name("TOKEN");
  app->add_option("--points", r->options.points,
                  "Points of the integral at first; they are doubled until it is complete")
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--top", r->top, "How many tokens are shown")->type_name("N")->capture_default_str();
  app->add_option("--out", r->out, "All tokens to a file: .json or .csv")->type_name("FILE");
  app->footer(
      "Examples:\n  cellwright saliency book.safetensors --text \"He said \\\"no\\\" and\"\n"
      "  cellwright saliency book.safetensors --input page.txt --at 120 --out saliency.csv");
  app->callback([&chosen, r] { chosen.run = [r] { return run(*r); }; });
}

}  // namespace cellwright::app
