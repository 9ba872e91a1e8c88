// token_view_test.cpp: ids in memory and in a file behave alike; a damaged file is told; hashes agree.
#include "data/token_view.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/file.h"
#include "base/rng.h"
#include "cellwright/error.h"
#include "data/streams.h"
#include "support/data_path.h"

namespace cellwright {
namespace {

using Ids = std::vector<std::int32_t>;

Ids counting(int n) {
  Ids ids(static_cast<std::size_t>(n));
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

TokenView mapped(const std::string& path, const Ids& ids, bool wide, int limit) {
  std::string bytes = "odd";  // ids need not be aligned
  for (const std::int32_t id : ids) {
    for (int b = 0; b < (wide ? 4 : 2); ++b)
      bytes += static_cast<char>(static_cast<std::uint32_t>(id) >> (8 * b) & 0xFF);
  }
  write_file_atomically(path, bytes);
  MappedTokens tokens;
  tokens.file = std::make_shared<const MappedFile>(path);
  tokens.ids = tokens.file->bytes().data() + 3;
  tokens.count = ids.size();
  tokens.wide = wide;
  tokens.limit = limit;
  TokenHash hash;
  hash.add(ids.data(), ids.size());
  tokens.hash = hash.value();
  return TokenView(std::move(tokens));
}

TEST(TokenView, AFileReadsAsMemoryDoes) {
  const test::TemporaryFolder folder;
  const Ids ids = counting(3001);
  for (const bool wide : {false, true}) {
    const TokenView file = mapped(folder / "ids", ids, wide, 3001), memory(ids);
    EXPECT_EQ(file.to_vector(), ids);
    EXPECT_EQ(file.slice(10, 20).slice(3, 5).to_vector(), (Ids{13, 14}));
    EXPECT_EQ(file.hash(), memory.hash());
    EXPECT_EQ(file.count_of(7), 1);
    for (const auto cut : {0, 1, 2}) {
      const auto make = [&](const TokenView& v) {
        return cut == 0   ? Streams(v, 7, 11)
               : cut == 1 ? Streams::covering(v, 7, 11)
                          : Streams::char_rnn(v, 7, 11);
      };
      const Streams a = make(memory), b = make(file);
      ASSERT_EQ(a.windows(), b.windows());
      Ids xa(77), ya(77), xb(77), yb(77);
      for (int w = 0; w < a.windows(); ++w) {
        a.window(w, xa.data(), ya.data());
        b.window(w, xb.data(), yb.data());
        ASSERT_EQ(xa, xb);
        ASSERT_EQ(ya, yb);
      }
    }
  }
}

TEST(TokenView, HashTellsPartsApartAndIsThatOfTheBytes) {
  const test::TemporaryFolder folder;
  const Ids ids = counting(100);
  EXPECT_EQ(TokenView(ids).hash(), hash_name({reinterpret_cast<const char*>(ids.data()), ids.size() * 4}));
  const TokenView file = mapped(folder / "ids", ids, false, 100);
  EXPECT_NE(file.slice(0, 50).hash(), file.slice(0, 51).hash());
  EXPECT_NE(file.slice(0, 50).hash(), file.slice(1, 51).hash());
  Ids other = ids;
  other[70] = 1;
  EXPECT_NE(mapped(folder / "other", other, false, 100).slice(0, 50).hash(), file.slice(0, 50).hash());
}

TEST(TokenView, AnIdOutsideTheVocabularyIsToldWithItsPlace) {
  const test::TemporaryFolder folder;
  const TokenView file = mapped(folder / "ids", {0, 1, 5, 1}, false, 5);
  const TokenView negative = mapped(folder / "wide", {0, -1}, true, 5);
  EXPECT_THROW(negative.to_vector(), FormatError);
  EXPECT_EQ(file.slice(0, 2).to_vector(), (Ids{0, 1}));
  try {
    file.slice(1, 4).to_vector();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const FormatError& e) {
    EXPECT_EQ(std::string(e.what()),
              (folder / "ids") +
                  ": token 2 is 5, outside the file's vocabulary of 5; the file is damaged, "
                  "prepare it again");
  }
  EXPECT_THROW(file.slice(3, 2), InternalError);
  EXPECT_THROW(file.slice(0, 5), InternalError);
  Ids room(5);
  EXPECT_THROW(file.copy(1, 4, room.data()), InternalError);
}

}  // namespace
}  // namespace cellwright
