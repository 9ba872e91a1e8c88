// confusion.cpp: see confusion.h.
#include "train/confusion.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "cellwright/error.h"

namespace cellwright {
namespace {

constexpr std::size_t kMostShown = 20;

std::string cell(const std::string& text, std::size_t width, bool left) {
  const std::string blanks(width > text.size() ? width - text.size() : 0, ' ');
  return left ? text + blanks : blanks + text;
}

}  // namespace

Confusion::Confusion(std::vector<std::string> classes)
    : classes_(std::move(classes)), counts_(classes_.size() * classes_.size(), 0) {}

std::size_t Confusion::at(int truth, int guess) const {
  const auto n = static_cast<int>(classes_.size());
  if (truth < 0 || truth >= n || guess < 0 || guess >= n)
    throw ShapeError(fmt::format("class {} taken for {}, but there are {}", truth, guess, n));
  return static_cast<std::size_t>(truth) * classes_.size() + static_cast<std::size_t>(guess);
}

void Confusion::add(int truth, int guess) { ++counts_[at(truth, guess)]; }

std::int64_t Confusion::count(int truth, int guess) const { return counts_[at(truth, guess)]; }

std::int64_t Confusion::members(int truth) const {
  std::int64_t n = 0;
  for (std::size_t g = 0; g < classes_.size(); ++g) n += count(truth, static_cast<int>(g));
  return n;
}

std::int64_t Confusion::total() const {
  std::int64_t n = 0;
  for (const std::int64_t c : counts_) n += c;
  return n;
}

std::int64_t Confusion::right() const {
  std::int64_t n = 0;
  for (std::size_t c = 0; c < classes_.size(); ++c) n += count(static_cast<int>(c), static_cast<int>(c));
  return n;
}

double Confusion::accuracy() const {
  return total() > 0 ? static_cast<double>(right()) / static_cast<double>(total()) : 0;
}

double Confusion::recall(int truth) const {
  return members(truth) > 0 ? static_cast<double>(count(truth, truth)) / static_cast<double>(members(truth))
                            : 0;
}

std::string Confusion::text() const {
  const std::size_t n = classes_.size();
  std::size_t name = 5, number = 1;
  for (const std::string& c : classes_) name = std::max(name, c.size());
  for (const std::int64_t c : counts_) number = std::max(number, fmt::format("{}", c).size());
  const bool matrix = n <= kMostShown;
  if (matrix) {
    for (const std::string& c : classes_) number = std::max(number, std::min<std::size_t>(c.size(), 6));
  }
  std::string text = cell("class", name, true) + "  members   recall";
  if (matrix) {
    text += "   taken for";
    for (const std::string& c : classes_) text += " " + cell(c.substr(0, number), number, false);
  }
  text += "\n";
  for (std::size_t t = 0; t < n; ++t) {
    const int truth = static_cast<int>(t);
    text +=
        cell(classes_[t], name, true) + fmt::format("  {:7}  {:5.1f} %", members(truth), 100 * recall(truth));
    if (matrix) {
      text += "            ";
      for (std::size_t g = 0; g < n; ++g) {
        const std::int64_t c = count(truth, static_cast<int>(g));
        text += " " + cell(c > 0 ? fmt::format("{}", c) : "·", c > 0 ? number : number + 1, false);
      }
    }
    text += "\n";
  }
  if (matrix) return text;
  std::vector<std::tuple<std::int64_t, int, int>> mistakes;
  for (int t = 0; t < static_cast<int>(n); ++t) {
    for (int g = 0; g < static_cast<int>(n); ++g) {
      if (t != g && count(t, g) > 0) mistakes.emplace_back(-count(t, g), t, g);
    }
  }
  std::sort(mistakes.begin(), mistakes.end());
  for (std::size_t i = 0; i < mistakes.size() && i < kMostShown; ++i) {
    const auto& [c, t, g] = mistakes[i];
    text += fmt::format("{} of '{}' taken for '{}'\n", -c, classes_[static_cast<std::size_t>(t)],
                        classes_[static_cast<std::size_t>(g)]);
  }
  return text;
}

}  // namespace cellwright
