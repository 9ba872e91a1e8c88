// theme.h: the colours and fonts of every picture, in one place: diagrams and plots take them from here and
// name none.
//
// Where to start: theme(). Always holds: colours are "#rrggbb", ready for an attribute; text on any fill of
// its own theme has a contrast of 4.5 or more; the series can be told apart by people who do not see red and
// green (Okabe & Ito 2008), and by their order of lightness in grey print.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace cellwright::draw {

struct Theme {
  std::string name;
  std::string background;
  std::string ink;    ///< lines that carry values, axes, text
  std::string muted;  ///< grid lines, small print, what is faded
  std::string panel;  ///< the body of a cell, the ground of a plot
  std::string panel_edge;
  std::string layer;  ///< yellow box: affine and activation
  std::string layer_edge;
  std::string op;  ///< pink circle: pointwise operation
  std::string op_edge;
  std::string port;  ///< what comes in and goes out: x, h
  std::string port_edge;
  std::string clock;  ///< what chooses by time, draws at random, or works on a whole vector
  std::string clock_edge;
  std::string belt;                    ///< the state's line
  std::string highlight;               ///< --highlight
  std::array<std::string, 8> series;   ///< lines and bars of a plot, in this order
  std::array<std::string, 5> heat;     ///< from low to high, for values from 0 to 1
  std::array<std::string, 5> balance;  ///< from negative over 0 to positive
};

inline constexpr std::string_view kSans = "'DejaVu Sans', Verdana, 'Noto Sans', sans-serif";
inline constexpr std::string_view kSerif = "'DejaVu Serif', 'STIX Two Text', Cambria, 'Noto Serif', serif";

std::vector<std::string> theme_names();  ///< light, dark, print

/// Throws SpecError for an unknown name.
const Theme& theme(const std::string& name);

/// Between two colours: `t` 0 is `a`, 1 is `b`.
std::string mix(const std::string& a, const std::string& b, double t);

}  // namespace cellwright::draw
