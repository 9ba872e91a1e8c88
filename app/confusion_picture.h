// confusion_picture.h: a confusion matrix as a heat map.
#pragma once

#include <string>

#include "train/confusion.h"

namespace cellwright::app {

/// Each row, a true class, in parts of its members.
std::string confusion_svg(const Confusion& confusion, const std::string& title);

}  // namespace cellwright::app
