// safetensors_fuzz.cpp: any bytes are refused with a FormatError, or hold a file that survives being written and read again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cellwright/error.h"
#include "interop/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  cellwright::SafetensorsFile file;
  try {
    file = cellwright::parse_safetensors(bytes, "fuzz");
  } catch (const cellwright::FormatError&) {
    return 0;
  }
  std::size_t total = 0;
  for (const cellwright::Tensor& tensor : file.tensors) total += tensor.bytes.size();
  if (total > size) std::abort();
  const std::string once = cellwright::format_safetensors(file);
  const std::string twice = cellwright::format_safetensors(cellwright::parse_safetensors(once, "fuzz"));
  if (once != twice) std::abort();
  return 0;
}
