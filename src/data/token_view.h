// token_view.h: a stretch of tokens' ids, in memory or in a mapped file, behind one face.
//
// What always holds: copying and slicing share the ids, never copy them; reading a mapped file of any length
// from its beginning to its end keeps a bounded amount of it in memory; an id that is handed out lies in the
// vocabulary.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/mapped_file.h"

namespace cellwright {

/// Ids as they lie in a file.
struct MappedTokens {
  std::shared_ptr<const MappedFile> file;
  const void* ids = nullptr;  ///< in the mapping: little-endian, of any alignment
  std::size_t count = 0;
  bool wide = false;       ///< 4 bytes an id, signed; else 2, unsigned
  std::int32_t limit = 0;  ///< ids lie in [0, limit)
  std::uint64_t hash = 0;  ///< TokenHash of all of them, as the file says
};

class TokenView {
 public:
  TokenView() = default;
  TokenView(std::vector<std::int32_t> ids);  ///< keeps them; implicit: a vector is the usual case
  explicit TokenView(MappedTokens tokens);

  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  TokenView slice(std::size_t first,
                  std::size_t last) const;  ///< InternalError unless first <= last <= size()

  /// ids [first, first + count) into `out`; InternalError beyond size(). FormatError for an id of a mapped
  /// file outside its vocabulary, naming file and place. For several threads at once too.
  void copy(std::size_t first, std::size_t count, std::int32_t* out) const;
  std::vector<std::int32_t> to_vector() const;
  std::int64_t count_of(std::int32_t id) const;  ///< reads all

  /// TokenHash of the ids in memory and of a whole mapped file, so that one text has one hash; a part of a
  /// mapped file is hashed by the file's hash and its borders, without reading it.
  std::uint64_t hash() const;

 private:
  struct Source;
  std::shared_ptr<const Source> source_;
  std::size_t first_ = 0, count_ = 0;
};

/// FNV-1a over the ids as 32-bit little-endian numbers, fed in pieces.
class TokenHash {
 public:
  void add(const std::int32_t* ids, std::size_t count);
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325;
};

}  // namespace cellwright
