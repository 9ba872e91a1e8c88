// char_ngram.cpp: a character n-gram model, the baseline that a recurrent model of a text has to beat.
//
// Usage: char_ngram TRAIN TEST [ORDER=5]. Counts n-grams of NFC code points in TRAIN and prints the mean
// negative log probability of TEST in nats a character, under two smoothings, each interpolated through all
// orders down to a uniform distribution over TRAIN's characters and one more, the unknown one. A character
// that TRAIN lacks is priced as that one symbol.
//
//   Witten-Bell (Witten & Bell 1991, method C): with n the count of a context, t the number of distinct
//   characters after it,
//     p(c|context) = (count(context c) + t p(c|shorter)) / (n + t).
//   Modified Kneser-Ney (Chen & Goodman 1999, eq. 26-30): a count of 1, 2, more loses D1, D2, D3, and the sum
//   of what was lost
//     goes to the shorter context; below the highest order a count is the number of distinct characters in
//     front of the n-gram.

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/utf8.h"
#include "cellwright/error.h"
#include "data/text_source.h"

namespace {

/// Counts of 1, of 2 and of more are discounted differently.
std::size_t class_of(std::uint32_t count) { return count < 3 ? count - 1 : 2; }

/// What follows one context.
struct Followers {
  std::unordered_map<char32_t, std::uint32_t> counts;
  std::uint64_t total = 0;
  std::array<std::uint64_t, 3> distinct = {};  ///< characters by class_of() their count

  void add(char32_t c) {
    std::uint32_t& count = counts[c];
    if (count > 0) --distinct[class_of(count)];
    ++count;
    ++total;
    ++distinct[class_of(count)];
  }
};

/// All contexts of one length.
using Table = std::unordered_map<std::u32string, Followers>;

class Model {
 public:
  /// `kneser_ney`: else Witten-Bell.
  Model(const std::u32string& text, std::size_t order, bool kneser_ney)
      : kneser_ney_(kneser_ney), tables_(order) {
    uniform_ = 1.0 / static_cast<double>(std::unordered_set<char32_t>(text.begin(), text.end()).size() + 1);
    for (std::size_t length = order; length-- > 0;) {
      if (kneser_ney && length + 1 < order) {
        for (const auto& [context, followers] : tables_[length + 1]) {
          for (const auto& [c, count] : followers.counts) tables_[length][context.substr(1)].add(c);
        }
      } else {
        for (std::size_t i = length; i < text.size(); ++i)
          tables_[length][text.substr(i - length, length)].add(text[i]);
      }
      discounts_.insert(discounts_.begin(), discounts_of(tables_[length]));
    }
  }

  double probability(std::u32string_view before, char32_t c) const {
    double p = uniform_;
    for (std::size_t length = 0; length < tables_.size() && length <= before.size(); ++length) {
      const auto found = tables_[length].find(std::u32string(before.substr(before.size() - length)));
      if (found == tables_[length].end()) break;  // nor is any longer context there
      const Followers& f = found->second;
      const auto follower = f.counts.find(c);
      const std::uint32_t count = follower == f.counts.end() ? 0 : follower->second;
      double kept = count, passed_on = static_cast<double>(f.counts.size()),
             total = static_cast<double>(f.total);
      if (kneser_ney_) {
        const std::array<double, 3>& d = discounts_[length];
        passed_on = 0;
        for (std::size_t k = 0; k < 3; ++k) passed_on += d[k] * static_cast<double>(f.distinct[k]);
        if (count > 0) kept -= d[class_of(count)];
      } else {
        total += passed_on;
      }
      p = (kept + passed_on * p) / total;
    }
    return p;
  }

 private:
  /// From how many n-grams of this length occur 1, 2, 3 and 4 times; 0.75 where too few do for the formula to
  /// hold.
  static std::array<double, 3> discounts_of(const Table& table) {
    std::array<double, 4> n = {};
    for (const auto& [context, followers] : table) {
      for (const auto& [c, count] : followers.counts) {
        if (count <= 4) n[count - 1] += 1;
      }
    }
    std::array<double, 3> d = {0.75, 0.75, 0.75};
    const double y = n[0] / (n[0] + 2 * n[1]);
    for (std::size_t k = 0; k < 3; ++k) {
      const double value = static_cast<double>(k + 1) - static_cast<double>(k + 2) * y * n[k + 1] / n[k];
      if (std::isfinite(value) && value > 0 && value < static_cast<double>(k + 1)) d[k] = value;
    }
    return d;
  }

  bool kneser_ney_;
  double uniform_ = 1;
  std::vector<Table> tables_;                     ///< by the context's length
  std::vector<std::array<double, 3>> discounts_;  ///< likewise
};

double nats_per_character(const Model& model, std::u32string_view text) {
  double sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    sum -= std::log(model.probability(text.substr(0, i), text[i]));
  return sum / static_cast<double>(text.size());
}

std::u32string characters(const char* path) {
  return cellwright::decode_utf8(cellwright::normalize_nfc(cellwright::read_text(std::string(path))));
}

}  // namespace

int main(int argc, char** argv) {
  const long order = argc == 4 ? std::strtol(argv[3], nullptr, 10) : 5;
  if (argc < 3 || argc > 4 || order < 1 || order > 20) {
    fmt::print(stderr, "usage: char_ngram TRAIN TEST [ORDER, 1 to 20; default 5]\n");
    return 2;
  }
  try {
    const std::u32string train = characters(argv[1]), test = characters(argv[2]);
    const std::unordered_set<char32_t> known(train.begin(), train.end());
    std::size_t unseen = 0;
    for (const char32_t c : test) unseen += known.count(c) == 0;
    fmt::print("trained on {} characters ({} distinct), tested on {}, of which {} unseen in training\n",
               train.size(), known.size(), test.size(), unseen);
    for (const bool kneser_ney : {false, true}) {
      const Model model(train, static_cast<std::size_t>(order), kneser_ney);
      fmt::print("interpolated {}-gram, {}: {:.4f} nats/char\n", order,
                 kneser_ney ? "modified Kneser-Ney" : "Witten-Bell", nats_per_character(model, test));
    }
  } catch (const cellwright::Error& e) {
    fmt::print(stderr, "char_ngram: {}\n", e.what());
    return 1;
  }
  return 0;
}
