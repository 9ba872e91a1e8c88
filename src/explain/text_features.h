// text_features.h: what a unit may track in a text: a label for every token that has been read.
#pragma once

#include <string>
#include <vector>

namespace cellwright {

struct TextFeature {
  std::string name;         ///< "inside quotes"
  std::vector<int> labels;  ///< per token, 0 … count - 1, as of after it was read
  int count = 2;
};

/// Position in the line (8 bins of equal share), inside "quotes", inside brackets, after a space, at a
/// capital, at a digit, and for each of `strings` whether the text so far ends in it. Features that hold for
/// fewer than `least` tokens, or for all but so few, are left out.
std::vector<TextFeature> text_features(const std::vector<std::string>& pieces,
                                       const std::vector<std::string>& strings, int least);

/// The bin of each value, by rank: 0 … bins - 1 with equal shares; equal values share the lowest bin of
/// theirs.
std::vector<unsigned char> quantile_bins(const float* values, std::size_t count, std::size_t stride,
                                         int bins);

/// Mutual information in nats of two labelled sequences of equal length, the second shifted round by `shift`.
double mutual_information(const unsigned char* bins, int bin_count, const std::vector<int>& labels,
                          int label_count, std::size_t shift);

double entropy(const std::vector<int>& labels, int count);  ///< in nats

}  // namespace cellwright
