// signature.cpp: read off the statements; nothing is inferred here.
#include "language/signature.h"

#include <algorithm>

namespace cellwright {

Signature signature(const syntax::Cell& cell) {
  using Kind = syntax::Statement::Kind;
  Signature out;
  for (const syntax::Port& p : cell.inputs) out.inputs.push_back({p.name, p.optional, !p.index.empty()});
  for (const syntax::Port& p : cell.outputs) out.outputs.push_back(p.name);
  for (const syntax::Statement& s : cell.statements) {
    if (s.kind == Kind::kSize && s.numbers.empty() && s.word.text != "units") {
      if (std::find(out.size_names.begin(), out.size_names.end(), s.word.text) == out.size_names.end()) {
        out.size_names.push_back(s.word.text);
      }
    }
    if (s.kind == Kind::kOption) {
      std::vector<double> values;
      for (const syntax::Number& n : s.numbers) values.push_back(n.value);
      out.options.emplace_back(s.names[0].text, std::move(values));
    }
  }
  return out;
}

}  // namespace cellwright
