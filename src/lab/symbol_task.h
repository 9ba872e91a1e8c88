// symbol_task.h: what tasks over symbols have in common: their words, lengths, and the drawing of a length.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lab/lengths.h"
#include "lab/token_task.h"

namespace cellwright::lab {

class SymbolTask : public TokenTask {
 public:
  std::string name() const override { return name_; }
  std::string length_name() const override { return length_name_; }
  const std::vector<std::string>& words() const override { return words_; }
  std::vector<Point> points() const override { return points_at(lengths_, longest_trained_); }
  double chance(const Point&) const override { return chance_; }
  Point training_point(RandomDraw& draw) const override {
    return {draw_length(shortest_trained_, longest_trained_, draw), 0, ""};
  }

 protected:
  SymbolTask(std::string name, std::string length_name, std::vector<std::string> words,
             std::vector<int> lengths, double chance)
      : lengths_(std::move(lengths)),
        name_(std::move(name)),
        length_name_(std::move(length_name)),
        words_(std::move(words)),
        chance_(chance),
        shortest_trained_(lengths_.front()),
        longest_trained_(lengths_.back()) {}
  void train_between(int shortest, int longest) {
    shortest_trained_ = shortest;
    longest_trained_ = longest;
  }

  std::vector<int> lengths_;

 private:
  std::string name_, length_name_;
  std::vector<std::string> words_;
  double chance_;
  int shortest_trained_, longest_trained_;
};

/// Reads a token at which `answer` is asked for; -1: nothing is.
inline void read(Sample& sample, std::int32_t token, std::int32_t answer = -1) {
  sample.tokens.push_back(token);
  sample.targets.push_back(answer);
}

}  // namespace cellwright::lab
