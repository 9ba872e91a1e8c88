// json_whole_test.cpp: numbers that fit are read, all others refused, at the borders of each type.
#include "base/json_whole.h"

#include <gtest/gtest.h>

namespace cellwright {
namespace {

using Json = nlohmann::json;

TEST(JsonWhole, ReadsWhatFitsHoweverItIsWritten) {
  EXPECT_EQ(whole<int>(Json::parse("-7")), -7);
  EXPECT_EQ(whole<int>(Json::parse("1e3")), 1000);
  EXPECT_EQ(whole<int>(Json(2147483647)), 2147483647);
  EXPECT_EQ(whole<int>(Json::parse("-2147483648")), -2147483647 - 1);
  EXPECT_EQ(whole<std::uint64_t>(Json::parse("18446744073709551615")), 18446744073709551615u);
  EXPECT_EQ(whole<std::int64_t>(Json::parse("-9223372036854775808")),
            std::numeric_limits<std::int64_t>::min());
}

// 22222222222222222222222221 came from the fuzzer: the library would cast it to int, which is undefined.
TEST(JsonWhole, RefusesWhatDoesNotFit) {
  for (const char* bad : {"22222222222222222222222221", "1e300", "-1e300", "1.5", "2147483648", "-2147483649",
                          "2147483648.0", "\"7\"", "null", "[7]", "18446744073709551615"})
    EXPECT_THROW(whole<int>(Json::parse(bad)), Json::exception) << bad;
  EXPECT_THROW(whole<std::uint64_t>(Json::parse("-1")), Json::exception);
  EXPECT_THROW(whole<std::int64_t>(Json::parse("9223372036854775808")), Json::exception);
  EXPECT_THROW(whole<int>(nlohmann::ordered_json(2147483648)), nlohmann::ordered_json::exception);
}

}  // namespace
}  // namespace cellwright
