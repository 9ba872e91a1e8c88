// sizes.cpp: start at unify(); concat and split are sums that solve() works off.
#include "language/sizes.h"

#include <set>

#include "language/diagnostic.h"

namespace cellwright::syntax {

SizeVar Sizes::fresh() {
  const auto v = static_cast<SizeVar>(classes_.size());
  classes_.push_back({v, 0, ""});
  return v;
}

SizeVar Sizes::root(SizeVar v) {
  while (classes_[static_cast<std::size_t>(v)].parent != v) {
    auto& parent = classes_[static_cast<std::size_t>(v)].parent;
    parent = classes_[static_cast<std::size_t>(parent)].parent;
    v = parent;
  }
  return v;
}

int Sizes::value(SizeVar v) { return static_cast<int>(classes_[static_cast<std::size_t>(root(v))].value); }

std::string Sizes::told(SizeVar v) {
  const Class& c = classes_[static_cast<std::size_t>(root(v))];
  return std::to_string(c.value) + (c.reason.empty() ? "" : " (" + c.reason + ")");
}

void Sizes::set(SizeVar v, std::int64_t value, const std::string& reason, const std::string& what,
                SourceRange where) {
  Class& c = classes_[static_cast<std::size_t>(root(v))];
  if (c.value != 0 && c.value != value) {
    fail(cell_, where,
         "size conflict: " + what + " has size " + told(v) + ", but must have " + std::to_string(value) +
             " (" + reason + ")",
         "make the two sizes agree");
  }
  if (c.value != 0) return;
  if (value > kMaxSize) {
    fail(cell_, where, what + " would have " + std::to_string(value) + " units",
         "a value has at most " + std::to_string(kMaxSize));
  }
  c.value = value;
  c.reason = reason;
}

void Sizes::unify(SizeVar a, SizeVar b, const std::string& what_a, const std::string& what_b,
                  SourceRange where) {
  const SizeVar ra = root(a);
  const SizeVar rb = root(b);
  if (ra == rb) return;
  Class& first = classes_[static_cast<std::size_t>(ra)];
  Class& second = classes_[static_cast<std::size_t>(rb)];
  if (first.value != 0 && second.value != 0 && first.value != second.value) {
    fail(cell_, where,
         "size conflict: " + what_a + " has size " + told(a) + ", " + what_b + " has size " + told(b),
         "these must be equal; a product W·… brings a value to another size");
  }
  // The class that knows its number stays on top, with its reason.
  if (first.value == 0) {
    first.parent = rb;
  } else {
    second.parent = ra;
  }
}

void Sizes::concat(SizeVar whole, std::vector<SizeVar> parts, SourceRange where) {
  sums_.push_back({whole, std::move(parts), false, where});
}

void Sizes::split(SizeVar whole, SizeVar piece, int pieces, SourceRange where) {
  sums_.push_back({whole, std::vector<SizeVar>(static_cast<std::size_t>(pieces), piece), true, where});
}

// True if something became known.
bool Sizes::apply(const Sum& sum) {
  std::int64_t known = 0;
  std::set<SizeVar> missing;
  std::int64_t times = 0;
  for (const SizeVar part : sum.parts) {
    const std::int64_t size = value(part);
    known += size;
    if (size == 0) missing.insert(root(part)), ++times;
  }
  const std::int64_t whole = value(sum.whole);
  const std::string at = " at " + place(sum.where);
  const std::string what = sum.is_split ? "the vector that is split" : "the list";
  if (missing.empty()) {
    if (whole == known) return false;
    set(sum.whole, known,
        sum.is_split ? std::to_string(sum.parts.size()) + " equal parts" + at : "sum of the parts" + at, what,
        sum.where);
    return true;
  }
  if (whole == 0 || missing.size() > 1) return false;
  const std::int64_t rest = whole - known;
  if (rest <= 0 || rest % times != 0) {
    if (sum.is_split) {
      fail(cell_, sum.where,
           "split does not divide: size " + told(sum.whole) + " into " + std::to_string(times) +
               " equal parts",
           "make the size a multiple of " + std::to_string(times));
    }
    fail(cell_, sum.where,
         "size conflict: the list has size " + told(sum.whole) + ", its parts already " +
             std::to_string(known));
  }
  set(*missing.begin(), rest / times, (sum.is_split ? "a part of a split" : "a part of a list") + at, what,
      sum.where);
  return true;
}

void Sizes::solve() {
  // Each round settles at least one variable or ends; classes_.size() bounds the rounds.
  for (bool changed = true; changed;) {
    changed = false;
    for (const Sum& sum : sums_) changed |= apply(sum);
  }
}

}  // namespace cellwright::syntax
