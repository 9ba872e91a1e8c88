// json_whole.h: whole numbers out of JSON that is not trusted. The library's own get<int>() casts a number of
// any size, which is undefined where it does not fit.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>

namespace cellwright {

/// However it is written (7.0, 1e3). The JSON library's exception, as its get() throws, for what is no whole
/// number of this type.
template <class T, class Json>
T whole(const Json& json) {
  static_assert(std::is_integral_v<T> && !std::is_same_v<T, bool>);
  const auto fail = [&] {
    throw Json::type_error::create(302, "a whole number is expected, found " + json.dump(), nullptr);
  };
  if (json.is_number_float()) {
    const auto x = json.template get<double>();
    if (x != std::floor(x) || std::fabs(x) > 0x1p53 ||
        x < static_cast<double>(std::numeric_limits<T>::min()) ||
        x > static_cast<double>(std::numeric_limits<T>::max()))
      fail();
    return static_cast<T>(x);
  }
  if (json.is_number_integer()) {  // signed or not
    const auto n = json.template get<std::int64_t>();
    const bool negative = !json.is_number_unsigned() && n < 0;
    if (negative && (std::is_unsigned_v<T> || n < static_cast<std::int64_t>(std::numeric_limits<T>::min())))
      fail();
    if (!negative &&
        json.template get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<T>::max()))
      fail();
  }
  return json.template get<T>();
}

}  // namespace cellwright
