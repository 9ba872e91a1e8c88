// confusion.h: how classes were taken for one another: counts, accuracy, recall, as text and as a picture.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cellwright {

class Confusion {
 public:
  explicit Confusion(std::vector<std::string> classes);

  void add(int truth, int guess);
  const std::vector<std::string>& classes() const { return classes_; }
  std::int64_t count(int truth, int guess) const;
  std::int64_t members(int truth) const;
  std::int64_t total() const;
  std::int64_t right() const;
  double accuracy() const;         ///< 0 of none
  double recall(int truth) const;  ///< the part of its members that were recognised; 0 of none

  /// A table: a row a class with its members, its recall and what they were taken for. More than 20 classes:
  /// only the recalls, and the most frequent mistakes.
  std::string text() const;

 private:
  std::size_t at(int truth, int guess) const;

  std::vector<std::string> classes_;
  std::vector<std::int64_t> counts_;  // [truth][guess]
};

}  // namespace cellwright
