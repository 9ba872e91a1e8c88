// tensor_proto.h: reads an ONNX TensorProto file far enough for tests: dims, and floats or 32-bit integers in
// raw_data, float_data or int32_data. ONNX' protobuf: onnx.proto3, message TensorProto.
#pragma once

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace cellwright::test {

struct TensorProto {
  std::vector<std::int64_t> dims;
  std::vector<double> values;
};

class TensorProtoReader {
 public:
  static TensorProto read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot open " + path);
    TensorProtoReader reader(std::string(std::istreambuf_iterator<char>(in), {}));
    return reader.tensor();
  }

 private:
  explicit TensorProtoReader(std::string bytes) : bytes_(std::move(bytes)) {}

  std::uint64_t varint() {
    std::uint64_t n = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_.at(at_++));
      n |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return n;
  }

  std::string chunk(std::size_t size) {
    const std::string part = bytes_.substr(at_, size);
    if (part.size() != size) throw std::runtime_error("a tensor's file ends early");
    at_ += size;
    return part;
  }

  static double number(const std::string& bytes, std::size_t i, bool integer) {
    if (integer) {
      std::int32_t n;
      std::memcpy(&n, bytes.data() + 4 * i, 4);
      return n;
    }
    float x;
    std::memcpy(&x, bytes.data() + 4 * i, 4);
    return static_cast<double>(x);
  }

  TensorProto tensor() {
    TensorProto t;
    std::uint64_t type = 1;  // 1: float, 6: int32
    std::string raw;
    while (at_ < bytes_.size()) {
      const std::uint64_t key = varint(), field = key >> 3, wire = key & 7;
      if (field == 1 && wire == 0) {
        t.dims.push_back(static_cast<std::int64_t>(varint()));
      } else if (field == 2) {
        type = varint();
      } else if (field == 4 && wire == 5) {
        t.values.push_back(number(chunk(4), 0, false));
      } else if (wire == 2) {
        const std::string part = chunk(varint());
        TensorProtoReader inner(part);
        while (field == 1 && inner.at_ < part.size())
          t.dims.push_back(static_cast<std::int64_t>(inner.varint()));
        while (field == 5 && inner.at_ < part.size()) t.values.push_back(static_cast<double>(inner.varint()));
        for (std::size_t i = 0; field == 4 && i < part.size() / 4; ++i)
          t.values.push_back(number(part, i, false));
        if (field == 9) raw = part;
      } else if (wire == 0) {
        varint();
      } else {
        chunk(wire == 1 ? 8 : 4);
      }
    }
    for (std::size_t i = 0; i < raw.size() / 4; ++i) t.values.push_back(number(raw, i, type == 6));
    std::size_t count = 1;
    for (const std::int64_t d : t.dims) count *= static_cast<std::size_t>(d);
    if (count != t.values.size()) throw std::runtime_error("a tensor's dims and data disagree");
    return t;
  }

  std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace cellwright::test
