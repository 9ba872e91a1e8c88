// sequences.cpp: see sequences.h.
#include "data/sequences.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/rng.h"
#include "cellwright/error.h"

namespace cellwright {
namespace {

constexpr int kPool = 8;  // batches that are sorted together

void cut(const std::vector<int>& order, int batch, BatchPlan& plan) {
  for (std::size_t at = 0; at < order.size(); at += static_cast<std::size_t>(batch)) {
    const auto first = order.begin() + static_cast<std::ptrdiff_t>(at);
    const auto count = std::min(order.size() - at, static_cast<std::size_t>(batch));
    plan.emplace_back(first, first + static_cast<std::ptrdiff_t>(count));
  }
}

// Indices 0 … n-1 in an order drawn from the stream.
std::vector<int> drawn_order(std::size_t n, const Random& random, std::uint64_t epoch) {
  std::vector<std::pair<std::uint64_t, int>> keys;
  for (std::size_t i = 0; i < n; ++i) keys.emplace_back(random.bits(i, epoch), static_cast<int>(i));
  std::sort(keys.begin(), keys.end());
  std::vector<int> order;
  for (const auto& key : keys) order.push_back(key.second);
  return order;
}

template <class V>
void add_bytes(std::uint64_t& hash, const std::vector<V>& values) {
  const auto mix = [&](std::uint64_t x) { hash = (hash ^ x) * 0x100000001b3u; };
  mix(values.size());
  mix(hash_name({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(V)}));
}

}  // namespace

std::int64_t SequenceSet::steps() const {
  std::int64_t n = 0;
  for (const Sequence& s : sequences) n += s.steps;
  return n;
}

std::int64_t SequenceSet::targets() const {
  if (!each) return static_cast<std::int64_t>(sequences.size());
  std::int64_t n = 0;
  for (const Sequence& s : sequences) {
    n += s.counted.empty() ? s.steps
                           : std::count_if(s.counted.begin(), s.counted.end(), [](auto c) { return c != 0; });
  }
  return n;
}

std::uint64_t SequenceSet::hash() const {
  std::uint64_t hash = hash_name("sequences");
  for (const Sequence& s : sequences) {
    add_bytes(hash, s.inputs);
    add_bytes(hash, s.symbols);
    add_bytes(hash, s.targets);
    add_bytes(hash, s.counted);
    if (!s.labels.empty()) add_bytes(hash, s.labels);
  }
  return hash;
}

void SequenceSet::check() const {
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const Sequence& s = sequences[i];
    const std::string name = s.name.empty() ? fmt::format("sequence {}", i) : s.name;
    if (s.steps < 1) throw ShapeError(fmt::format("{}: it has no steps", name));
    const auto steps = static_cast<std::size_t>(s.steps);
    const auto need = [&](const char* what, std::size_t found, std::size_t expected) {
      if (found != expected)
        throw ShapeError(
            fmt::format("{}: {} {} for {} steps, expected {}", name, found, what, s.steps, expected));
    };
    if (inputs > 0)
      need("inputs", s.inputs.size(), steps * static_cast<std::size_t>(inputs));
    else
      need("symbols", s.symbols.size(), steps);
    need("target numbers", s.targets.size(), (each ? steps : 1) * static_cast<std::size_t>(target_width));
    if (!s.counted.empty()) need("marks of what counts", s.counted.size(), steps);
  }
}

BatchPlan batches_by_length(const SequenceSet& set, int batch) {
  std::vector<int> order(set.sequences.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return set.sequences[static_cast<std::size_t>(a)].steps <
           set.sequences[static_cast<std::size_t>(b)].steps;
  });
  BatchPlan plan;
  cut(order, batch, plan);
  return plan;
}

BatchPlan shuffled_batches(const SequenceSet& set, int batch, std::uint64_t seed, int epoch) {
  const auto at = static_cast<std::uint64_t>(epoch);
  std::vector<int> order = drawn_order(set.sequences.size(), Random(seed, hash_name("order.sequences")), at);
  BatchPlan plan;
  const auto pool = static_cast<std::size_t>(batch) * kPool;
  for (std::size_t first = 0; first < order.size(); first += pool) {
    const std::size_t last = std::min(order.size(), first + pool);
    std::vector<int> some(order.begin() + static_cast<std::ptrdiff_t>(first),
                          order.begin() + static_cast<std::ptrdiff_t>(last));
    std::stable_sort(some.begin(), some.end(), [&](int a, int b) {
      return set.sequences[static_cast<std::size_t>(a)].steps <
             set.sequences[static_cast<std::size_t>(b)].steps;
    });
    cut(some, batch, plan);
  }
  BatchPlan shuffled;
  for (const int i : drawn_order(plan.size(), Random(seed, hash_name("order.batches")), at))
    shuffled.push_back(std::move(plan[static_cast<std::size_t>(i)]));
  return shuffled;
}

void gather(const SequenceSet& set, const std::vector<int>& lanes, int first, int steps,
            SequenceBatch& batch) {
  const std::size_t n = lanes.size(), inputs = static_cast<std::size_t>(set.inputs),
                    width = static_cast<std::size_t>(set.target_width);
  int longest = 0;
  for (const int i : lanes) longest = std::max(longest, set.sequences[static_cast<std::size_t>(i)].steps);
  batch.steps = std::max(0, longest - first);
  if (steps > 0) batch.steps = std::min(batch.steps, steps);
  batch.lanes = static_cast<int>(n);
  const std::size_t rows = static_cast<std::size_t>(batch.steps) * n, heads = set.each ? rows : n;
  batch.inputs.assign(rows * inputs, 0);
  batch.symbols.assign(inputs > 0 ? 0 : rows, 0);
  batch.targets.assign(heads * width, 0);
  batch.mask.assign(rows, 0);
  batch.counted.assign(heads, set.each ? 0 : 1);
  batch.labels.clear();
  for (std::size_t b = 0; b < n; ++b) {
    const Sequence& s = set.sequences[static_cast<std::size_t>(lanes[b])];
    const int last = std::min(s.steps, first + batch.steps);
    batch.labels.push_back(s.labels);
    if (!set.each)
      std::copy_n(s.targets.begin(), width, batch.targets.begin() + static_cast<std::ptrdiff_t>(b * width));
    for (int t = first; t < last; ++t) {
      const std::size_t row = static_cast<std::size_t>(t - first) * n + b, at = static_cast<std::size_t>(t);
      batch.mask[row] = 1;
      if (inputs > 0)
        std::copy_n(s.inputs.data() + at * inputs, inputs, batch.inputs.data() + row * inputs);
      else
        batch.symbols[row] = s.symbols[at];
      if (!set.each) continue;
      batch.counted[row] = s.counted.empty() ? 1 : s.counted[at];
      std::copy_n(s.targets.data() + at * width, width, batch.targets.data() + row * width);
    }
  }
  batch.padded = std::count(batch.mask.begin(), batch.mask.end(), 0) > 0;
  batch.counts = std::count(batch.counted.begin(), batch.counted.end(), 0) <
                 static_cast<std::ptrdiff_t>(batch.counted.size());
}

}  // namespace cellwright
