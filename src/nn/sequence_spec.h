// sequence_spec.h: a model of sequences as plain data: what is saved, printed and compared. Start at
// SequenceSpec; the model: sequence_model.h.
#pragma once

#include <string>
#include <vector>

#include "loss/loss.h"
#include "nn/spec.h"
#include "nn/tensor_list.h"
#include "nn/wiring.h"

namespace cellwright {

/// Which rows of the stack's top the head reads: each step's; or one a sequence: its last, which for a layer
/// that runs backwards in time is that at the sequence's first step; or the mean over its steps.
enum class Reading { each, last, mean };

/// Numbers, or symbols, a step -> layers -> linear -> a loss, for each step or for each sequence.
struct SequenceSpec {
  int inputs = 0;                 ///< numbers a step; 0 where steps are symbols
  int symbols = 0;                ///< kinds of symbols, in place of numbers
  int embedding = 0;              ///< width of the symbols' embedding; 0: one-hot
  std::vector<LayerSpec> layers;  ///< of any direction in time
  bool skip = false;              ///< as ModelSpec's
  Reading reading = Reading::each;
  LossSpec loss;
  double embedding_dropout = 0, weight_noise = 0, init_uniform = 0;  ///< as ModelSpec's
};

/// The recurrent part, checked and sized. CellError, SpecError.
Wiring wire(const SequenceSpec& spec);

/// Names and shapes without making the model: "embedding.weight" [symbols, E], the layers', "head.weight"
/// [width of the loss, H], "head.bias". Throws as wire().
std::vector<TensorInfo> tensors_of(const SequenceSpec& spec);

/// The same with where they lie, for the model. `graphs`: as TensorList's.
TensorList list_tensors(const SequenceSpec& spec, const Wiring& wiring,
                        const std::vector<const Graph*>& graphs);

/// JSON text with fixed key order, and back. FormatError names the key at fault.
std::string to_json(const SequenceSpec& spec);
SequenceSpec sequence_spec_from_json(const std::string& json);

const char* name_of(Reading reading);  ///< "each", "last", "mean"

}  // namespace cellwright
