// text_features.cpp: labels from the text alone, and the information two sequences share.
#include "explain/text_features.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace cellwright {
namespace {

bool is_one_of(const std::string& piece, const char* const* begin, const char* const* end) {
  return std::any_of(begin, end, [&](const char* c) { return piece == c; });
}

/// Between opening and closing signs; a sign that is both turns it about. A line's end ends what was left
/// open too long.
std::vector<int> inside(const std::vector<std::string>& pieces, const std::vector<const char*>& opening,
                        const std::vector<const char*>& closing) {
  std::vector<int> labels;
  int depth = 0;
  for (const std::string& piece : pieces) {
    const bool opens = is_one_of(piece, opening.data(), opening.data() + opening.size());
    const bool closes = is_one_of(piece, closing.data(), closing.data() + closing.size());
    if (opens && closes) {
      depth = depth > 0 ? 0 : 1;
    } else if (opens) {
      ++depth;
    } else if (closes) {
      depth = std::max(0, depth - 1);
    }
    labels.push_back(depth > 0);
  }
  return labels;
}

std::vector<int> where(const std::vector<std::string>& pieces, bool (*holds)(const std::string&)) {
  std::vector<int> labels;
  for (const std::string& piece : pieces) labels.push_back(holds(piece));
  return labels;
}

std::vector<int> line_position(const std::vector<std::string>& pieces, int bins) {
  std::vector<float> position;
  float at = 0;
  for (const std::string& piece : pieces) {
    at = piece == "\n" || piece == "<eos>" ? 0 : at + 1;
    position.push_back(at);
  }
  const std::vector<unsigned char> binned = quantile_bins(position.data(), position.size(), 1, bins);
  return {binned.begin(), binned.end()};
}

std::vector<int> ends_in(const std::vector<std::string>& pieces, const std::string& wanted) {
  std::vector<int> labels;
  std::string tail;
  for (const std::string& piece : pieces) {
    tail += piece;
    if (tail.size() > wanted.size()) tail.erase(0, tail.size() - wanted.size());
    labels.push_back(tail == wanted);
  }
  return labels;
}

}  // namespace

std::vector<TextFeature> text_features(const std::vector<std::string>& pieces,
                                       const std::vector<std::string>& strings, int least) {
  constexpr int kPositions = 8;
  std::vector<TextFeature> all;
  all.push_back({"inside quotes", inside(pieces, {"\"", "“", "«", "„"}, {"\"", "”", "»", "“"}), 2});
  all.push_back({"inside brackets", inside(pieces, {"(", "[", "{"}, {")", "]", "}"}), 2});
  all.push_back({"after a space",
                 where(pieces, [](const std::string& p) { return p == " " || p == "\n" || p == "\t"; }), 2});
  all.push_back({"at a capital",
                 where(pieces, [](const std::string& p) { return !p.empty() && p[0] >= 'A' && p[0] <= 'Z'; }),
                 2});
  all.push_back({"at a digit",
                 where(pieces, [](const std::string& p) { return !p.empty() && p[0] >= '0' && p[0] <= '9'; }),
                 2});
  if (std::count(pieces.begin(), pieces.end(), "\n") + std::count(pieces.begin(), pieces.end(), "<eos>") >= 5)
    all.push_back({"position in the line", line_position(pieces, kPositions), kPositions});
  for (const std::string& s : strings) all.push_back({"after '" + s + "'", ends_in(pieces, s), 2});
  std::vector<TextFeature> kept;
  for (TextFeature& f : all) {
    const auto zeros = std::count(f.labels.begin(), f.labels.end(), 0);
    const auto others = static_cast<std::ptrdiff_t>(f.labels.size()) - zeros;
    if (zeros >= least && others >= least) kept.push_back(std::move(f));
  }
  return kept;
}

std::vector<unsigned char> quantile_bins(const float* values, std::size_t count, std::size_t stride,
                                         int bins) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto value = [&](std::size_t i) {
    const float v = values[i * stride];
    return std::isnan(v) ? 0.0f : v;  // NaN has no place in an order
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return value(a) < value(b); });
  std::vector<unsigned char> binned(count);
  for (std::size_t r = 0; r < count; ++r) {
    const bool same = r > 0 && value(order[r]) == value(order[r - 1]);
    binned[order[r]] =
        same ? binned[order[r - 1]] : static_cast<unsigned char>(r * static_cast<std::size_t>(bins) / count);
  }
  return binned;
}

double mutual_information(const unsigned char* bins, int bin_count, const std::vector<int>& labels,
                          int label_count, std::size_t shift) {
  constexpr std::size_t kMost = 16;
  std::array<std::array<int, kMost>, kMost> joint{};
  const std::size_t n = labels.size();
  std::size_t t = 0;
  for (std::size_t s = shift; s < n; ++s, ++t) ++joint[bins[t]][static_cast<std::size_t>(labels[s])];
  for (std::size_t s = 0; s < shift; ++s, ++t) ++joint[bins[t]][static_cast<std::size_t>(labels[s])];
  std::array<double, kMost> of_bin{}, of_label{};
  for (std::size_t b = 0; b < static_cast<std::size_t>(bin_count); ++b) {
    for (std::size_t l = 0; l < static_cast<std::size_t>(label_count); ++l) {
      of_bin[b] += joint[b][l];
      of_label[l] += joint[b][l];
    }
  }
  double sum = 0;
  for (std::size_t b = 0; b < static_cast<std::size_t>(bin_count); ++b) {
    for (std::size_t l = 0; l < static_cast<std::size_t>(label_count); ++l) {
      const double c = joint[b][l];
      if (c > 0) sum += c * std::log(c * static_cast<double>(n) / (of_bin[b] * of_label[l]));
    }
  }
  return sum / static_cast<double>(n);
}

double entropy(const std::vector<int>& labels, int count) {
  std::vector<double> share(static_cast<std::size_t>(count), 0.0);
  for (int l : labels) share[static_cast<std::size_t>(l)] += 1.0 / static_cast<double>(labels.size());
  double sum = 0;
  for (double p : share) {
    if (p > 0) sum -= p * std::log(p);
  }
  return sum;
}

}  // namespace cellwright
