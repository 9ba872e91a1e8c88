// no_raster.cpp: stands in for raster_module.cpp in a build without librsvg.
#include "cellwright/error.h"
#include "draw/raster.h"

namespace cellwright::draw {
namespace {

[[noreturn]] void fail() {
  throw SpecError(
      "this build writes pictures as SVG alone; for PNG and PDF install librsvg (Debian: librsvg2-dev) and "
      "build again");
}

}  // namespace

bool have_raster() { return false; }
void need_raster() { fail(); }
std::string render_png(std::string_view, double) { fail(); }
std::string render_pdf(std::string_view) { fail(); }

}  // namespace cellwright::draw
