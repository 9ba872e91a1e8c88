// labelled.cpp: see labelled.h.
#include "data/labelled.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include "base/rng.h"
#include "cellwright/error.h"

namespace cellwright {
namespace {

bool before(const std::string& a, const std::string& b) {
  char *end_a = nullptr, *end_b = nullptr;
  const double x = std::strtod(a.c_str(), &end_a), y = std::strtod(b.c_str(), &end_b);
  const bool numbers = !a.empty() && !b.empty() && *end_a == '\0' && *end_b == '\0' && x != y;
  return numbers ? x < y : a < b;
}

// Members of each class, drawn into an order.
std::map<std::string, std::vector<std::size_t>> drawn_members(const LabelledData& data, std::uint64_t seed) {
  const Random random(seed, hash_name("classes.parts"));
  std::map<std::string, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < data.items.size(); ++i) members[data.items[i].label].push_back(i);
  for (auto& [label, all] : members)
    std::sort(all.begin(), all.end(), [&](std::size_t a, std::size_t b) {
      return std::make_pair(random.bits(a), a) < std::make_pair(random.bits(b), b);
    });
  return members;
}

}  // namespace

std::vector<std::string> classes_of(const LabelledData& data) {
  if (!data.classes.empty()) return data.classes;
  std::vector<std::string> classes;
  for (const LabelledSequence& s : data.items) classes.push_back(s.label);
  std::sort(classes.begin(), classes.end(), before);
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  return classes;
}

void check(const LabelledData& data) {
  std::map<std::string, std::vector<const LabelledSequence*>> members;
  for (const LabelledSequence& s : data.items) {
    if (s.steps < 1) throw FormatError(fmt::format("{}: it has no steps", s.name));
    if (s.values.size() != static_cast<std::size_t>(s.steps) * static_cast<std::size_t>(data.width)) {
      throw FormatError(fmt::format("{}: {} numbers in {} steps, but others have {} a step", s.name,
                                    s.values.size(), s.steps, data.width));
    }
    members[s.label].push_back(&s);
  }
  if (members.size() < 2) {
    throw SpecError(fmt::format("there {} to tell apart, found {}; at least two classes are needed",
                                members.empty() ? "is nothing" : "is one class",
                                members.empty() ? "no sequence" : "'" + members.begin()->first + "' alone"));
  }
  for (const auto& [label, all] : members) {
    if (all.size() == 1) {
      throw SpecError(
          fmt::format("class '{}' has one member ({}): there is nothing to learn it from and measure it by; "
                      "give it more, or "
                      "leave it out",
                      label, all[0]->name));
    }
  }
}

std::vector<std::size_t> even_part(const LabelledData& data, int part, int parts, std::uint64_t seed) {
  std::vector<std::size_t> chosen;
  std::size_t dealt = 0;  // classes go on where the one before ended, so that parts are of one size
  for (const auto& [label, all] : drawn_members(data, seed)) {
    for (const std::size_t i : all) {
      if (dealt++ % static_cast<std::size_t>(parts) == static_cast<std::size_t>(part)) chosen.push_back(i);
    }
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

LabelledData take_fraction(LabelledData& data, double fraction, std::uint64_t seed) {
  LabelledData taken;
  taken.width = data.width;
  taken.classes = data.classes;
  std::vector<std::uint8_t> out(data.items.size(), 0);
  for (const auto& [label, all] : drawn_members(data, seed)) {
    const auto wanted = static_cast<std::size_t>(std::llround(fraction * static_cast<double>(all.size())));
    const std::size_t n = all.size() < 2 ? 0 : std::clamp<std::size_t>(wanted, 1, all.size() - 1);
    for (std::size_t i = 0; i < n; ++i) out[all[i]] = 1;
  }
  std::vector<LabelledSequence> rest;
  for (std::size_t i = 0; i < out.size(); ++i)
    (out[i] ? taken.items : rest).push_back(std::move(data.items[i]));
  data.items = std::move(rest);
  return taken;
}

Scaling scaling_of(const LabelledData& data) {
  std::vector<const std::vector<float>*> arrays;
  for (const LabelledSequence& s : data.items) arrays.push_back(&s.values);
  return scaling_of(data.width, arrays);
}

SequenceSet to_sequences(const LabelledData& data, const std::vector<std::string>& classes,
                         const Scaling& scaling) {
  SequenceSet set;
  set.inputs = data.width;
  set.target_width = 1;
  set.each = false;
  std::map<std::string, int> number;
  for (std::size_t i = 0; i < classes.size(); ++i) number[classes[i]] = static_cast<int>(i);
  const auto n = static_cast<std::size_t>(data.width);
  for (const LabelledSequence& s : data.items) {
    const auto found = number.find(s.label);
    if (found == number.end()) {
      std::string known;
      for (std::size_t i = 0; i < classes.size() && i < 10; ++i)
        known += (i ? ", '" : "'") + classes[i] + "'";
      throw SpecError(fmt::format("{}: label '{}' is none of the classes {}{}", s.name, s.label, known,
                                  classes.size() > 10 ? ", …" : ""));
    }
    if (n != scaling.mean.size() || s.values.size() != static_cast<std::size_t>(s.steps) * n) {
      throw SpecError(fmt::format("{}: {} numbers a step, but the model was trained on {}", s.name,
                                  data.width, scaling.mean.size()));
    }
    Sequence to;
    to.name = s.name;
    to.steps = s.steps;
    to.inputs = scaled(s.values, scaling);
    to.targets = {static_cast<float>(found->second)};
    set.sequences.push_back(std::move(to));
  }
  return set;
}

void centre_points(LabelledData& data, int size) {
  if (size < 1 || data.width % size != 0) {
    throw SpecError(fmt::format("points of {} coordinates do not fit steps of {} numbers", size, data.width));
  }
  const auto n = static_cast<std::size_t>(data.width), step = static_cast<std::size_t>(size);
  for (LabelledSequence& s : data.items) {
    for (std::size_t t = 0; t < s.values.size(); t += n) {
      for (std::size_t c = 0; c < step; ++c) {
        double sum = 0;
        int count = 0;
        for (std::size_t i = c; i < n; i += step) {
          if (std::isnan(s.values[t + i])) continue;
          sum += static_cast<double>(s.values[t + i]);
          ++count;
        }
        for (std::size_t i = c; i < n && count > 0; i += step)
          s.values[t + i] -= static_cast<float>(sum / count);
      }
    }
  }
}

void append_differences(LabelledData& data) {
  const auto n = static_cast<std::size_t>(data.width);
  for (LabelledSequence& s : data.items) {
    std::vector<float> values;
    for (std::size_t t = 0; t < static_cast<std::size_t>(s.steps); ++t) {
      const float *now = s.values.data() + t * n, *last = t > 0 ? now - n : now;
      values.insert(values.end(), now, now + n);
      for (std::size_t i = 0; i < n; ++i) values.push_back(now[i] - last[i]);
    }
    s.values = std::move(values);
  }
  data.width *= 2;
}

}  // namespace cellwright
