// graph.h: one step of a cell as a directed acyclic graph, the form everything else is derived from.
//
// Where to start: Node, then Graph. Always holds: nodes stand in topological order (a node's inputs have smaller ids), every
// size is known and positive, every `where` points into the cell's text. A graph describes one lane of one step: a value is a
// vector of `size` numbers; time and batch appear only in compile/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/op.h"

namespace cellwright {

using NodeId = std::int32_t;
inline constexpr NodeId kNoNode = -1;

/// A place in a cell's text. Line and column count from 1; 0 is nowhere. Columns and length count graphemes.
struct SourceRange {
  int line = 0;
  int column = 0;
  int length = 1;
};

struct Node {
  Op op = Op::kConstant;
  std::vector<NodeId> inputs;
  int size = 0;         ///< units of the value; 1 for a scalar
  bool scalar = false;  ///< a true scalar (a literal, sum, mean, dot), which broadcasts; a vector of one unit does not
  int index = -1;       ///< port, state, parameter, output or loss; see op.h
  int offset = 0;       ///< kSlice, kParameter: first entry
  int row = 0;          ///< kMatmul, kMatmulTransposed: first row of the block
  int column = 0;       ///< kMatmul, kMatmulTransposed: first column of the block
  std::vector<double> values;  ///< kConstant: 1 or `size` numbers; kClock: the periods
  std::string name;            ///< the line of the cell this value belongs to ("" for a part of a line)
  SourceRange where;
};

/// How a parameter starts. A column block (`init W_f[h] = orthogonal`) has its own.
struct Initializer {
  enum class Kind : std::uint8_t { kDefault, kConstant, kUniform, kNormal, kOrthogonal, kIdentity, kGlorot, kChrono };
  Kind kind = Kind::kDefault;
  double a = 0;  ///< constant's value, uniform's low end, normal's mean, chrono's T
  double b = 0;  ///< uniform's high end, normal's standard deviation
};

/// A run of a matrix' columns that meets one named operand of the concatenation.
struct ColumnBlock {
  std::string name;  ///< operand as written: "h[t-1]", "x"; "" for an unnamed expression
  int column = 0;
  int columns = 0;
  Initializer initializer;
};

/// Which entries of a matrix exist. Entries outside are zero, are never stored, trained or counted.
enum class Structure : std::uint8_t {
  kDense,
  kBlockDiagonal,  ///< `blocks` equal blocks along the diagonal
  kBlockUpper,     ///< `blocks` × `blocks` equal blocks; those on and above the diagonal
};

struct Parameter {
  std::string name;
  bool matrix = false;
  int rows = 0;     ///< length of a vector
  int columns = 1;  ///< 1 for a vector
  Structure structure = Structure::kDense;
  int blocks = 1;
  Initializer initializer;
  std::vector<ColumnBlock> column_blocks;  ///< matrices only; cover [0, columns)
  bool bias = false;                       ///< a vector named b or b_…: starts at 0 by default
  SourceRange where;
};

/// A value that step t+1 reads. A delay h[t-3] is a chain of such states, the older ones marked `delay`.
struct State {
  std::string name;             ///< of the line; a delay line's links are "h[t-2]", …
  NodeId next = kNoNode;        ///< its value at step t
  int size = 0;
  std::vector<double> start;    ///< 1 or `size` numbers; {0} by default
  int start_parameter = -1;     ///< vector parameter that is learned as the start, or -1
  int zone = -1;                ///< states with the same zone >= 0 share a zoneout mask; -1: a lagged input or delay, exempt
  bool delay = false;
};

struct Port {
  std::string name;
  int size = 0;          ///< 0: an optional input that is absent here
  NodeId node = kNoNode;  ///< inputs: the kInput node; outputs: the value. kNoNode for an absent input
  bool optional = false;
};

struct Loss {
  std::string name;
  NodeId node = kNoNode;  ///< a scalar a step, added to the objective
};

struct Graph {
  std::string name;  ///< of the cell
  std::vector<Node> nodes;
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  std::vector<State> states;
  std::vector<Parameter> parameters;
  std::vector<Loss> losses;

  const Node& operator[](NodeId id) const { return nodes[static_cast<std::size_t>(id)]; }
  Node& operator[](NodeId id) { return nodes[static_cast<std::size_t>(id)]; }
  NodeId add(Node node) {
    nodes.push_back(std::move(node));
    return static_cast<NodeId>(nodes.size()) - 1;
  }
};

/// Number of trained entries: a dense matrix' rows·columns, a structured one's existing entries only.
std::int64_t parameter_count(const Parameter& parameter);
std::int64_t parameter_count(const Graph& graph);

}  // namespace cellwright
