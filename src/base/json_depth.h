// json_depth.h: whether a JSON text is nested too deeply to be trusted: the library parses any depth, but
// comparing, copying and printing what it gives recurse as deep as a hostile file likes.
#pragma once

#include <string_view>

namespace cellwright {

/// What no file of ours comes near to.
inline constexpr int kMostJsonDepth = 32;

/// True where more than `most` brackets are open at once, those in strings not counted.
bool json_deeper_than(std::string_view json, int most = kMostJsonDepth);

}  // namespace cellwright
