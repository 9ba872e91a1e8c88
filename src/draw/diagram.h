// diagram.h: a picture of a cell as geometry, in pixels, before it is written as SVG; what tests measure.
//
// Where to start: Diagram, make_diagram(), write_diagram(). Always holds: a wire is one part's value; its
// branches start at the part or on an earlier branch, and end at a part; wires touch no part but those.
#pragma once

#include <string>
#include <vector>

#include "draw/math_text.h"
#include "draw/scheme.h"
#include "graph/graph.h"

namespace cellwright::draw {

inline constexpr double kPortReach = 22;  ///< how far a state's line stands out of the frame

struct Point {
  double x = 0;
  double y = 0;
};

enum class Anchor : std::uint8_t { kStart, kMiddle, kEnd };

struct Text {
  MathText text;
  Point at;  ///< of its base line
  Anchor anchor = Anchor::kStart;
  double size = 15;
};

struct Shape {
  Part part;
  Point centre;
  double half_width = 0;  ///< 0: a state's port or a join, which is a place and no shape
  double half_height = 0;
  bool round = false;
  int belt = -1;  ///< of an operation that a belt passes
  Text caption;   ///< empty text: none
};

struct WireBranch {
  int to = -1;
  std::vector<Point> points;
  bool arrow = true;
  bool belt = false;
  bool fork = false;  ///< starts on an earlier branch
  Text tag;
};

struct Wire {
  int from = -1;
  std::vector<WireBranch> branches;
};

struct Diagram {
  double width = 0;
  double height = 0;
  Point frame_from;  ///< upper left corner
  Point frame_to;
  std::vector<Shape> shapes;  ///< in the order of the scheme's parts
  std::vector<Wire> wires;
  std::vector<Belt> belts;  ///< indices into shapes
  int crossings = 0;
  std::int64_t work = 0;  ///< points of the lattice that the search for ways looked at, failed attempts too
  std::string cell;
  std::string equations;
};

/// SpecError for a cell of too many parts.
Diagram make_diagram(const Graph& graph);

/// Right to left: places, not letters.
void mirror(Diagram& diagram);

struct DiagramStyle {
  std::string theme = "light";
  std::vector<std::string> highlight;  ///< lines of the cell; the rest fades
  int unrolled = 1;  ///< copies side by side, joined by their states, all but the middle one faded
  bool legend = false;
  bool right_to_left = false;
};

/// The picture as SVG. SpecError: a highlight that no line, port or state is called, a number of copies
/// outside 1 … 9, an unknown theme.
std::string draw_cell(const Graph& graph, const DiagramStyle& style = {});

/// Like draw_cell(), of a diagram that was made before (and not mirrored).
std::string write_diagram(Diagram diagram, const DiagramStyle& style);

}  // namespace cellwright::draw
