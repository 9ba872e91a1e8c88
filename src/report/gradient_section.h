// gradient_section.h: how far back the loss of every step is felt, as the page draws it.
//
// Where to start: gradient_section(). The form, which page/gradient.js reads:
//   lags, low, high   largest lag; decades that the logarithmic axis begins and ends at
//   curves            [{layer, state, total, along, coefficient}]: arrays [steps - 1, lags + 1] of bytes: 0
//   is
//                     nothing, 1 … 255 run from low to high; `along`: the part that travels the belt alone
//   pictures, areas   {language: {theme: SVG}} of the means, and {language: {left, top, right, bottom}}
#pragma once

#include <nlohmann/json.hpp>

#include "nn/model.h"
#include "report/packed.h"

namespace cellwright {

/// null where the text is one token, no layer has a state, or no gradient is a number above 0.
nlohmann::ordered_json gradient_section(Model<float>& model, const std::vector<std::int32_t>& tokens,
                                        int lags, Packed& packed);

}  // namespace cellwright
