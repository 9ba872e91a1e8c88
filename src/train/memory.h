// memory.h: what a training will ask of the machine's memory, told before it starts, and how far its windows
// must be cut to stay within a budget. Start at plan_memory.
#pragma once

#include <cstdint>
#include <string>

#include "nn/model.h"
#include "train/train_options.h"

namespace cellwright {

/// Bytes. The sum of the parts is the most that is held at a time, not more than a few percent off.
struct MemoryPlan {
  int stretch = 0;             ///< steps of a window that are held at a time (Model::set_stretch); 0: all
  int stretches = 1;           ///< of a full window
  std::size_t process = 0;     ///< the program, the text and all that was there before the model
  std::size_t parameters = 0;  ///< with gradients, the optimiser's state, the best so far, transposes
  std::size_t window = 0;      ///< what is held of the steps of a window
  std::size_t saving = 0;      ///< the copies of a checkpoint
  std::size_t total() const { return process + parameters + window + saving; }
};

struct MemoryRequest {
  std::size_t budget = 0;   ///< 0: none
  std::size_t process = 0;  ///< as MemoryPlan's: resident_bytes() before the model was made
  int valid_lanes = 0;      ///< of the validation's streams; 0: none
  int valid_steps = 0;
};

/// With a budget the fewest stretches that fit. SpecError when not even the best choice fits, naming the
/// least budget that would.
MemoryPlan plan_memory(const Model<float>& model, const TrainOptions& options, const MemoryRequest& request);

/// SpecError when the parameters alone are more than the machine, or the budget, can hold: to be asked before
/// the model is made.
void check_parameters_fit(const ModelSpec& spec, const TrainOptions& options, std::size_t budget);

std::size_t resident_bytes();  ///< of this process now; 0 where the system does not tell
std::size_t machine_bytes();   ///< of the machine's memory; 0 where the system does not tell

/// "2G", "500M", "1.5GB", "800MiB", "2000000000": K, M, G, T are powers of 1000, with an i of 1024. SpecError
/// naming `option`.
std::size_t parse_bytes(const std::string& text, const std::string& option);

/// "1.23 GB"
std::string bytes_text(std::size_t bytes);

/// One line for a person: the total, and of what.
std::string describe(const MemoryPlan& plan);

}  // namespace cellwright
