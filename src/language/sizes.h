// sizes.h: sizes by unification. A size variable stands for a number of units; equal ones are merged
// (union-find), and what is known of a class carries the reason, so that a conflict can name both places.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "language/syntax.h"

namespace cellwright::syntax {

inline constexpr std::int64_t kMaxSize = 16777216;  ///< units of one value

using SizeVar = int;

class Sizes {
 public:
  explicit Sizes(const Cell& cell) : cell_(cell) {}

  SizeVar fresh();
  /// `reason` as in "input 'x' at 2:10"; a CellError at `where` if the variable is another number already.
  void set(SizeVar v, std::int64_t value, const std::string& reason, const std::string& what,
           SourceRange where);
  /// `what_a`, `what_b` name the two values in a message.
  void unify(SizeVar a, SizeVar b, const std::string& what_a, const std::string& what_b, SourceRange where);
  void concat(SizeVar whole, std::vector<SizeVar> parts, SourceRange where);
  void split(SizeVar whole, SizeVar piece, int pieces, SourceRange where);
  /// Applies concat and split until nothing new follows. CellError where they do not fit.
  void solve();

  int value(SizeVar v);  ///< 0 if it is unknown
  bool same(SizeVar a, SizeVar b) { return root(a) == root(b); }

 private:
  struct Class {
    SizeVar parent;
    std::int64_t value = 0;
    std::string reason;
  };
  struct Sum {
    SizeVar whole;
    std::vector<SizeVar> parts;  ///< whole = sum of parts; a split repeats its piece
    bool is_split;
    SourceRange where;
  };

  SizeVar root(SizeVar v);
  bool apply(const Sum& sum);
  std::string told(SizeVar v);

  const Cell& cell_;
  std::vector<Class> classes_;
  std::vector<Sum> sums_;
};

}  // namespace cellwright::syntax
