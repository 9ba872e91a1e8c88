// shrink.cpp: start at shrink(). A cut is tried on a copy and kept when the check still fails in the same
// kind; cuts that make the text ill-formed fail in another kind (or not at all) and fall away by themselves.
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
  w += r.steps + r.lanes + 20 * static_cast<long>(r.remarks.size() + r.inputs.size() + r.outputs.size()) +
       2 * static_cast<long>(r.ascii) + static_cast<long>(r.declare_sizes);
  for (const InputPort& p : r.inputs) w += (p.optional ? 5 : 0) + (p.cls > 0 ? 1 : 0);
  for (const Line& line : r.lines) {
    w += 50 + (line.type.cls > 0 ? 5 : 0) + 10 * static_cast<long>(line.names.size()) +
         10 * static_cast<long>(line.loss);
    each_term(line.value, [&](const Term& t) {
      w += 10 + t.delay +
           (t.kind == Term::Kind::kName     ? 0
            : t.kind == Term::Kind::kNumber ? 1
            : t.text == "1"                 ? 1
                                            : 3);
    });
  }
  return w;
}

class Shrinker {
 public:
  Shrinker(CellRecipe recipe, const Check& check, int attempts)
      : best_(std::move(recipe)), check_(check), left_(attempts) {
    kind_ = check(best_).kind;
  }

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

  /// What may stand for a value that is dropped.
  static std::vector<Term> leaves(const CellRecipe& c, SizeType type) {
    std::vector<Term> all;
    for (const InputPort& p : c.inputs) {
      if (!p.optional) all.push_back({Term::Kind::kName, p.name, 0, type, 1, {}});
    }
    for (const int delay : {0, 1}) {
      for (const Line& line : c.lines) {
        if (!line.loss) all.push_back({Term::Kind::kName, line.names[0], delay, type, 1, {}});
      }
    }
    all.push_back({Term::Kind::kNumber, "1", 0, {}, 1, {}});
    return all;
  }

  /// Every use of `names` becomes `leaf`; an output of them becomes `output`, or goes.
  static void replace(CellRecipe& c, const std::vector<std::string>& names, const Term& leaf,
                      const std::string& output) {
    const auto dropped = [&](const std::string& n) {
      return std::find(names.begin(), names.end(), n) != names.end();
    };
    for (Term* t : terms_of(c)) {
      if (t->kind == Term::Kind::kName && dropped(t->text)) *t = leaf;
    }
    c.outputs.erase(std::remove_if(c.outputs.begin(), c.outputs.end(), dropped), c.outputs.end());
    if (c.outputs.empty()) c.outputs.push_back(output);
  }

  bool drop_line(std::size_t i) {
    for (const Line& other : best_.lines) {  // the output that takes the place of a dropped one
      if (&other == &best_.lines[i] || other.loss) continue;
      for (const Term& leaf : leaves(best_, best_.lines[i].type)) {
        const std::string output = other.names[0];
        const bool smaller = change([&](CellRecipe& c) {
          const std::vector<std::string> names = c.lines[i].names;
          c.lines.erase(c.lines.begin() + static_cast<std::ptrdiff_t>(i));
          replace(c, names, leaf, output);
        });
        if (smaller) return true;
      }
    }
    return false;
  }

  void lines() {
    for (std::size_t i = best_.lines.size(); i-- > 0;) drop_line(i);
    for (std::size_t i = best_.lines.size(); i-- > 0;) {
      while (best_.lines[i].names.size() > 1 &&
             change([&](CellRecipe& c) { shorten(c, i, c.lines[i].names.size() - 1); })) {
      }
      if (best_.lines[i].names.size() > 1) change([&](CellRecipe& c) { shorten(c, i, 1); });
    }
    for (int cls = static_cast<int>(best_.sizes.size()) - 1; cls > 0;
         --cls) {  // fewer sizes with names of their own
      change([&](CellRecipe& c) {
        for (Line& line : c.lines) line.type.cls = line.type.cls == cls ? 0 : line.type.cls;
        for (Term* t : terms_of(c)) t->type.cls = t->type.cls == cls ? 0 : t->type.cls;
        for (InputPort& p : c.inputs) p.cls = p.cls == cls ? 0 : p.cls;
        for (Remark& r : c.remarks) {
          for (SizeType* t : {&r.rows, &r.columns}) t->cls = t->cls == cls ? 0 : t->cls;
        }
        c.declare_sizes = true;
      });
    }
  }

  static void shorten(CellRecipe& c, std::size_t line, std::size_t pieces) {
    std::vector<std::string>& names = c.lines[line].names;
    const std::vector<std::string> dropped(names.begin() + static_cast<std::ptrdiff_t>(pieces), names.end());
    names.resize(pieces);
    const std::string first = names[0];
    for (Term* t : terms_of(c)) {
      if (std::find(dropped.begin(), dropped.end(), t->text) != dropped.end() && t->kind == Term::Kind::kName)
        t->text = first;
    }
    std::vector<std::string> outputs;
    for (const std::string& o : c.outputs) {
      const std::string& kept = std::find(dropped.begin(), dropped.end(), o) != dropped.end() ? first : o;
      if (std::find(outputs.begin(), outputs.end(), kept) == outputs.end()) outputs.push_back(kept);
    }
    c.outputs = outputs;
  }

  void ports() {
    for (std::size_t i = best_.inputs.size(); i-- > 0;) {
      change([&](CellRecipe& c) { c.inputs.erase(c.inputs.begin() + static_cast<std::ptrdiff_t>(i)); });
    }
    for (std::size_t i = best_.inputs.size(); i-- > 0;)
      change([&](CellRecipe& c) { c.inputs[i].optional = false, c.inputs[i].present = true; });
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
    for (const Term& leaf : leaves(best_, old.type)) {
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

CellRecipe shrink(CellRecipe recipe, const Check& check, int attempts) {
  return Shrinker(std::move(recipe), check, attempts).run();
}

}  // namespace cellwright
