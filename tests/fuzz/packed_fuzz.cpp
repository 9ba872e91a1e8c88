// packed_fuzz.cpp: files as every reader of text opens them (data/text_source.h): plain, gzip, several
// members; a bound for what unpacks to more.
//
// What must hold: an Error, or a text that is not empty, not above the bound, and UTF-8 unless bytes are
// asked for. The first byte chooses between the two.
#include <string_view>

#include "base/utf8.h"
#include "cellwright/error.h"
#include "data/text_source.h"
#include "held_memory.h"
#include "memory_path.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cellwright;
  if (size == 0) return 0;
  TextOptions options;
  options.max_bytes = 1 << 18;
  options.bytes = (data[0] & 1) != 0;
  options.unify_newlines = (data[0] & 2) != 0;
  const fuzz::MemoryPath file({reinterpret_cast<const char*>(data) + 1, size - 1});
  const fuzz::HeldMemory held(size, 4, std::int64_t{8} << 20);  // a piece of a megabyte is unpacked at a time
  try {
    const std::string text = read_text(file.path(), options);
    fuzz::require(!text.empty() && text.size() <= options.max_bytes);
    fuzz::require(options.bytes || !invalid_utf8(text));
  } catch (const Error&) {
  }
  return 0;
}
