// random_generator.h: inner header of random_cell.cpp (the way through), random_expression.cpp (values) and
// random_remarks.cpp (starts, initialisations, structures, zones).
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "property/recipe.h"

namespace cellwright {

using Kind = Term::Kind;

inline constexpr double kLargestLine = 4;  ///< a line that may grow beyond is squashed

inline Term call(const std::string& f, Term a, double bound) {
  Term t{Kind::kCall, f, 0, a.type, bound, {}};
  t.args.push_back(std::move(a));
  return t;
}

inline Term join(Kind kind, const std::string& text, Term a, Term b, double bound) {
  Term t{kind, text, 0, a.type.scalar() ? b.type : a.type, bound, {}};
  t.args.push_back(std::move(a));
  t.args.push_back(std::move(b));
  return t;
}

inline Term binary(const std::string& op, Term a, Term b, double bound) {
  return join(Kind::kBinary, op, std::move(a), std::move(b), bound);
}

inline Term number(const std::string& text) {
  return {Kind::kNumber, text, 0, {}, std::abs(std::stod(text)), {}};
}

/// Draws one recipe. Every draw is a statement of its own: the order in which arguments are evaluated differs
/// by compiler.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed, hash_name("random cell")) { recipe_.seed = seed; }

  CellRecipe make();

 private:
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_.below(n, drawn_++)); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  int between(int a, int b) { return a + static_cast<int>(below(static_cast<std::size_t>(b - a + 1))); }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }
  int size(SizeType t) const;
  void shape();
  void declare();
  void fill(Line& line);
  // What real cells are made of: a state kept by a gate.
  Term cell_line(const std::string& self, SizeType type);
  Term squash(Term t);
  Term name(const std::string& text, int delay, SizeType type);
  /// A line or an input of just this type, now or earlier; false if there is none.
  bool anchor(SizeType type, Term& out);
  /// A type that something anchors: what a matrix or a sum may work on.
  Term any_anchor();
  /// Any value that tells its own size.
  Term anchored(int depth);
  Term anchored(Term a, int depth);
  Term parameter(SizeType type);
  Term constant(SizeType type);
  Term leaf(SizeType type);
  Term literal();
  Term product(SizeType type, int depth);
  Term affine(SizeType type, int depth);
  Term unary(Term a);
  Term pair(Term a, Term b);
  Term reduce(int depth);
  Term scalar(int depth);
  Term every(Term fresh, Term old, SizeType type);
  /// `usual`, or what an optional input brings.
  Term alternative(SizeType type, int depth);
  Term any(SizeType type, int depth);
  void add_loss();
  void choose_outputs();
  void remarks();
  void add(Remark::Kind kind, std::vector<std::string> names, const std::string& text);
  void init_vector(const Term& t);
  void init_matrix(const Term& t);
  void structure(const Term& t);
  void start(const std::string& n, SizeType type);
  void zones(const std::map<std::string, SizeType>& states);

  Random random_;
  std::uint64_t drawn_ = 0;
  CellRecipe recipe_;
  std::size_t defined_ = 0;
  int count_ = 0;
  std::vector<Term> vectors_, matrices_;
};

}  // namespace cellwright
