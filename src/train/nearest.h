// nearest.h: the plain baseline beside a classifier: the class of the nearest sequence, each brought to the
// same number of steps by linear interpolation.
#pragma once

#include <vector>

#include "data/sequences.h"

namespace cellwright {

/// [steps, inputs], from the first step to the last.
std::vector<float> brought_to(const Sequence& sequence, int inputs, int steps);

/// For each sequence of `test` the class of the one in `train` at the least Euclidean distance (the first of
/// equals). Both have a class a sequence as target, and one width.
std::vector<int> nearest_classes(const SequenceSet& train, const SequenceSet& test, int steps = 10);

}  // namespace cellwright
