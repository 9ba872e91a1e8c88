// groups_test.cpp: patterns, what a group is written as, which tensor belongs to which.
#include "optim/groups.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cellwright/error.h"

namespace cellwright {
namespace {

TEST(Groups, PatternsMatchAsAShells) {
  struct Case {
    const char *pattern, *name;
    bool fits;
  };
  for (const Case& c : {Case{"*", "", true},
                        {"*", "layers.0.W_f", true},
                        {"", "a", false},
                        {"layers.*.b_*", "layers.0.b_f", true},
                        {"layers.*.b_*", "layers.12.reverse.b_f", true},
                        {"layers.*.b_*", "layers.0.W_b", false},
                        {"layers.*.b_*", "layers.0.b", false},
                        {"*.b*", "head.bias", true},
                        {"a*b*c", "axxbxbxc", true},
                        {"a*b*c", "axxbxbx", false},
                        {"layers.?.U", "layers.3.U", true},
                        {"layers.?.U", "layers.33.U", false},
                        {"layers.[02].U", "layers.2.U", true},
                        {"layers.[02].U", "layers.1.U", false},
                        {"layers.[0-3].U", "layers.3.U", true},
                        {"layers.[!0-3].U", "layers.3.U", false},
                        {"layers.[!0-3].U", "layers.4.U", true},
                        {"a[b", "a[b", true},
                        {"a[b", "ab", false},
                        {"[]]", "]", true},
                        {"head", "head.bias", false}}) {
    EXPECT_EQ(matches(c.pattern, c.name), c.fits) << c.pattern << " against " << c.name;
  }
}

TEST(Groups, AreReadFromTheirText) {
  const GroupSpec both = parse_group("layers.*.b_*:lr=0.1,weight-decay=0");
  EXPECT_EQ(both.pattern, "layers.*.b_*");
  EXPECT_EQ(both.learning_rate, 0.1);
  EXPECT_EQ(both.weight_decay, 0.0);
  const GroupSpec frozen = parse_group("embedding.*:frozen");
  EXPECT_EQ(frozen.learning_rate, 0);
  EXPECT_FALSE(frozen.weight_decay.has_value());
  for (const char* wrong : {"", "embedding.*", ":lr=1", "a:", "a:lr", "a:lr=", "a:lr=x", "a:lr=-1",
                            "a:lr=nan", "a:rate=1", "a:lr=1,", "a:weight-decay=-2", "a:frozen=1"}) {
    EXPECT_THROW(parse_group(wrong), SpecError) << wrong;
  }
}

TEST(Groups, TheFirstMatchWinsAndAPatternWithoutOneListsTheNames) {
  const std::vector<std::string> names = {"embedding.weight", "layers.0.b_f", "layers.0.W_f", "head.bias"};
  const auto of = assign_groups({parse_group("*.b*:weight-decay=0"), parse_group("layers.*:lr=2")}, names);
  EXPECT_EQ(of, (std::vector<int>{-1, 0, 1, 0}));
  try {
    assign_groups({parse_group("*:lr=2"), parse_group("layer.*:lr=2")}, names);
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_NE(std::string(error.what()).find("'layer.*'"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("layers.0.W_f"), std::string::npos) << error.what();
  }
}

TEST(Groups, TheStoredFormComesBack) {
  for (const char* text : {"a*:lr=0.5", "b:weight-decay=0.25", "c:frozen"}) {
    const GroupSpec spec = parse_group(text);
    const auto back = nlohmann::json::parse(nlohmann::json(spec).dump()).get<GroupSpec>();
    EXPECT_EQ(back.pattern, spec.pattern);
    EXPECT_EQ(back.learning_rate, spec.learning_rate);
    EXPECT_EQ(back.weight_decay, spec.weight_decay);
  }
}

}  // namespace
}  // namespace cellwright
