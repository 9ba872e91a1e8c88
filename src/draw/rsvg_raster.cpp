// rsvg_raster.cpp: the module: librsvg reads the picture, cairo writes it.
#include <cairo-pdf.h>
#include <cairo.h>
#include <fmt/format.h>
#include <librsvg/rsvg.h>

#include <cmath>
#include <memory>

#include "draw/raster.h"

namespace cellwright::draw {
namespace {

struct Delete {
  void operator()(RsvgHandle* p) const { g_object_unref(p); }
  void operator()(cairo_surface_t* p) const { cairo_surface_destroy(p); }
  void operator()(cairo_t* p) const { cairo_destroy(p); }
  void operator()(GError* p) const { g_error_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Delete>;

constexpr double kLargest = 30000;  // pixels a side; cairo's images end at 32767

struct Picture {
  Owned<RsvgHandle> handle;
  double width = 0, height = 0;
};

std::string why(GError* error) {
  const Owned<GError> owned(error);
  return error != nullptr ? error->message : "no reason given";
}

std::string open(std::string_view svg, Picture* picture) {
  GError* error = nullptr;
  picture->handle.reset(
      rsvg_handle_new_from_data(reinterpret_cast<const guint8*>(svg.data()), svg.size(), &error));
  if (!picture->handle) return "librsvg cannot read the picture: " + why(error);
  if (!rsvg_handle_get_intrinsic_size_in_pixels(picture->handle.get(), &picture->width, &picture->height))
    return "the picture does not say how large it is";
  return "";
}

cairo_status_t append(void* closure, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

std::string paint(const Picture& picture, cairo_surface_t* surface, double scale) {
  const Owned<cairo_t> context(cairo_create(surface));
  cairo_scale(context.get(), scale, scale);
  const RsvgRectangle all = {0, 0, picture.width, picture.height};
  GError* error = nullptr;
  if (!rsvg_handle_render_document(picture.handle.get(), context.get(), &all, &error))
    return "librsvg cannot draw the picture: " + why(error);
  const cairo_status_t status = cairo_status(context.get());
  return status == CAIRO_STATUS_SUCCESS ? "" : std::string("cairo: ") + cairo_status_to_string(status);
}

std::string png(std::string_view svg, double scale, std::string* bytes) {
  Picture picture;
  std::string error = open(svg, &picture);
  if (!error.empty()) return error;
  const double width = std::ceil(picture.width * scale), height = std::ceil(picture.height * scale);
  if (!(width >= 1 && height >= 1 && width <= kLargest && height <= kLargest))
    return fmt::format("a PNG of {:.0f} × {:.0f} pixels cannot be made; take a smaller scale, or SVG", width,
                       height);
  const Owned<cairo_surface_t> surface(
      cairo_image_surface_create(CAIRO_FORMAT_ARGB32, static_cast<int>(width), static_cast<int>(height)));
  error = paint(picture, surface.get(), scale);
  if (!error.empty()) return error;
  const cairo_status_t status = cairo_surface_write_to_png_stream(surface.get(), append, bytes);
  return status == CAIRO_STATUS_SUCCESS ? "" : std::string("cairo: ") + cairo_status_to_string(status);
}

std::string pdf(std::string_view svg, std::string* bytes) {
  Picture picture;
  std::string error = open(svg, &picture);
  if (!error.empty()) return error;
  const Owned<cairo_surface_t> surface(
      cairo_pdf_surface_create_for_stream(append, bytes, picture.width, picture.height));
  error = paint(picture, surface.get(), 1);
  cairo_surface_finish(surface.get());
  if (!error.empty()) return error;
  const cairo_status_t status = cairo_surface_status(surface.get());
  return status == CAIRO_STATUS_SUCCESS ? "" : std::string("cairo: ") + cairo_status_to_string(status);
}

}  // namespace
}  // namespace cellwright::draw

extern "C" __attribute__((visibility("default"))) const cellwright::draw::RasterModule cellwright_raster_1;
extern "C" const cellwright::draw::RasterModule cellwright_raster_1 = {&cellwright::draw::png,
                                                                       &cellwright::draw::pdf};
