// gradient_picture.h: gradients by lag as a picture, on one logarithmic axis.
#pragma once

#include <string>
#include <vector>

#include "explain/gradient_flow.h"

namespace cellwright::app {

struct MeasuredGradients {
  std::string name;  ///< of the model
  GradientFlow flow;
};

/// SVG. One model: all its states. Several: of each the state that is carried on, or the first.
std::string gradient_picture(const std::vector<MeasuredGradients>& results);

}  // namespace cellwright::app
