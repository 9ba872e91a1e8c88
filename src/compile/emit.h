// emit.h: from scheduled groups to instructions: which values need an array, which arrays keep all steps,
// which values stay in tiles.
#pragma once

#include <array>
#include <vector>

#include "compile/affine.h"
#include "compile/plan.h"
#include "compile/schedule.h"
#include "compile/stages.h"

namespace cellwright {

class Emitter {
 public:
  /// Keeps references; fills `plan` in emit().
  Emitter(Plan& plan, const Affines& affines, const std::vector<bool>& pinned,
          const std::vector<NodeId>& idle);

  /// Registers a direction and the programs for its stages before, loop, after.
  void add(const Direction& direction, const Stages& stages, std::array<Program*, 3> programs);

  void emit();

 private:
  struct ProgramGroups {
    int direction = 0;
    Stage stage = Stage::kBefore;
    Program* program = nullptr;
    std::vector<Group> groups;
  };
  struct Written {
    int program = -1;  ///< index into programs_; -1: not by a program
    int group = -1;    ///< over all programs
  };

  void find_writers();
  void find_readers();
  void place_leaves();
  void place_values();
  void share_buffers();
  void keep_all_steps();
  void fuse();
  void reuse_arrays();
  void emit_products(const Group& group, const ProgramGroups& in, Program& program);
  void emit_pointwise(const Group& group, Program& program);
  void emit_scan(const Group& group, const ProgramGroups& in, Program& program);
  void emit_gradients();
  std::vector<NodeId> reads_of(NodeId id, const Group& group, const ProgramGroups& in) const;

  int new_buffer(Buffer buffer);

  Plan& plan_;
  const Affines& affines_;
  const std::vector<bool>& pinned_;
  const std::vector<NodeId>& idle_;  ///< per node: see find_idle()
  std::vector<NodeId> zeros_;        ///< per node: see find_zeros()
  std::vector<Direction> directions_;
  std::vector<Stages> stages_;
  std::vector<ProgramGroups> programs_;
  std::vector<Written> written_;    ///< per node
  std::vector<bool> materialized_;  ///< per node: has rows in memory
  std::vector<Place> place_;        ///< per node
};

}  // namespace cellwright
