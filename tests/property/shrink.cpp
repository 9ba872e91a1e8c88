// shrink.cpp: start at shrink(). A cut is tried on a copy and kept when the check still fails in the same kind; cuts that make the text
// ill-formed fail in another kind (or not at all) and fall away by themselves.
#include <algorithm>
#include <string>
#include <vector>

#include "property/check_cell.h"

namespace cellwright {
namespace {

/// Strictly falls with every cut that is kept, so shrinking ends.
long weight(const CellRecipe& r) {
  long w = 0;
  for (const int s : r.sizes) w += s;
  w += r.steps + r.lanes + 20 * static_cast<long>(r.remarks.size() + r.inputs.size() + r.outputs.size()) + 2 * static_cast<long>(r.ascii) + static_cast<long>(r.declare_sizes);
  for (const InputPort& p : r.inputs) w += p.optional ? 5 : 0;
  for (const Line& line : r.lines) {
    w += 50 + 10 * static_cast<long>(line.names.size()) + 10 * static_cast<long>(line.loss);
    each_term(line.value, [&](const Term& t) { w += 10 + t.delay + (t.kind == Term::Kind::kName ? 0 : t.kind == Term::Kind::kNumber ? 1 : t.text == "1" ? 1 : 3); });
  }
  return w;
}

class Shrinker {
 public:
  Shrinker(CellRecipe recipe, const Check& check, int attempts) : best_(std::move(recipe)), check_(check), left_(attempts) { kind_ = check(best_).kind; }

  CellRecipe run() {
    if (kind_.empty()) return best_;
    for (bool smaller = true; smaller && left_ > 0;) {
      const long before = weight(best_);
      lines();
      ports();
      numbers();
      terms();
      smaller = weight(best_) < before;
    }
    return best_;
  }

 private:
  bool keep(const CellRecipe& candidate) {
    if (left_ <= 0 || weight(candidate) >= weight(best_)) return false;
    --left_;
    if (check_(candidate).kind != kind_) return false;
    best_ = candidate;
    return true;
  }

  template <class F>
  bool change(const F& f) {
    CellRecipe c = best_;
    f(c);
    return keep(c);
  }

  void lines() {
    for (std::size_t i = best_.lines.size(); i-- > 0;) {
      change([&](CellRecipe& c) {
        for (const std::string& n : c.lines[i].names) c.outputs.erase(std::remove(c.outputs.begin(), c.outputs.end(), n), c.outputs.end());
        if (c.outputs.empty()) c.outputs.push_back(c.lines[i == 0 && c.lines.size() > 1 ? 1 : 0].names[0]);
        c.lines.erase(c.lines.begin() + static_cast<std::ptrdiff_t>(i));
      });
    }
    for (std::size_t i = best_.lines.size(); i-- > 0;) {
      while (best_.lines[i].names.size() > 1 && change([&](CellRecipe& c) { c.lines[i].names.pop_back(); })) {
      }
      if (best_.lines[i].names.size() > 1) {
        change([&](CellRecipe& c) {
          c.lines[i].names.resize(1);
          for (Term* t : terms_of(c)) t->type.times = 1;
        });
      }
    }
  }

  void ports() {
    for (std::size_t i = best_.inputs.size(); i-- > 0;) {
      change([&](CellRecipe& c) { c.inputs.erase(c.inputs.begin() + static_cast<std::ptrdiff_t>(i)); });
    }
    for (std::size_t i = best_.inputs.size(); i-- > 0;) change([&](CellRecipe& c) { c.inputs[i].optional = false, c.inputs[i].present = true; });
    for (std::size_t i = best_.outputs.size(); i-- > 0 && best_.outputs.size() > 1;) {
      change([&](CellRecipe& c) { c.outputs.erase(c.outputs.begin() + static_cast<std::ptrdiff_t>(i)); });
    }
    for (std::size_t i = best_.remarks.size(); i-- > 0;) {
      change([&](CellRecipe& c) { c.remarks.erase(c.remarks.begin() + static_cast<std::ptrdiff_t>(i)); });
    }
    change([](CellRecipe& c) { c.ascii = false; });
    change([](CellRecipe& c) { c.declare_sizes = false; });
  }

  void numbers() {
    const auto lower_to = [&](auto get, int least) {
      if (get(best_) <= least) return;
      if (change([&](CellRecipe& c) { get(c) = least; })) return;
      while (get(best_) > least && change([&](CellRecipe& c) { --get(c); })) {
      }
    };
    lower_to([](CellRecipe& c) -> int& { return c.lanes; }, 1);
    lower_to([](CellRecipe& c) -> int& { return c.steps; }, 2);
    for (std::size_t i = 0; i < best_.sizes.size(); ++i) {
      lower_to([i](CellRecipe& c) -> int& { return c.sizes[i]; }, 1);
    }
  }

  static void collect(Term& t, std::vector<Term*>& out) {
    out.push_back(&t);
    for (Term& part : t.args) collect(part, out);
  }

  static std::vector<Term*> terms_of(CellRecipe& c) {
    std::vector<Term*> all;
    for (Line& line : c.lines) collect(line.value, all);
    return all;
  }

  void terms() {
    for (std::size_t i = 0; i < terms_of(best_).size(); ++i) {
      // By a part of itself, the nearest first; then by a plain value.
      for (bool again = true; again;) {
        again = false;
        std::vector<Term*> parts;
        CellRecipe c = best_;
        std::vector<Term*> all = terms_of(c);
        if (i >= all.size()) return;
        collect(*all[i], parts);
        for (std::size_t k = 1; k < parts.size() && !again; ++k) {
          again = change([&](CellRecipe& copy) {
            Term part = *parts[k];
            *terms_of(copy)[i] = std::move(part);
          });
        }
      }
      plain(i);
      drop_from_list(i);
      change([&](CellRecipe& c) { terms_of(c)[i]->delay = std::min(terms_of(c)[i]->delay, 1); });
      change([&](CellRecipe& c) { terms_of(c)[i]->delay = 0; });
    }
  }

  void plain(std::size_t i) {
    CellRecipe now = best_;
    const Term old = *terms_of(now)[i];
    if (old.kind == Term::Kind::kName) return;
    std::vector<Term> leaves;
    for (const InputPort& p : best_.inputs) {
      if (!p.optional) leaves.push_back({Term::Kind::kName, p.name, 0, old.type, 1, {}});
    }
    for (const Line& line : best_.lines) {
      if (!line.loss) leaves.push_back({Term::Kind::kName, line.names[0], 1, old.type, 1, {}});
    }
    leaves.push_back({Term::Kind::kNumber, "1", 0, {}, 1, {}});
    for (const Term& leaf : leaves) {
      if (change([&](CellRecipe& c) { *terms_of(c)[i] = leaf; })) return;
    }
  }

  void drop_from_list(std::size_t i) {
    for (std::size_t k = 8; k-- > 0;) {
      CellRecipe now = best_;
      const Term* t = terms_of(now)[i];
      if (t->kind != Term::Kind::kList || k >= t->args.size() || t->args.size() < 2) continue;
      change([&](CellRecipe& c) {
        std::vector<Term>& args = terms_of(c)[i]->args;
        args.erase(args.begin() + static_cast<std::ptrdiff_t>(k));
      });
    }
  }

  CellRecipe best_;
  const Check& check_;
  int left_;
  std::string kind_;
};

}  // namespace

CellRecipe shrink(CellRecipe recipe, const Check& check, int attempts) { return Shrinker(std::move(recipe), check, attempts).run(); }

}  // namespace cellwright
