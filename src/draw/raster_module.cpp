// raster_module.cpp: asks the module that holds librsvg and cairo. no_raster.cpp stands here where the module
// is not built.
#include <fmt/format.h>

#include "base/load_module.h"
#include "cellwright/error.h"
#include "draw/raster.h"

namespace cellwright::draw {
namespace {

const LoadedModule& loaded() {
  static const LoadedModule module = load_module(CELLWRIGHT_RASTER_MODULE, "cellwright_raster_1");
  return module;
}

const RasterModule& the_module() {
  if (loaded().symbol == nullptr) {
    throw SpecError(
        fmt::format("PNG and PDF need the module {}, which cannot be loaded ({}); install librsvg (Debian: "
                    "librsvg2-2), or write .svg",
                    CELLWRIGHT_RASTER_MODULE, loaded().error));
  }
  return *static_cast<const RasterModule*>(loaded().symbol);
}

}  // namespace

bool have_raster() { return loaded().symbol != nullptr; }

void need_raster() { the_module(); }

std::string render_png(std::string_view svg, double scale) {
  std::string bytes;
  const std::string error = the_module().png(svg, scale, &bytes);
  if (!error.empty()) throw SpecError(error);
  return bytes;
}

std::string render_pdf(std::string_view svg) {
  std::string bytes;
  const std::string error = the_module().pdf(svg, &bytes);
  if (!error.empty()) throw SpecError(error);
  return bytes;
}

}  // namespace cellwright::draw
