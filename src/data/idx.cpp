// idx.cpp: images of the MNIST format as sequences; see labelled_files.h.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/rng.h"
#include "cellwright/error.h"
#include "data/labelled_files.h"

namespace cellwright {
namespace {

std::uint32_t word(std::string_view bytes, std::size_t index, const std::string& name) {
  if (bytes.size() < 4 * index + 4) throw FormatError(fmt::format("{}: it ends within its header", name));
  std::uint32_t n = 0;
  for (std::size_t i = 0; i < 4; ++i) n = n << 8 | static_cast<unsigned char>(bytes[4 * index + i]);
  return n;
}

void need(std::uint32_t magic, std::uint32_t wanted, const char* what, const std::string& name) {
  if (magic != wanted)
    throw FormatError(
        fmt::format("{}: no idx file of {}: it begins with {}, expected {}", name, what, magic, wanted));
}

}  // namespace

LabelledData parse_idx(std::string_view images, std::string_view labels, const std::string& images_name,
                       const std::string& labels_name, ImageReading reading, std::uint64_t seed) {
  need(word(images, 0, images_name), 2051, "images", images_name);
  need(word(labels, 0, labels_name), 2049, "labels", labels_name);
  const std::uint64_t count = word(images, 1, images_name), rows = word(images, 2, images_name),
                      columns = word(images, 3, images_name);
  if (rows < 1 || rows > 4096 || columns < 1 || columns > 4096)
    throw FormatError(
        fmt::format("{}: images of {} × {}; from 1 × 1 to 4096 × 4096 are read", images_name, rows, columns));
  const std::uint64_t pixels = rows * columns;
  if (images.size() != 16 + count * pixels)
    throw FormatError(fmt::format("{}: {} bytes, but {} images of {} × {} take {}", images_name,
                                  images.size(), count, rows, columns, 16 + count * pixels));
  if (word(labels, 1, labels_name) != count || labels.size() != 8 + count)
    throw FormatError(fmt::format("{}: {} labels in {} bytes, but '{}' has {} images", labels_name,
                                  word(labels, 1, labels_name), labels.size(), images_name, count));
  std::vector<std::size_t> order(pixels);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (reading == ImageReading::permuted) {
    const Random random(seed, hash_name("pixels"));
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return std::make_pair(random.bits(a), a) < std::make_pair(random.bits(b), b);
    });
  }
  LabelledData data;
  data.width = reading == ImageReading::rows ? static_cast<int>(columns) : 1;
  for (std::uint64_t i = 0; i < count; ++i) {
    LabelledSequence s;
    s.name = fmt::format("{}: image {}", images_name, i);
    s.label = fmt::format("{}", static_cast<int>(static_cast<unsigned char>(labels[8 + i])));
    s.steps = static_cast<int>(pixels) / data.width;
    s.values.reserve(pixels);
    const char* image = images.data() + 16 + i * pixels;
    for (const std::size_t p : order)
      s.values.push_back(static_cast<float>(static_cast<unsigned char>(image[p])) / 255.0f);
    data.items.push_back(std::move(s));
  }
  if (data.items.empty()) throw FormatError(fmt::format("{}: there is no image in it", images_name));
  return data;
}

}  // namespace cellwright
