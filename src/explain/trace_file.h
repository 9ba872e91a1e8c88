// trace_file.h: traces as files: safetensors, JSON, CSV.
#pragma once

#include <string>
#include <vector>

#include "explain/trace.h"

namespace cellwright {

/// What was read: one lane.
struct TracedText {
  std::vector<std::int32_t> tokens;
  std::vector<std::string> pieces;  ///< per token: its text
};

/// By the ending of `path`; SpecError for another. Of one lane (SpecError otherwise).
///   .safetensors  tensors "layers.0.f" [steps, units] F32 and "tokens" [steps] I32; the pieces as JSON in
///   the metadata key "pieces" .json         {"tokens": […], "pieces": […], "lines": {"layers.0.f": [[…],
///   …]}}; numbers that are not finite are null .csv          a row a step: step, token, piece, then a column
///   a unit, "layers.0.f[3]"
void write_trace(const std::string& path, const Trace<float>& trace, const TracedText& text);

}  // namespace cellwright
