// serve.h: the way bench/run speaks with a program that measures, ours or a peer's, so that several can be
// run in turn. Start at serve(). What always holds: a program works only between a request and its answer.
//
// One request a line on standard input, one answer a line on standard output:
//   load WORDS…   makes a work ready and runs it once. "ready FLOP" (of one unit; 0: not counted) or "absent
//   WHY" run N         runs it N times in a row. Milliseconds of the median run, divided by the units of a
//   run
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

struct Work {
  std::function<void()> run;
  double flop = 0;   ///< of one unit: multiplications and additions of the products alone
  double units = 1;  ///< what one run() does so many times: steps of a stream
};

inline double milliseconds(const std::function<void()>& f) {
  const auto begin = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

inline double median_milliseconds(const Work& work, int runs) {
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) times.push_back(milliseconds(work.run));
  std::nth_element(times.begin(), times.begin() + runs / 2, times.end());
  return times[static_cast<std::size_t>(runs / 2)] / work.units;
}

/// Answers requests until standard input ends. `make` throws where it does not know a work.
inline int serve(const std::function<Work(const std::vector<std::string>& words)>& make) {
  Work work;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    if (words.empty()) continue;
    try {
      if (words[0] == "load") {
        work = {};  // the memory of the last one goes first
        work = make({words.begin() + 1, words.end()});
        work.run();
        std::printf("ready %.6g\n", work.flop);
      } else {
        std::printf("%.6f\n", median_milliseconds(work, std::max(1, std::stoi(words.at(1)))));
      }
    } catch (const std::exception& e) {
      std::string why = e.what();
      std::replace(why.begin(), why.end(), '\n', ' ');
      work = {};
      std::printf("absent %s\n", why.c_str());
    }
    std::fflush(stdout);
  }
  return 0;
}

/// "35,20,200" as whole numbers; throws where there are not `count`.
inline std::vector<int> numbers(const std::string& text, std::size_t count) {
  std::vector<int> values;
  std::istringstream in(text);
  for (std::string value; std::getline(in, value, ',');) values.push_back(std::stoi(value));
  if (values.size() != count)
    throw std::runtime_error("'" + text + "' should be " + std::to_string(count) +
                             " numbers joined by commas");
  return values;
}

}  // namespace bench
