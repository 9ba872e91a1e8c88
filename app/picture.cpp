#include "picture.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "cellwright/error.h"
#include "draw/raster.h"
#include "out_folder.h"

namespace cellwright::app {
namespace {

bool ends_in(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

bool is_picture(const std::string& path) {
  return ends_in(path, ".svg") || ends_in(path, ".png") || ends_in(path, ".pdf");
}

void check_picture(const std::string& option, const std::string& path) {
  if (path.empty() || path == "-") return;
  if (!is_picture(path)) throw SpecError(fmt::format("{} '{}' must end in .svg, .png or .pdf", option, path));
  check_folder(option, path);
  if (!ends_in(path, ".svg")) draw::need_raster();
}

void write_picture(const std::string& path, const std::string& svg, double scale) {
  if (path.empty() || path == "-") {
    fmt::print("{}", svg);
  } else {
    write_file_atomically(path, ends_in(path, ".png")   ? draw::render_png(svg, scale)
                                : ends_in(path, ".pdf") ? draw::render_pdf(svg)
                                                        : svg);
  }
}

void add_scale_option(CLI::App* app, double& scale) {
  app->add_option("--scale", scale, "Pixels of a PNG for each of the picture's")
      ->type_name("X")
      ->check(CLI::Range(0.1, 10.0).description(""))
      ->capture_default_str();
}

}  // namespace cellwright::app
