// predictions.cpp: start at predict().
#include "explain/predictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/denormals.h"
#include "cellwright/error.h"
#include "explain/watch.h"

namespace cellwright {

Predictions predict(Model<float>& model, const std::int32_t* tokens, int steps, int top) {
  if (steps < 1) throw SpecError("there is no token to read");
  if (top < 1) throw SpecError(fmt::format("the {} likeliest tokens were asked for; at least 1", top));
  const auto classes = static_cast<std::size_t>(model.spec().classes);
  Predictions result;
  result.steps = steps;
  result.top = std::min(top, model.spec().classes);
  Watch<float> watch(model, {});
  ModelState<float> state = model.make_state(1);
  std::vector<float> logits(classes);
  std::vector<double> p(classes);
  std::vector<std::int32_t> order(classes);
  const FlushDenormals flush;
  constexpr int kWindow = 256;
  for (int first = 0; first < steps; first += kWindow) {
    const int count = std::min(kWindow, steps - first);
    watch.forward(false, tokens + first, count, state);
    const auto width = static_cast<std::size_t>(watch.head().inputs());
    for (int s = 0; s < count; ++s) {
      watch.head().logits(watch.stack().output(0) + static_cast<std::size_t>(s) * width, 1, logits.data());
      const double most = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
      for (std::size_t c = 0; c < classes; ++c) {
        p[c] = std::exp(static_cast<double>(logits[c]) - most);
        if (!(p[c] >= 0)) p[c] = 0;  // a NaN is no probability, and has no place in an order
      }
      const double sum = std::max(std::accumulate(p.begin(), p.end(), 0.0), 1e-300);
      std::iota(order.begin(), order.end(), 0);
      const auto likelier = [&](std::int32_t a, std::int32_t b) {
        const double pa = p[static_cast<std::size_t>(a)], pb = p[static_cast<std::size_t>(b)];
        return pa > pb || (pa == pb && a < b);
      };
      std::partial_sort(order.begin(), order.begin() + result.top, order.end(), likelier);
      for (int k = 0; k < result.top; ++k) {
        const std::int32_t token = order[static_cast<std::size_t>(k)];
        result.tokens.push_back(token);
        result.probabilities.push_back(static_cast<float>(p[static_cast<std::size_t>(token)] / sum));
      }
      const int t = first + s;
      if (t + 1 == steps) {
        result.of_next.push_back(-1);
        result.rank.push_back(0);
        continue;
      }
      const std::int32_t next = tokens[t + 1];
      result.of_next.push_back(static_cast<float>(p[static_cast<std::size_t>(next)] / sum));
      result.rank.push_back(
          1 + static_cast<int>(std::count_if(order.begin(), order.end(),
                                             [&](std::int32_t c) { return likelier(c, next); })));
    }
  }
  return result;
}

}  // namespace cellwright
