// tag_command_test.cpp: train tag on columns and on JSON lines, aligned and not; predict; what is told when
// something is wrong.
#include <gtest/gtest.h>

#include <algorithm>

#include "app/run_app.h"
#include "base/rng.h"
#include "support/data_path.h"

namespace cellwright::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// The tag of "to" hangs on the word behind it: only a model that looks ahead can know.
std::string columns(int sentences, std::uint64_t seed) {
  const Random random(seed, 1);
  std::string text;
  for (std::uint64_t s = 0; s < static_cast<std::uint64_t>(sentences); ++s) {
    for (std::uint64_t w = 0; w < 3 + s % 4; ++w) {
      const bool verb = random.below(2, s, w) == 1;
      text += std::string("to ") + (verb ? "TO" : "IN") + "\n" + (verb ? "run VB\n" : "town NN\n");
    }
    text += "\n";
  }
  return text;
}

// Numbers that say their labels in strokes of random length, with silence between.
std::string strokes(int n, std::uint64_t seed) {
  const Random random(seed, 2);
  std::string text;
  for (std::uint64_t s = 0; s < static_cast<std::uint64_t>(n); ++s) {
    std::string steps, labels;
    const auto add = [&](const char* step, std::uint64_t times) {
      for (std::uint64_t i = 0; i < times; ++i) steps += std::string(steps.empty() ? "" : ",") + step;
    };
    for (std::uint64_t l = 0; l < 2 + s % 3; ++l) {
      const bool a = random.below(2, s, 3 * l) == 1;
      add("[0,0]", 1 + random.below(2, s, 3 * l + 1));
      add(a ? "[1,0]" : "[0,1]", 1 + random.below(3, s, 3 * l + 2));
      labels += std::string(l ? "," : "") + (a ? "\"a\"" : "\"b\"");
    }
    add("[0,0]", 2);
    text += "{\"steps\":[" + steps + "],\"labels\":[" + labels + "]}\n";
  }
  return text;
}

class Tag : public testing::Test {
 protected:
  AppResult train(const std::string& data, std::vector<std::string> more) {
    std::vector<std::string> all{"train", "tag",       data, "--cell", "gru", "--units",
                                 "12",    "--threads", "1",  "--out",  out};
    all.insert(all.end(), more.begin(), more.end());
    return run_app(all);
  }
  TemporaryFolder folder;
  std::string out = folder / "m.safetensors";
};

TEST_F(Tag, LooksAheadByDefaultAndPredicts) {
  write_whole(folder / "train.conll", columns(120, 1));
  write_whole(folder / "test.conll", columns(30, 2));
  const AppResult r = train(folder / "train.conll", {"--test", folder / "test.conll", "--epochs", "12",
                                                     "--lr", "0.02", "--embedding", "8"});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "gru 12 in both directions")) << r.out;
  EXPECT_TRUE(has(r.out, "test        100.00 % right")) << r.out;
  EXPECT_TRUE(has(r.out, "4 labels, 4 words")) << r.out;
  write_whole(folder / "new.txt", "to\nrun\nto\ntown\n\nto\ntown\n");
  const AppResult told = run_app({"predict", out, folder / "new.txt"});
  ASSERT_EQ(told.status, 0) << told.err;
  EXPECT_EQ(told.out, "to\tTO\nrun\tVB\nto\tIN\ntown\tNN\n\nto\tIN\ntown\tNN\n\n");

  const AppResult forward = train(folder / "train.conll", {"--test", folder / "test.conll", "--epochs", "12",
                                                           "--lr", "0.02", "--forward", "--force"});
  ASSERT_EQ(forward.status, 0) << forward.err;
  EXPECT_FALSE(has(forward.out, "100.00 % right")) << "what lies ahead cannot be known" << forward.out;
}

TEST_F(Tag, LabelsThatAreNotAlignedAreLearnedByCtcAndResumedToTheBit) {
  write_whole(folder / "train.jsonl", strokes(150, 1));
  write_whole(folder / "test.jsonl", strokes(30, 2));
  const std::vector<std::string> how{"--ctc", "--test", folder / "test.jsonl", "--epochs", "30",
                                     "--lr",  "0.02",   "--keep-state",        "--force"};
  const AppResult r = train(folder / "train.jsonl", how);
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "test        label error rate 0.00 %")) << r.out;
  const AppResult told = run_app({"predict", out, folder / "test.jsonl"});
  ASSERT_EQ(told.status, 0) << told.err;
  EXPECT_EQ(std::count(told.out.begin(), told.out.end(), '\n'), 30);
  const std::string whole = read_whole(out);
  std::vector<std::string> half = how, rest = how;
  half[4] = "3";
  rest[8] = "--resume";
  ASSERT_EQ(train(folder / "train.jsonl", half).status, 0);
  ASSERT_EQ(train(folder / "train.jsonl", rest).status, 0);
  EXPECT_EQ(read_whole(out), whole);
}

TEST_F(Tag, ConlluHasItsOwnColumns) {
  std::string text;
  for (int i = 0; i < 20; ++i)
    text += "# text = du\n1-2\tdu\t_\t_\t_\n1\tde\tde\tADP\t_\n2\tle\tle\tDET\t_\n\n";
  write_whole(folder / "a.conllu", text);
  const AppResult r = train(folder / "a.conllu", {"--epochs", "1"});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_TRUE(has(r.out, "2 labels, 3 words")) << r.out;
  const AppResult told = run_app({"predict", out, folder / "none.conllu", folder / "a.conllu"});
  EXPECT_EQ(told.status, 1);
  EXPECT_EQ(std::count(told.out.begin(), told.out.end(), '\n'), 60) << "the other file is labelled";
}

TEST_F(Tag, WhatIsWrongIsToldInALine) {
  write_whole(folder / "good.conll", columns(20, 1));
  write_whole(folder / "other.conll", "to XX\n");
  write_whole(folder / "latin.conll", "\xE9 IN\n");
  write_whole(folder / "numbers.jsonl",
              "{\"steps\":[1],\"tags\":[\"a\"]}\n{\"steps\":[1],\"tags\":[\"b\"]}\n");
  write_whole(folder / "one.conll", "to IN\n\nto IN\n\nto IN\n");
  write_whole(folder / "bad.jsonl", "{\"tokens\":[\"a\",\"b\"],\"tags\":[\"x\"]}\n");
  write_whole(folder / "long.jsonl",
              "{\"steps\":[[1]],\"labels\":[\"a\",\"b\"]}\n{\"steps\":[[1],[2]],\"labels\":[\"a\",\"b\"]}\n");
  for (const auto& [arguments, part] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{folder / "none.conll"}, "No such file"},
           {{folder / "one.conll"}, "1 label; at least two"},
           {{folder / "bad.jsonl"}, "1 tags for 2 steps"},
           {{folder / "good.conll", "--test", folder / "other.conll"}, "the label 'XX' is none of the 4"},
           {{folder / "good.conll", "--ctc"}, "JSON lines"},
           {{folder / "good.conll", "--tag", "5"}, "should stand in column 5"},
           {{folder / "good.conll", "--word", "0"}, "--word and --tag"},
           {{folder / "good.conll", "--min-count", "0"}, "--min-count"},
           {{folder / "long.jsonl", "--ctc", "--valid-fraction", "0"},
            "long.jsonl:1: 2 labels take at least 2 steps, and it has 1"},
           {{folder / "latin.conll"}, "(0xE9) is not valid UTF-8; convert the file to UTF-8\n"},
           {{folder / "numbers.jsonl", "--valid-fraction", "0", "--embedding", "4"},
            "--embedding and --embedding-dropout are for words"}}) {
    std::vector<std::string> all{"train", "tag", "--out", out};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const AppResult r = run_app(all);
    EXPECT_EQ(r.status, 1) << part << r.out;
    EXPECT_TRUE(is_one_clear_line(r.err)) << r.err;
    EXPECT_TRUE(has(r.err, part)) << part << ": " << r.err;
  }
}

}  // namespace
}  // namespace cellwright::test
