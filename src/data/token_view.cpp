// token_view.cpp: see token_view.h.
#include "data/token_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "base/rng.h"
#include "cellwright/error.h"

namespace cellwright {
namespace {

// Ids of a file that are read before their pages are given back: few enough to keep memory small, so many
// that the system calls do not show.
constexpr std::size_t kRelease = std::size_t{1} << 21;

constexpr std::size_t kPiece = std::size_t{1} << 16;

}  // namespace

struct TokenView::Source {
  std::vector<std::int32_t> owned;
  MappedTokens mapped;
  mutable std::atomic<std::size_t> read{0};  // since the last release
};

TokenView::TokenView(std::vector<std::int32_t> ids) : count_(ids.size()) {
  auto source = std::make_shared<Source>();
  source->owned = std::move(ids);
  source_ = std::move(source);
}

TokenView::TokenView(MappedTokens tokens) : count_(tokens.count) {
  auto source = std::make_shared<Source>();
  source->mapped = std::move(tokens);
  source_ = std::move(source);
}

TokenView TokenView::slice(std::size_t first, std::size_t last) const {
  if (first > last || last > count_)
    throw InternalError(fmt::format("tokens {} to {} of {} were asked for", first, last, count_));
  TokenView part = *this;
  part.first_ += first;
  part.count_ = last - first;
  return part;
}

void TokenView::copy(std::size_t first, std::size_t count, std::int32_t* out) const {
  if (first > count_ || count > count_ - first)
    throw InternalError(fmt::format("{} tokens from {} of {} were asked for", count, first, count_));
  if (count == 0) return;
  const std::size_t start = first_ + first;
  if (!source_->mapped.file) {
    std::copy_n(source_->owned.data() + start, count, out);
    return;
  }
  const MappedTokens& m = source_->mapped;
  const auto* bytes = static_cast<const char*>(m.ids);
  for (std::size_t i = 0; i < count; ++i) {
    if (m.wide) {
      std::memcpy(&out[i], bytes + (start + i) * 4, 4);
    } else {
      std::uint16_t id = 0;
      std::memcpy(&id, bytes + (start + i) * 2, 2);
      out[i] = id;
    }
    if (out[i] < 0 || out[i] >= m.limit) {
      throw FormatError(fmt::format(
          "{}: token {} is {}, outside the file's vocabulary of {}; the file is damaged, prepare it again",
          m.file->path(), start + i, out[i], m.limit));
    }
  }
  if (source_->read.fetch_add(count) + count >= kRelease) {
    source_->read = 0;
    m.file->release();
  }
}

std::vector<std::int32_t> TokenView::to_vector() const {
  std::vector<std::int32_t> ids(count_);
  copy(0, count_, ids.data());
  return ids;
}

std::int64_t TokenView::count_of(std::int32_t id) const {
  std::vector<std::int32_t> piece(std::min(count_, kPiece));
  std::int64_t found = 0;
  for (std::size_t at = 0; at < count_; at += kPiece) {
    const std::size_t n = std::min(kPiece, count_ - at);
    copy(at, n, piece.data());
    found += std::count(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(n), id);
  }
  return found;
}

std::uint64_t TokenView::hash() const {
  TokenHash hash;
  if (!source_) return hash.value();
  if (!source_->mapped.file) {
    hash.add(source_->owned.data() + first_, count_);
    return hash.value();
  }
  if (count_ == source_->mapped.count) return source_->mapped.hash;
  return hash_name(fmt::format("{:016x} {} {}", source_->mapped.hash, first_, count_));
}

void TokenHash::add(const std::int32_t* ids, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto id = static_cast<std::uint32_t>(ids[i]);
    for (int byte = 0; byte < 4; ++byte) value_ = (value_ ^ (id >> (8 * byte) & 0xFF)) * 0x100000001B3;
  }
}

}  // namespace cellwright
