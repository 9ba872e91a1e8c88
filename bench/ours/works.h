// works.h: what cellwright is measured at, each as a bench::Work. Start at make_work.
#pragma once

#include <string>
#include <vector>

#include "nn/engine.h"
#include "serve.h"

namespace cellwright {

/// By its words:
///   train CELL T,B,I,H,L            bind, forward and backward of a stack: gradients of parameters and of
///   its input infer CELL T,B,I,H,L            forward alone, from given states to new ones step CELL I,H one
///   lane, one step after the other text V,E,H,L,T,B RULE [BYTES]   a whole training step of a language
///   model: embedding, softmax, clipping, RULE (sgd,
///                                   adam); within a budget of memory, as train text --memory
///   peak                            multiply-adds in registers on all threads
/// Throws SpecError for others, and what the library throws.
bench::Work make_work(const std::vector<std::string>& words, Engine& engine);

bench::Work train_or_infer(bool training, const std::string& cell, const std::string& sizes, Engine& engine);
bench::Work streaming_step(const std::string& cell, const std::string& sizes, Engine& engine);
bench::Work text_step(const std::vector<std::string>& words, Engine& engine);

}  // namespace cellwright
