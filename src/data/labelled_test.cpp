// labelled_test.cpp: readers of sequences with classes, what is wrong told with its place; parts that are
// fair; scaling; the vowels' and MNIST's known sizes.
#include "data/labelled.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <tuple>

#include "base/file.h"
#include "cellwright/error.h"
#include "data/csv.h"
#include "data/labelled_files.h"
#include "data/tagged.h"
#include "data/text_source.h"
#include "support/data_path.h"
#include "support/message_of.h"

namespace cellwright {
namespace {

using test::message_of;

const std::string kHeader = "#about\n@problemName x\n@timeStamps false\n@classLabel true a b\n@data\n";

TEST(Ts, CasesOfSeveralDimensionsAndLengthsAreRead) {
  const LabelledData d = parse_ts(kHeader + "1,2,3:10,20,30:a\r\n\n4,?:40,-5e-1:b\n", "x.ts");
  EXPECT_EQ(d.width, 2);
  EXPECT_EQ(d.classes, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(d.items.size(), 2u);
  EXPECT_EQ(d.items[0].values, (std::vector<float>{1, 10, 2, 20, 3, 30}));
  EXPECT_EQ(d.items[0].label, "a");
  EXPECT_EQ(d.items[1].steps, 2);
  EXPECT_TRUE(std::isnan(d.items[1].values[2]));
  EXPECT_EQ(d.items[1].values[3], -0.5f);
}

TEST(Ts, WhatIsWrongIsToldWithItsLine) {
  for (const auto& [text, part] : std::vector<std::pair<std::string, std::string>>{
           {"", "no line '@data'"},
           {"1:a\n", "x.ts:1: a case before"},
           {kHeader, "no case"},
           {kHeader + "1,2\n", "x.ts:6: a case has at least one dimension"},
           {kHeader + "1,x:a\n", "x.ts:6: 'x' in dimension 1 is no number"},
           {kHeader + "1,2:3:a\n", "dimension 2 has 1 values and the first 2"},
           {kHeader + "1:c\n", "class 'c' is none"},
           {kHeader + "1:a\n1:2:b\n", "x.ts:7: a case of 2 dimensions"},
           {"@timeStamps true\n", "time stamps"},
           {"@targetLabel true\n", "not classes"},
           {"@classLabel false\n", "no class"}})
    EXPECT_NE(message_of([&, t = text] { parse_ts(t, "x.ts"); }).find(part), std::string::npos)
        << part << ": " << message_of([&, t = text] { parse_ts(t, "x.ts"); });
}

// Its first dimension times the number of dimensions are 2^40 numbers.
TEST(Ts, ALongAndWideLineIsRefusedWithoutRoomForItsSquare) {
  const std::string line =
      std::string(std::size_t{1} << 20, ',') + std::string(std::size_t{1} << 20, ':') + "a\n";
  EXPECT_NE(message_of([&] { parse_ts(kHeader + line, "x.ts"); }).find("dimension 2 has 1 values"),
            std::string::npos);
}

// A model file, which is JSON, could not hold it: better told before the training than after.
TEST(Labelled, AClassWhoseNameIsNotUtf8IsRefused) {
  EXPECT_NE(message_of([] { parse_ts("@classLabel true caf\xe9 b\n@data\n1:b\n", "x.ts"); }).find("x.ts:1"),
            std::string::npos);
  EXPECT_NE(message_of([] { parse_ts("@data\n1:caf\xe9\n", "x.ts"); }).find("x.ts:2: the name of its class"),
            std::string::npos);
  const std::string folder = testing::TempDir() + "cellwright_latin1_classes";
  std::filesystem::create_directories(folder + "/caf\xe9");
  write_file_atomically(folder + "/caf\xe9/1.csv", "1,2\n");
  SoundReading sound;
  EXPECT_NE(message_of([&] { read_class_folder(folder, sound); }).find("is not UTF-8"), std::string::npos);
  std::filesystem::remove_all(folder);
}

TEST(Scaling, OneOutOfAFileMayNotFit) {
  EXPECT_TRUE(fits({{0, 1}, {1, 2}}, 2));
  EXPECT_TRUE(fits({}, 0));
  EXPECT_FALSE(fits({{0, 1}, {1, 2}}, 3));
  EXPECT_FALSE(fits({{0}, {1, 2}}, 2));
  EXPECT_FALSE(fits({{0, 1}, {1, 0}}, 2)) << "a deviation divides";
}

TEST(Ts, CasesToBePredictedNeedNoClass) {
  const LabelledData d = parse_ts("@classLabel false\n@data\n1,2:3,4\n5:6\n", "x.ts", false);
  EXPECT_EQ(d.width, 2);
  EXPECT_EQ(d.items[0].values, (std::vector<float>{1, 3, 2, 4}));
  EXPECT_EQ(parse_ts(kHeader + "1,2:?\n", "x.ts", false).items[0].steps, 2);
  EXPECT_EQ(parse_labelled_lines("{\"s\":[1,null]}", "p", false).items[0].steps, 2);
  EXPECT_TRUE(std::isnan(parse_labelled_lines("{\"s\":[1,null]}", "p", false).items[0].values[1]));
}

// Whatever is cut off, and whatever byte stands somewhere: an error of ours or a sequence, never harm.
TEST(TextReaders, NoCutAndNoOtherByteDoesHarm) {
  const std::string ts = kHeader + "1,2:3,?:a\n4:5:b\n", lines = "{\"label\":\"a\",\"s\":[[1,2],[3,null]]}\n",
                    columns = "# x\n1-2 du _ P\n1 de D P\n\n2 le D D\n", table = "t;\"y\"\n1;2,5\n2;\n",
                    numbers = "a,b\n1,\n3;4\n";
  const auto read = [](int which, const std::string& text) {
    int width = 0;
    try {
      if (which == 0) parse_ts(text, "x");
      if (which == 1) parse_labelled_lines(text, "x");
      if (which == 2) parse_tagged_columns(text, "x", 2, -1);
      if (which == 3) parse_tagged_lines(text, "x", false);
      if (which == 4) number_at(read_csv(text, "x"), 0, 0);
      if (which == 5) parse_number_lines(text, "x", &width);
    } catch (const Error& e) {
      ASSERT_FALSE(std::string(e.what()).empty());
    }
  };
  int which = 0;
  for (const std::string& good :
       {ts, lines, columns, std::string("{\"steps\":[[1],[2]],\"labels\":[\"a\"]}"), table, numbers}) {
    for (std::size_t at = 0; at < good.size(); ++at) {
      read(which, good.substr(0, at));
      for (int b = 0; b < 256; b += b < 128 ? 1 : 17) {
        std::string bad = good;
        bad[at] = static_cast<char>(b);
        read(which, bad);
      }
    }
    ++which;
  }
}

TEST(Ts, TheVowelsHaveTheirKnownSizes) {
  const std::string path = test::data_path("japanese-vowels/JapaneseVowels_");
  CELLWRIGHT_NEED_DATA(path + "TRAIN.ts");
  const LabelledData train = parse_ts(read_text(path + "TRAIN.ts"), "train"),
                     test = parse_ts(read_text(path + "TEST.ts"), "test");
  EXPECT_EQ(train.items.size(), 270u);
  EXPECT_EQ(test.items.size(), 370u);
  EXPECT_EQ(train.width, 12);
  EXPECT_EQ(classes_of(train).size(), 9u);
  int least = 99, most = 0;
  for (const LabelledSequence& s : test.items) {
    least = std::min(least, s.steps);
    most = std::max(most, s.steps);
  }
  EXPECT_EQ(least, 7);
  EXPECT_EQ(most, 29);
  check(train);
}

TEST(LabelledLines, NestedStepsAreFlattened) {
  const LabelledData d = parse_labelled_lines(
      "{\"label\":\"x\",\"pose\":[[[1,2],[3,4]],[[5,6],[7,8]]]}\n\n{\"label\":3,\"s\":[[1,2,3,4]]}", "p");
  EXPECT_EQ(d.width, 4);
  EXPECT_EQ(d.items[0].values, (std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(d.items[1].label, "3");
  for (const auto& [text, part] : std::vector<std::pair<std::string, std::string>>{
           {"", "no sequence"},
           {"[1]", "p:1: this is no JSON object"},
           {"{\"label\":\"a\",\"x\":[1}", "p:1: this is no JSON: column 20: "},
           {"{\"label\":\"a\",\"x\":[1e999]}", "p:1: this is no JSON: number overflow"},
           {"{\"x\":[1]}", "no \"label\""},
           {"{\"label\":\"a\"}", "no list of steps"},
           {"{\"label\":\"a\",\"x\":[1],\"y\":[1]}", "more than one list"},
           {"{\"label\":\"a\",\"x\":[1,\"b\"]}", "step 1 holds something that is no number"},
           {"{\"label\":\"a\",\"x\":[[1],[2,3]]}", "step 1 has 2 numbers"},
           {"{\"label\":\"a\",\"x\":[[],[]]}", "step 0 has 0 numbers"}})
    EXPECT_NE(message_of([&, t = text] { parse_labelled_lines(t, "p"); }).find(part), std::string::npos)
        << part;
}

std::string big_endian(std::initializer_list<unsigned> words) {
  std::string s;
  for (const unsigned w : words) {
    for (int shift = 24; shift >= 0; shift -= 8) s += static_cast<char>(w >> shift & 255);
  }
  return s;
}

TEST(Idx, ImagesAreReadByRowsPixelsAndInADrawnOrder) {
  const std::string images = big_endian({2051, 2, 2, 3}) + std::string("\0\1\2\3\4\5\6\7\x8\x9\xA\xFF", 12),
                    labels = big_endian({2049, 2}) + std::string("\7\1", 2);
  const LabelledData rows = parse_idx(images, labels, "i", "l", ImageReading::rows, 1),
                     pixels = parse_idx(images, labels, "i", "l", ImageReading::pixels, 1),
                     drawn = parse_idx(images, labels, "i", "l", ImageReading::permuted, 1);
  EXPECT_EQ(rows.width, 3);
  EXPECT_EQ(rows.items[0].steps, 2);
  EXPECT_EQ(pixels.width, 1);
  EXPECT_EQ(pixels.items[0].steps, 6);
  EXPECT_EQ(rows.items[1].values, pixels.items[1].values);
  EXPECT_EQ(rows.items[1].values[5], 1);
  EXPECT_EQ(rows.items[0].label, "7");
  std::vector<float> one = drawn.items[0].values, other = drawn.items[1].values;
  EXPECT_NE(one, pixels.items[0].values);
  for (std::size_t i = 0; i < 5; ++i)  // the same order for every image
    EXPECT_EQ(std::lround(255 * other[i]) == 255 ? 11 : std::lround(255 * other[i]),
              std::lround(255 * one[i]) + 6);
  std::sort(one.begin(), one.end());
  EXPECT_EQ(one, pixels.items[0].values);
  for (const auto& [i, l, part] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"", labels, "ends within its header"},
           {labels, labels, "begins with 2049, expected 2051"},
           {images, images, "begins with 2051, expected 2049"},
           {images.substr(0, 20), labels, "20 bytes, but 2 images of 2 × 3 take 28"},
           {images, labels.substr(0, 9), "2 labels in 9 bytes"},
           {big_endian({2051, 4000000000u, 4096, 4096}), labels, "take"},
           {big_endian({2051, 1, 0, 3}), labels, "images of 0 × 3"}}) {
    const std::string a = i, b = l,
                      found = message_of([&] { parse_idx(a, b, "i", "l", ImageReading::rows, 1); });
    EXPECT_NE(found.find(part), std::string::npos) << part << ": " << found;
  }
}

TEST(NumberLines, AreReadWithAnySeparatorAndBadOnesTold) {
  int width = 0;
  EXPECT_EQ(parse_number_lines("time,x\n1,2\n3 4\r\n\n5;6", "n.csv", &width),
            (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(width, 2);
  EXPECT_EQ(message_of([&] { parse_number_lines("1,2\n3,x\n", "n.csv", &width); }),
            "n.csv:2: column 2: 'x' is no number");
  EXPECT_EQ(message_of([&] { parse_number_lines("1,2,3\n", "n.csv", &width); }),
            "n.csv:1: 3 numbers, where 2 are expected");
  EXPECT_EQ(message_of([&] { parse_number_lines("1,x\n3,4\n", "n.csv", &width); }),
            "n.csv:1: column 2: 'x' is no number")
      << "no line of names: it would be lost";
  EXPECT_EQ(message_of([&] { parse_number_lines("a,b\n", "n.csv", &width); }),
            "n.csv: there is no number in it");
}

TEST(NumberLines, MissingNumbersKeepTheirPlace) {
  int width = 0;
  const std::vector<float> v = parse_number_lines("1,,3\nNaN,5,\n?\tNA\t9\n", "n.csv", &width);
  EXPECT_EQ(width, 3);
  ASSERT_EQ(v.size(), 9u);
  for (const std::size_t at : {1u, 3u, 5u, 6u, 7u}) EXPECT_TRUE(std::isnan(v[at])) << at;
  EXPECT_EQ(v[2], 3);
  EXPECT_EQ(v[8], 9);
  EXPECT_EQ(parse_number_lines("\"a\";\"b\";\"c\"\n1,5;\"2\"; 3.5\n", "n.csv", &width),
            (std::vector<float>{1.5f, 2, 3.5f}));
}

TEST(ClassFolder, WhatIsNotReadIsSaid) {
  const test::TemporaryFolder folder;
  namespace fs = std::filesystem;
  for (const char* label : {"a", "b", "none"}) fs::create_directory(folder / label);
  for (const char* file : {"a/1.CSV", "a/2.csv", "b/1.csv", "b/2.txt"})
    write_file_atomically(folder / file,
                          "\xEF\xBB\xBF"
                          "1;2\r3;4");
  write_file_atomically(folder / "b/notes.pdf", "x");
  SoundReading sound;
  const LabelledData data = read_class_folder(folder.path(), sound);
  ASSERT_EQ(data.items.size(), 4u);
  for (const LabelledSequence& s : data.items)
    EXPECT_EQ(s.values, (std::vector<float>{1, 2, 3, 4})) << s.name;
  EXPECT_EQ(data.remarks, (std::vector<std::string>{"folder 'none' holds nothing that is read",
                                                    "1 file of other kinds left out"}));
  EXPECT_NE(message_of([&] {
              read_class_folder(folder / "a", sound, [](const std::string&) { return std::string(); });
            }).find("has a name that tells its class"),
            std::string::npos);
  fs::create_directory(folder / "\xFF");
  write_file_atomically(folder / "\xFF/1.csv", "1;2\n");
  EXPECT_NE(message_of([&] { read_class_folder(folder.path(), sound); }).find("is not UTF-8"),
            std::string::npos);
}

LabelledData some(const std::vector<std::pair<std::string, int>>& classes) {
  LabelledData data;
  data.width = 2;
  for (const auto& [label, n] : classes) {
    for (int i = 0; i < n; ++i)
      data.items.push_back({label + std::to_string(i), label, 1, {static_cast<float>(i), 5}});
  }
  return data;
}

TEST(Labelled, ClassesAreSortedAndOnesWithOneMemberRefused) {
  EXPECT_EQ(classes_of(some({{"10", 2}, {"9", 2}, {"b", 2}, {"a", 2}})),
            (std::vector<std::string>{"9", "10", "a", "b"}));
  EXPECT_EQ(message_of([] { check(some({{"a", 3}, {"b", 2}})); }), "");
  EXPECT_NE(message_of([] {
              check(some({{"a", 3}, {"b", 1}}));
            }).find("class 'b' has one member (b0)"),
            std::string::npos);
  EXPECT_NE(message_of([] { check(some({{"a", 3}})); }).find("at least two classes"), std::string::npos);
  EXPECT_NE(message_of([] { check(some({})); }).find("at least two classes"), std::string::npos);
}

TEST(Labelled, PartsHaveTheirShareOfEveryClass) {
  const LabelledData data = some({{"a", 50}, {"b", 11}, {"c", 7}});
  std::vector<int> seen(data.items.size(), 0);
  for (int part = 0; part < 5; ++part) {
    int of_b = 0;
    const std::vector<std::size_t> chosen = even_part(data, part, 5, 3);
    EXPECT_EQ(chosen, even_part(data, part, 5, 3));
    for (const std::size_t i : chosen) {
      ++seen[i];
      of_b += data.items[i].label == "b";
    }
    EXPECT_GE(of_b, 2);
    EXPECT_NEAR(static_cast<double>(chosen.size()), 68 / 5.0, 1);
  }
  for (const int n : seen) EXPECT_EQ(n, 1);
  LabelledData rest = data;
  const LabelledData taken = take_fraction(rest, 0.1, 1);
  EXPECT_EQ(taken.items.size(), 5u + 1u + 1u);
  EXPECT_EQ(rest.items.size() + taken.items.size(), data.items.size());
}

TEST(Labelled, IsScaledByTheTrainingDataAndNumbered) {
  LabelledData data = some({{"a", 3}, {"b", 2}});
  const Scaling scaling = scaling_of(data);
  EXPECT_NEAR(scaling.mean[0], 0.8, 1e-12);
  EXPECT_NEAR(scaling.deviation[0], std::sqrt(0.56), 1e-7);
  EXPECT_EQ(scaling.deviation[1], 1) << "a column that is always the same";
  data.items[0].values[0] = std::nanf("");
  const SequenceSet set = to_sequences(data, {"a", "b"}, scaling);
  set.check();
  EXPECT_EQ(set.sequences[0].inputs[0], 0) << "a missing number is the mean";
  EXPECT_NEAR(set.sequences[1].inputs[0], 0.2 / std::sqrt(0.56), 1e-6);
  EXPECT_EQ(set.sequences[4].targets, std::vector<float>{1});
  EXPECT_EQ(message_of([&] {
              to_sequences(data, {"a", "c"}, scaling);
            }),
            "b0: label 'b' is none of the classes 'a', 'c'");
}

TEST(Labelled, PointsAreCentredAndDifferencesAppended) {
  LabelledData data;
  data.width = 4;
  data.items.push_back({"s", "a", 2, {1, 10, 3, 20, 2, 0, 4, 2}});
  centre_points(data, 2);
  EXPECT_EQ(data.items[0].values, (std::vector<float>{-1, -5, 1, 5, -1, -1, 1, 1}));
  append_differences(data);
  EXPECT_EQ(data.width, 8);
  EXPECT_EQ(data.items[0].values, (std::vector<float>{-1, -5, 1, 5, 0, 0, 0, 0, -1, -1, 1, 1, 0, 4, 0, -4}));
  EXPECT_NE(message_of([&] { centre_points(data, 3); }), "");
}

}  // namespace
}  // namespace cellwright
