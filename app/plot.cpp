// plot.cpp: `cellwright plot`: a figure from a file of numbers, so that no script has plotting code of its
// own.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "cellwright/error.h"
#include "choice.h"
#include "command.h"
#include "data/csv.h"
#include "draw/plot.h"
#include "draw/theme.h"
#include "picture.h"

namespace cellwright::app {
namespace {

struct PlotRequest {
  std::string data, out = "-", kind, x, title, description, x_label, y_label, theme, language;
  std::vector<std::string> y;
  bool log_x = false, log_y = false, rtl = false;
  int width = 0, height = 0;
  double scale = 1;  ///< of a PNG
  std::optional<double> x_min, x_max, y_min, y_max;
};

/// JSON begins with a brace, whatever the file is called.
bool is_json(const std::string& text) {
  std::size_t at = text.compare(0, 3, "\xEF\xBB\xBF") == 0 ? 3 : 0;
  at = text.find_first_not_of(" \t\r\n", at);
  return at != std::string::npos && (text[at] == '{' || text[at] == '[');
}

draw::Plot read_plot(const PlotRequest& request) {
  const std::string name = request.data == "-" ? "standard input" : request.data;
  const std::string text = read_file(request.data);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) throw FormatError(name + ": it is empty");
  if (is_json(text)) {
    if (!request.x.empty() || !request.y.empty() || !request.kind.empty())
      throw SpecError(
          fmt::format("{} is JSON and says itself what kind and which columns; --kind, --x and --y are "
                      "for tables",
                      name));
    return draw::plot_from_json(text, name);
  }
  draw::TableColumns columns;
  if (!request.kind.empty()) columns.kind = draw::plot_kind(request.kind);
  columns.x = request.x;
  columns.y = request.y;
  return draw::plot_from_table(read_csv(text, name), columns);
}

/// What the command line says goes before what the file says.
void apply(const PlotRequest& request, draw::Plot& plot) {
  const auto text = [](const std::string& given, std::string& to) {
    if (!given.empty()) to = given;
  };
  const auto number = [](const std::optional<double>& given, std::optional<double>& to) {
    if (given) to = given;
  };
  text(request.title, plot.title);
  text(request.description, plot.description);
  text(request.x_label, plot.x.label);
  text(request.y_label, plot.y.label);
  text(request.theme, plot.theme);
  text(request.language, plot.language);
  plot.x.log = plot.x.log || request.log_x;
  plot.y.log = plot.y.log || request.log_y;
  plot.rtl = plot.rtl || request.rtl;
  if (request.width > 0) plot.width = request.width;
  if (request.height > 0) plot.height = request.height;
  number(request.x_min, plot.x.min);
  number(request.x_max, plot.x.max);
  draw::Axis& y = plot.kind == draw::PlotKind::kHeat ? plot.heat.scale : plot.y;
  number(request.y_min, y.min);
  number(request.y_max, y.max);
}

int make_plot(const PlotRequest& request) {
  check_picture("--out", request.out);
  draw::Plot plot = read_plot(request);
  apply(request, plot);
  write_picture(request.out, draw::plot_svg(plot), request.scale);
  return 0;
}

}  // namespace

void add_plot_command(CLI::App& root, Command& chosen) {
  CLI::App* app = root.add_subcommand("plot", "Draw lines, bars or a heat map from a file of numbers");
  auto r = std::make_shared<PlotRequest>();
  app->add_option("data", r->data,
                  "A table (.csv, with a line of names), a plot in JSON, or - for standard input")
      ->required()
      ->type_name("FILE");
  app->add_option("--out", r->out, "File ending in .svg, .png or .pdf; - for SVG on standard output")
      ->type_name("FILE")
      ->capture_default_str();
  choice(app->add_option("--kind", r->kind, "Of a table (default: line where x holds numbers, else bar)"),
         {"line", "bar", "heat"});
  app->add_option("--x", r->x, "Column of x, or of the bars' or rows' names (default: the first)")
      ->type_name("COL");
  app->add_option("--y", r->y, "Columns to show; COL_low and COL_high are its error (default: all others)")
      ->type_name("COL,COL")
      ->delimiter(',')
      ->allow_extra_args(false);
  app->add_flag("--log-x", r->log_x, "Logarithmic x");
  app->add_flag("--log-y", r->log_y, "Logarithmic y");
  app->add_option("--title", r->title, "Over the plot")->type_name("TEXT");
  app->add_option("--description", r->description, "What a screen reader says (default: the series in words)")
      ->type_name("TEXT");
  app->add_option("--x-label", r->x_label, "Under the x axis")->type_name("TEXT");
  app->add_option("--y-label", r->y_label, "Over the y axis")->type_name("TEXT");
  for (const auto& [flag, to, what] :
       {std::tuple{"--x-min", &r->x_min, "Where x begins"}, std::tuple{"--x-max", &r->x_max, "Where x ends"},
        std::tuple{"--y-min", &r->y_min, "Where y, or a heat map's colour, begins"},
        std::tuple{"--y-max", &r->y_max, "Where it ends"}})
    app->add_option(flag, *to, what)->type_name("X");
  choice(app->add_option("--theme", r->theme, "Colours (default: light)"), draw::theme_names());
  app->add_flag("--rtl", r->rtl, "From right to left");
  app->add_option("--language", r->language, "Of the texts, as ar")->type_name("CODE");
  app->add_option("--width", r->width, "Pixels (default: 720)")->type_name("N");
  app->add_option("--height", r->height, "Pixels (default: what suits)")->type_name("N");
  add_scale_option(app, r->scale);
  app->footer(
      "Examples:\n  cellwright plot speed.csv --out speed.svg\n"
      "  cellwright plot runs.csv --x epoch --y train,valid --log-y --y-label \"nats a token\" --out "
      "runs.svg\n"
      "  cellwright plot figure.json --theme dark --out figure.svg");
  app->callback([&chosen, r] { chosen.run = [r] { return make_plot(*r); }; });
}

}  // namespace cellwright::app
