#include "draw/theme.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "cellwright/error.h"

namespace cellwright::draw {
namespace {

const std::array<std::string, 8> kOnLight = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                             "#8a5a00", "#56b4e9", "#000000", "#7a7a7a"};
const std::array<std::string, 8> kOnDark = {"#56b4e9", "#e69f00", "#2fc99b", "#e79ac4",
                                            "#f0e442", "#d98a5b", "#ffffff", "#a8a8a8"};

const std::vector<Theme>& all() {
  static const std::vector<Theme> themes = [] {
    Theme light;
    light.name = "light";
    light.background = "#ffffff";
    light.ink = "#1a1a1a";
    light.muted = "#6b6b6b";
    light.panel = "#d9ecd5";
    light.panel_edge = "#5f8f5a";
    light.layer = "#ffec8b";
    light.layer_edge = "#8a7000";
    light.op = "#ffb3ba";
    light.op_edge = "#a8404c";
    light.port = "#ffffff";
    light.port_edge = "#5a5a5a";
    light.clock = "#c9dcf5";
    light.clock_edge = "#3a6299";
    light.belt = "#1a1a1a";
    light.highlight = "#c2410c";
    light.series = kOnLight;
    light.heat = {"#fcfdbf", "#fe9f6d", "#de4968", "#8c2981", "#150e37"};
    light.balance = {"#2166ac", "#92c5de", "#f7f7f7", "#f4a582", "#b2182b"};

    Theme dark = light;
    dark.name = "dark";
    dark.background = "#16181d";
    dark.ink = "#eceff4";
    dark.muted = "#a0a6b0";
    dark.panel = "#24302a";
    dark.panel_edge = "#6fa377";
    dark.layer = "#5c4d00";
    dark.layer_edge = "#f2d64b";
    dark.op = "#6b2731";
    dark.op_edge = "#ff9aa5";
    dark.port = "#16181d";
    dark.port_edge = "#c3c8d0";
    dark.clock = "#25405f";
    dark.clock_edge = "#8fb8ea";
    dark.belt = "#eceff4";
    dark.highlight = "#ffa94d";
    dark.series = kOnDark;
    dark.heat = {"#150e37", "#8c2981", "#de4968", "#fe9f6d", "#fcfdbf"};
    dark.balance = {"#92c5de", "#2f6fa8", "#24272e", "#b0413e", "#f4a582"};

    Theme print = light;
    print.name = "print";
    print.ink = "#000000";
    print.muted = "#595959";
    print.panel = "#ffffff";
    print.panel_edge = "#000000";
    print.layer = "#e6e6e6";
    print.layer_edge = "#000000";
    print.op = "#ffffff";
    print.op_edge = "#000000";
    print.port_edge = "#000000";
    print.clock = "#f5f5f5";
    print.clock_edge = "#000000";
    print.belt = "#000000";
    print.highlight = "#000000";
    print.series = {"#000000", "#6e6e6e", "#3c3c3c", "#8c8c8c", "#222222", "#a0a0a0", "#505050", "#b4b4b4"};
    print.heat = {"#ffffff", "#c8c8c8", "#909090", "#484848", "#000000"};
    print.balance = {"#000000", "#909090", "#ffffff", "#b4b4b4", "#484848"};
    return std::vector<Theme>{light, dark, print};
  }();
  return themes;
}

int channel(const std::string& colour, std::size_t at) {
  return static_cast<int>(std::strtol(colour.substr(at, 2).c_str(), nullptr, 16));
}

}  // namespace

std::vector<std::string> theme_names() {
  std::vector<std::string> names;
  for (const Theme& t : all()) names.push_back(t.name);
  return names;
}

const Theme& theme(const std::string& name) {
  const auto found = std::find_if(all().begin(), all().end(), [&](const Theme& t) { return t.name == name; });
  if (found == all().end())
    throw SpecError(fmt::format("no theme '{}'; there are {}", name, fmt::join(theme_names(), ", ")));
  return *found;
}

std::string mix(const std::string& a, const std::string& b, double t) {
  t = std::clamp(t, 0.0, 1.0);
  std::string colour = "#";
  for (const std::size_t at : {1U, 3U, 5U}) {
    const double value = (1 - t) * channel(a, at) + t * channel(b, at);
    colour += fmt::format("{:02x}", static_cast<int>(std::lround(value)));
  }
  return colour;
}

}  // namespace cellwright::draw
