// lengths.cpp: see lengths.h.
#include "lab/lengths.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cellwright/error.h"

namespace cellwright::lab {

std::vector<int> lengths_or(const std::vector<int>& asked, const std::vector<int>& own, int least, int most) {
  std::vector<int> lengths = asked.empty() ? own : asked;
  for (const int length : lengths) {
    if (length < least || length > most)
      throw SpecError(fmt::format("--lengths must lie in {} … {} here, found {}", least, most, length));
  }
  std::sort(lengths.begin(), lengths.end());
  lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
  return lengths;
}

std::vector<Point> points_at(const std::vector<int>& lengths, int longest_trained) {
  std::vector<Point> points;
  for (const int length : lengths)
    points.push_back({length, 0, std::to_string(length), length > longest_trained});
  return points;
}

int draw_length(int low, int high, RandomDraw& draw) {
  const double from = low - 0.5, to = high + 0.5;
  const auto length = static_cast<int>(std::lround(from * std::pow(to / from, draw.uniform())));
  return std::clamp(length, low, high);
}

}  // namespace cellwright::lab
