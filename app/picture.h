// picture.h: where a command's picture goes: SVG, PNG or PDF, as the file's name ends. Every command that
// draws writes through this.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace cellwright::app {

/// Whether the name ends in .svg, .png or .pdf.
bool is_picture(const std::string& path);

/// What can be said before a long computation. SpecError: no such ending, or a PNG or PDF that this machine
/// cannot make; IoError: no such folder. "-" is standard output and fine.
void check_picture(const std::string& option, const std::string& path);

/// Writes atomically; "" or "-": SVG to standard output. `scale`: pixels of a PNG for each of the picture's.
void write_picture(const std::string& path, const std::string& svg, double scale = 1);

/// --scale of a command that draws.
void add_scale_option(CLI::App* app, double& scale);

}  // namespace cellwright::app
