// scheme.h: what a picture of a cell consists of: boxes, circles, ports and what flows between them, without
// any place yet.
//
// Where to start: Part, then make_scheme(). Always holds: everything comes from the lowered graph (lower(),
// before canonicalize(): that keeps the lines as they were written; the canonical form would cut products and
// shuffle sums); a part has one value; parts stand in an order in which each comes after those it reads. The
// graph and not the text, so that optional inputs are resolved, sizes agree, and a cell that was built by
// other means can be drawn as well.
#pragma once

#include <string>
#include <vector>

#include "draw/math_text.h"
#include "graph/graph.h"

namespace cellwright::draw {

enum class PartKind : std::uint8_t {
  kInput,     ///< port from below: x
  kPrevious,  ///< a state's old value, from the left
  kNext,      ///< a state's new value, to the right
  kOutput,    ///< port to above: h; a loss too
  kLayer,     ///< yellow box: products with matrices, bias, activation
  kOp,        ///< pink: unit by unit
  kVector,    ///< blue: over the units of a vector, by time, at random
  kConstant,  ///< a parameter or number that stands by itself
  kJoin,      ///< where lines meet: concatenation
};

/// Something that a part reads.
struct Feed {
  int from = -1;
  MathText tag;       ///< what happens on the way in: "p_f ×" of a peephole, "−" of a subtrahend
  bool side = false;  ///< a peephole: enters a layer from the side, not with its main input
};

struct Part {
  PartKind kind = PartKind::kOp;
  std::string name;                      ///< line or port of the cell; "" for a part of a line
  std::vector<std::string> other_names;  ///< lines that this part swallowed or that repeat it
  std::string id;                        ///< unique in the picture: the name itself where it has one
  MathText label;                        ///< stands in the shape
  MathText caption;                      ///< stands at the line that leaves it
  bool no_bias = false;                  ///< of a layer; the rule is to have one
  std::string title;
  std::vector<Feed> feeds;
  int index = -1;         ///< port or state
  Op op = Op::kIdentity;  ///< of kOp and kVector
};

/// A state's way through unit-by-unit operations from old to new value.
struct Belt {
  int previous = -1;
  int next = -1;
  std::vector<int> ops;
};

struct Scheme {
  std::string cell;
  std::string equations;  ///< all lines, for a screen reader
  std::vector<Part> parts;
  std::vector<Belt>
      belts;  ///< the first is the one that a reader sees as the conveyor belt; no two share an op

  const Part& operator[](int part) const { return parts[static_cast<std::size_t>(part)]; }
  Part& operator[](int part) { return parts[static_cast<std::size_t>(part)]; }
  int size() const { return static_cast<int>(parts.size()); }
};

inline constexpr int kMostParts = 1000;
/// A picture of more is hard to read anyhow: lines that are good enough will do.
inline constexpr int kManyParts = 120;

/// SpecError where the cell has more parts than anybody could read.
Scheme make_scheme(const Graph& graph);

/// Steps of make_scheme().
void add_joins(Scheme& scheme);  ///< a layer's several main feeds meet in joins that layers share
void find_belts(Scheme& scheme);

}  // namespace cellwright::draw
