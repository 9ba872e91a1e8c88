// random_remarks.cpp: lines beside the equations: start at Generator::remarks.
#include <fmt/format.h>

#include <algorithm>

#include "property/random_generator.h"

namespace cellwright {

void Generator::remarks() {
  std::map<std::string, SizeType> states;
  std::map<std::string, int> uses;
  for (const Line& line : recipe_.lines) {
    each_term(line.value, [&](const Term& t) {
      if (t.kind == Kind::kName && t.delay > 0) states[t.text] = t.type;
      if (t.kind == Kind::kProduct) ++uses[t.text];
    });
  }
  for (const Line& line : recipe_.lines) {
    each_term(line.value, [&](const Term& t) {
      if (t.kind == Kind::kParam && one_in(4)) init_vector(t);
      if (t.kind != Kind::kProduct) return;
      if (uses[t.text] == 1 && t.args[0].kind != Kind::kList && !t.args[0].type.scalar() &&
          t.args[0].type.times == 1 && one_in(4))
        structure(t);
      if (one_in(4)) init_matrix(t);
    });
  }
  for (const auto& [n, type] : states) start(n, type);
  zones(states);
}

void Generator::add(Remark::Kind kind, std::vector<std::string> names, const std::string& text) {
  for (const Remark& r : recipe_.remarks) {
    if (r.kind == kind && r.names == names) return;
  }
  recipe_.remarks.push_back({kind, std::move(names), text, 2, {}, {}});
}

void Generator::init_vector(const Term& t) {
  static const std::vector<std::string> kStarts = {
      "1", "-0.5", "uniform(-0.1, 0.1)", "normal(0, 0.02)", "chrono(20)", "0"};
  add(Remark::Kind::kInit, {t.text}, pick(kStarts));
}

void Generator::init_matrix(const Term& t) {
  static const std::vector<std::string> kStarts = {"orthogonal",         "glorot",         "identity",
                                                   "uniform(-0.2, 0.2)", "normal(0, 0.1)", "0.5"};
  std::string n = t.text;
  const Term& first = t.args[0].kind == Kind::kList ? t.args[0].args[0] : t.args[0];
  const bool shared =
      std::count_if(matrices_.begin(), matrices_.end(), [&](const Term& m) { return m.text == t.text; }) > 1;
  if (first.kind == Kind::kName && one_in(2) && !shared && !first.type.scalar()) {
    n += one_in(2) && first.delay ? fmt::format("[{}[t-{}]]", first.text, first.delay)
                                  : fmt::format("[{}]", first.text);
  }
  add(Remark::Kind::kInit, {n}, pick(kStarts));
}

void Generator::structure(const Term& t) {
  static const std::vector<Remark::Kind> kKinds = {Remark::Kind::kBlocks, Remark::Kind::kBlocksOption,
                                                   Remark::Kind::kUpper, Remark::Kind::kUpper};
  recipe_.remarks.push_back({pick(kKinds), {t.text}, "", between(2, 3), t.type, t.args[0].type});
}

void Generator::start(const std::string& n, SizeType type) {
  switch (below(8)) {
    case 0:
      return add(Remark::Kind::kStart, {n}, one_in(2) ? "0.5" : "-0.25");
    case 1:
      recipe_.remarks.push_back({Remark::Kind::kStartList, {n}, "", 1, type, {}});
      return;
    case 2:
    case 3:
      if (!type.scalar()) add(Remark::Kind::kStartParam, {n}, "p_start" + std::to_string(++count_));
      return;
    default:
      return;
  }
}

void Generator::zones(const std::map<std::string, SizeType>& states) {
  std::vector<std::string> lines;
  for (const auto& [n, type] : states) {
    const bool input = std::any_of(recipe_.inputs.begin(), recipe_.inputs.end(),
                                   [&, &state = n](const InputPort& p) { return p.name == state; });
    if (!input && type == SizeType{0, 1}) lines.push_back(n);
  }
  if (lines.empty() || !one_in(4)) return;
  if (lines.size() > 2) lines.pop_back();
  add(Remark::Kind::kZone, lines, "");
}

}  // namespace cellwright
