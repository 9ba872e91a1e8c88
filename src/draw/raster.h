// raster.h: a picture as PNG or PDF, by librsvg and cairo, behind a module that is loaded when it is first
// needed.
#pragma once

#include <string>
#include <string_view>

namespace cellwright::draw {

/// Whether the module is there.
bool have_raster();

/// SpecError, which says what to install: no module.
void need_raster();

/// The picture's pixels, `scale` of them for each of its own. SpecError: no module, or a picture too large
/// for an image.
std::string render_png(std::string_view svg, double scale = 1);

/// One page of the picture's size, 72 of its pixels an inch; text stays text. SpecError: no module.
std::string render_pdf(std::string_view svg);

/// What the module hands out by its one symbol, cellwright_raster_1. Nothing throws across the border: errors
/// are texts, "" is none.
struct RasterModule {
  std::string (*png)(std::string_view svg, double scale, std::string* bytes);
  std::string (*pdf)(std::string_view svg, std::string* bytes);
};

}  // namespace cellwright::draw
