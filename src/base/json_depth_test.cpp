// json_depth_test.cpp: brackets that are open at once, but for those in strings.
#include "base/json_depth.h"

#include <gtest/gtest.h>

namespace cellwright {
namespace {

TEST(JsonDepth, CountsOpenBracketsOutsideStrings) {
  EXPECT_FALSE(json_deeper_than("[[1],[2],{\"a\":3}]", 2));
  EXPECT_TRUE(json_deeper_than("[[1],[{\"a\":3}]]", 2));
  EXPECT_FALSE(json_deeper_than("[\"[[[[\\\"[[[\"]", 1));
  EXPECT_TRUE(json_deeper_than("[\"\\\\\",[]]", 1)) << "the string ends behind an escaped backslash";
  EXPECT_FALSE(json_deeper_than("]]]]\"", 0));
}

}  // namespace
}  // namespace cellwright
