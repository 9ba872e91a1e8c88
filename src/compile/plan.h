// plan.h: how a cell is run: the graph of one step, cut into programs over a whole sequence. Plain data that
// can be printed.
//
// Where to start: Plan, then Program. A sequence of T steps and B lanes is run in six programs: forward
// before, loop and after; backward before, loop and after. Only `loop` goes step by step; the others treat
// the T·B rows as one long batch. A value is an array of rows, one a lane, of `size` numbers, contiguous over
// lanes and steps; so a program over rows and one over lanes of a step address it alike. What always holds:
// the programs of a plan depend on the cell and its sizes alone, not on T, B, threads or SIMD.
#pragma once

#include <string>
#include <vector>

#include "compile/observation.h"
#include "graph/derive.h"
#include "graph/graph.h"

namespace cellwright {

/// A dense rectangle of a matrix parameter, or a stretch of a vector one, that is packed and trained as a
/// unit. Gates cut from one matrix are pieces of their own, and so are the existing blocks of a structured
/// matrix: a packed panel crosses no border.
struct Piece {
  int parameter = -1;
  int row = 0, rows = 0;        ///< within the parameter; a vector has rows only
  int column = 0, columns = 1;  ///< in the dense coordinates of the product, whatever the stored shape
  bool matrix = false;
};

/// Where the rows of a value live.
struct Buffer {
  enum class Kind {
    kInput,          ///< given by the caller: port `index`, [T,B,size]
    kState,          ///< state `index`: slot t is the value before step t, slot T the final one
    kValue,          ///< a node's value
    kLeaf,           ///< noise, a mask or a clock: filled before a sequence, as the node says
    kAdjointOutput,  ///< given by the caller: gradient of output port `index`; zeros when absent
    kAdjointState,   ///< gradient of state `index`: slot t belongs to the value before step t
    kAdjointLoss,    ///< gradient of loss `index`, filled before the backward programs
    kAdjointInput,   ///< wanted by the caller: gradient of input port `index`, [T,B,size]
  };
  Kind kind = Kind::kValue;
  int index = -1;
  int size = 0;
  int ring = 0;           ///< slots: 0 all steps are kept, else only the last `ring` (1: of this step alone)
  std::string name;       ///< for printing
  NodeId node = kNoNode;  ///< kLeaf: the node
  int in_place_of = -1;   ///< takes over the array of this buffer, whose last reader has run by then
};

/// What an instruction of a pointwise program reads or writes.
struct Slot {
  enum class Kind {
    kRegister,   ///< tile number `index`, private to the thread
    kMemory,     ///< rows of `place`
    kParameter,  ///< [offset, offset+size) of vector parameter `index`, the same for every row
    kConstant,   ///< `values`, the same for every row
  };
  Kind kind = Kind::kRegister;
  Place place;
  int index = -1;
  int offset = 0;  ///< kMemory, kRegister: first unit read or written; kParameter: first entry
  int size = 0;    ///< units of the whole row
  std::vector<double> values;
};

struct TileInstruction {
  Op op = Op::kIdentity;
  int out = -1, a = -1, b = -1, c = -1;  ///< slots
  int n = 0;                             ///< units an application works on
};

/// One stretch of a chain: rows of `operand` from unit `operand_offset`, times a piece (or its transpose).
struct ProductTerm {
  Place operand;
  int operand_size = 0;  ///< units of the operand's rows
  int operand_offset = 0;
  int piece = -1;
  bool transposed = false;
  int period = 1;  ///< the operand is 0 at all other steps: the term is left out there
};

/// Units [offset, offset+width) of an affine value: start + Σ terms. With a period they are made at the steps
/// that it divides alone (steps counted since the state's start) and are 0 at the others, where only what a
/// clock throws away reads them.
struct ProductOutput {
  enum class Start { kZero, kBias, kAccumulate };
  Place out;
  int out_size = 0;
  int offset = 0;
  int width = 0;
  Start start = Start::kZero;
  int bias_parameter = -1, bias_offset = 0;
  int period = 1;
  std::vector<ProductTerm> terms;
};

/// A state carried over all steps: next = a ⊙ previous + b, unit by unit. `previous` and `next` are
/// neighbouring slots of one buffer; backwards in time when `previous` is the later.
struct Scan {
  Slot a, b;  ///< kMemory, kParameter or kConstant
  Place previous, next;
  int size = 0;  ///< 0: none
};

/// One thing done for a run of rows: either products, or a pointwise program; or a scan, for all rows.
struct Instruction {
  /// Each row reads, of what the instructions before it write since the last that does not join, rows of its own
  /// alone: a thread may take its rows through all of them.
  bool joins = false;

  std::vector<ProductOutput> products;
  Scan scan;

  std::vector<Slot> slots;
  std::vector<TileInstruction> tiles;
  int registers = 0;
  int width = 0;          ///< units of a row; of the widest value when by_row
  bool by_row = false;    ///< holds ops that mix units: one row at a time; else tiles run over rows without
                          ///< regard to their borders
  bool per_unit = false;  ///< reads parameters or constants that differ by unit
};

struct Program {
  std::vector<Instruction> instructions;
};

struct StateInfo {
  int buffer = -1;        ///< kState
  int adjoint = -1;       ///< kAdjointState; -1 in a plan for inference
  bool recurrent = true;  ///< false for a delayed input or a scanned state, which are not made in the loop
  bool scanned = false, adjoint_scanned = false;  ///< a scan carries it; its gradient
};

struct WeightGradientTask {
  int piece = -1;
  Place d;
  int d_size = 0, d_offset = 0;
  Place operand;
  int operand_size = 0, operand_offset = 0;
  int period = 1;  ///< `d` is 0 at all other steps
};

struct VectorGradientTask {
  int piece = -1;
  Place d;
  int d_size = 0, d_offset = 0;
  Place times;  ///< buffer -1: none
  int times_size = 0, times_offset = 0;
  int period = 1;  ///< `d` is 0 at all other steps
};

struct Plan {
  Graph graph;  ///< canonical, sums gathered, backward part appended
  Backward backward;
  bool training = false;
  std::vector<Piece> pieces;
  std::vector<Buffer> buffers;
  std::vector<StateInfo> states;
  std::vector<Place> outputs;  ///< per output port; buffer -1 never
  std::vector<Place> losses;
  Program forward_before, forward_loop, forward_after;
  Program backward_before, backward_loop, backward_after;
  std::vector<WeightGradientTask> weight_gradients;
  std::vector<VectorGradientTask> vector_gradients;
  std::vector<int> input_gradients;  ///< per input port: its kAdjointInput buffer, or -1: it is zero
  std::vector<Observed> observed;    ///< what somebody asked to see; usually nothing
  std::vector<Observed>
      gradients;            ///< per observed value, when that was asked for: the gradient with respect to it
  std::vector<Belt> belts;  ///< with Observation::belts
  int scan_chunk = 0;                ///< steps of a chunk of scans: see scan_chunk()
};

struct PlanOptions {
  /// States whose recurrence is affine (graph/affine_recurrence.h) leave the loop, and so do their gradients:
  /// scans carry them over all steps, in chunks of time side by side. Values agree with those of a plan
  /// without up to rounding.
  bool scan = false;
  int scan_chunk = 128;  ///< at least 2
};

/// Steps of a chunk in a window of so many: all of them where there would be fewer than four chunks. A scan's
/// bits are a function of its plan and the window's length alone.
inline int scan_chunk(const Plan& plan, int steps) {
  return steps < 4 * plan.scan_chunk ? steps : plan.scan_chunk;
}

/// Some state is carried by a scan, or in a plan for training some state's gradient.
bool has_scan(const Plan& plan);

/// Compiles a sized graph as lower() makes it. With `training` the plan keeps what the backward pass reads
/// and holds the backward programs; without, it keeps as little as it can. Values are the same to the bit,
/// whatever is observed. SpecError for an observation of what the cell does not have.
Plan make_plan(const Graph& graph, bool training, const Observation& observation = {});
Plan make_plan(const Graph& graph, bool training, const PlanOptions& options);

/// The plan as text, a line an instruction: what is hoisted, what stays in the loop, what is deferred.
std::string print_plan(const Plan& plan);

}  // namespace cellwright
