// packed.h: arrays of numbers as a browser unpacks them, small.
//
// Where to start: Packed::exact, rounded; then payload(). The payload is "cellwright's page": the length of
// the JSON as u32, the JSON, the arrays, all compressed by zlib and written in base64. An array's bytes lie
// in planes, the most significant bytes of all numbers first, which compresses better. What always holds:
// equal arrays are kept once; little-endian whatever the machine.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace cellwright {

class Packed {
 public:
  /// An array's elements, so many places back; 0 before its beginning.
  struct Lagged {
    int array = 0;
    std::size_t by = 0;
  };

  int exact(const std::vector<float>& values);    ///< 4 bytes each; the id of the array
  int rounded(const std::vector<float>& values);  ///< 2 bytes each (IEEE half), or exact() if that is there
  int bytes(const std::vector<std::uint8_t>& values);  ///< 1 byte each

  /// An array that is to the bit the product of two exact() ones, element by element, needs no bytes. -1, and
  /// nothing is kept, where it is not.
  int product(const std::vector<float>& values, Lagged a, Lagged b);
  bool in_full(int array) const;  ///< not rounded

  /// `meta` with the list of arrays in it, as "arrays": [[bytes a number, count], …]; a product is [0, count,
  /// [array, lag], [array, lag]].
  std::string payload(nlohmann::ordered_json meta) const;

 private:
  int add(std::string planes, int width, std::size_t count);

  std::string data_;
  nlohmann::ordered_json table_ = nlohmann::ordered_json::array();
  std::map<std::string, int> known_;
  std::map<int, std::vector<float>> exact_;
};

std::uint16_t to_half(float value);  ///< nearest, ties to even
std::string base64(const std::string& bytes);

}  // namespace cellwright
