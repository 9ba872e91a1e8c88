// safetensors_test.cpp: the reader against files made by hand and by another writer, against damage at every
// byte; the writer against the reader and against bytes spelled out here.

#include "interop/safetensors.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "cellwright/error.h"

namespace cellwright {
namespace {

std::string file_of(const std::string& json, const std::string& data) {
  std::string bytes(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>((json.size() >> (8 * i)) & 0xFF);
  return bytes + json + data;
}

/// The message of the FormatError that parsing must end in; "" and a failure when it does not.
std::string message_of(const std::string& bytes) {
  try {
    parse_safetensors(bytes, "m.safetensors");
  } catch (const FormatError& e) {
    return e.what();
  }
  ADD_FAILURE() << "was accepted";
  return "";
}

testing::AssertionResult has(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "'" << text << "' lacks '" << part << "'";
}

SafetensorsFile sample() {
  SafetensorsFile file;
  file.metadata = {{"cellwright", "{\"language\":1}"}, {"line", "a\nb\t\"q\" \\ \x01 é"}};
  file.tensors.push_back(Tensor::of("w", {2, 2}, std::vector<double>{1, 2, 3, 4}));
  file.tensors.push_back(Tensor::of("empty", {3, 0}, std::vector<float>{}));
  file.tensors.push_back(Tensor::of("b", {}, std::vector<float>{0.5F}));
  file.tensors.push_back(Tensor::of_bytes("بيت", "xyz"));
  return file;
}

TEST(SafetensorsReader, ReadsAFileMadeByHand) {
  const auto file = parse_safetensors(
      file_of(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"__metadata__":{"k":"v"}})",
              "\x07\x08"),
      "f");
  ASSERT_EQ(file.tensors.size(), 1U);
  EXPECT_EQ(file.tensors[0].name, "a");
  EXPECT_EQ(file.tensors[0].values<std::uint8_t>(), (std::vector<std::uint8_t>{7, 8}));
  EXPECT_EQ(file.metadata, (std::map<std::string, std::string>{{"k", "v"}}));
}

TEST(SafetensorsReader, ReadsTheFileOfAnotherWriter) {
  const auto file = read_safetensors(CELLWRIGHT_SOURCE_DIR "/tests/fixtures/small.safetensors");
  ASSERT_EQ(file.tensors.size(), 6U);
  EXPECT_EQ(file.metadata.at("format"), "pt");
  EXPECT_EQ(file.metadata.at("note"), "quote \" backslash \\ tab \t snowman ☃ clef 𝄞");
  const std::vector<double> weight = file.at("weight", "f").values<double>();
  ASSERT_EQ(weight, (std::vector<double>{0.5, -1.25, 3.0, 1e-300, 0.0, 1e10}));
  EXPECT_TRUE(std::signbit(weight[4]));
  EXPECT_EQ(file.tensors[0].name, "weight") << "tensors come in the order of their data";
  EXPECT_EQ(file.at("weight", "f").shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(file.at("bias", "f").values<float>(), (std::vector<float>{0.25F, -8.0F}));
  EXPECT_EQ(file.at("steps", "f").values<std::int64_t>(), (std::vector<std::int64_t>{-5}));
  EXPECT_EQ(file.at("steps", "f").element_count(), 1);
  EXPECT_EQ(file.at("half", "f").type, Tensor::Type::kF16);
  EXPECT_EQ(file.at("half", "f").bytes, std::string("\x00\x3e\x00\xc0", 4));
  EXPECT_EQ(file.at("nothing", "f").element_count(), 0);
  EXPECT_EQ(file.at("vocabulary", "f").bytes, "aبé");
}

TEST(SafetensorsReader, RefusesAValueOfAnotherTypeAndANameThatIsAbsent) {
  const SafetensorsFile file = sample();
  EXPECT_THROW(file.at("w", "f").values<float>(), FormatError);
  EXPECT_EQ(file.find("v"), nullptr);
  try {
    file.at("v", "m.safetensors");
    FAIL();
  } catch (const FormatError& e) {
    EXPECT_TRUE(has(e.what(), "m.safetensors: no tensor 'v'"));
  }
}

TEST(SafetensorsReader, NamesFileByteAndFault) {
  const std::string tensor = R"("dtype":"U8","shape":[2],"data_offsets":[0,2])";
  const std::string good = "{\"a\":{" + tensor + "}}";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "m.safetensors: byte 0: the file ends here"},
      {"1234567", "m.safetensors: byte 7: the file ends here"},
      {file_of("", ""), "byte 8: expected '{' at the header's start"},
      {std::string(8, '\xff') + good, "byte 0: the header's length is given as 18446744073709551615"},
      {file_of(good, "12").substr(0, 20), "byte 20: the file ends here, but its header ends at byte"},
      {file_of("[]", ""), "byte 8: expected '{'"},
      {file_of(" {}", ""), "byte 8: expected '{'"},
      {file_of("{} x", ""), "byte 11: expected nothing but spaces"},
      {file_of("{\"\xff\":1}", ""), "byte 10: the header is not valid UTF-8"},
      {file_of(good, "1"), "the file ends here, but tensor 'a' ends at byte"},
      {file_of(good, "123"), "1 bytes follow the last tensor"},
      {file_of("{}", "x"), "byte 10: 1 bytes follow"},
      {file_of("{\"a\":{" + tensor + "},\"a\":{" + tensor + "}}", "12"), "the name 'a' stands twice"},
      {file_of(R"({"__metadata__":{},"__metadata__":{}})", ""), "stands twice"},
      {file_of(R"({"__metadata__":{"k":"1","k":"2"}})", ""), "the metadata key 'k' stands twice"},
      {file_of(R"({"__metadata__":{"k":1}})", ""), "expected a string in double quotes, found '1}}'"},
      {file_of(R"({"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}})", ""),
       "'dtype' stands twice"},
      {file_of(R"({"a":{"dtype":"Q4","shape":[2],"data_offsets":[0,2]}})", "12"),
       "byte 22: unknown dtype 'Q4'"},
      {file_of(R"({"a":{"shape":[2],"data_offsets":[0,2]}})", "12"), "tensor 'a' has no 'dtype'"},
      {file_of(R"({"a":{"dtype":"U8","data_offsets":[0,2]}})", "12"), "tensor 'a' has no 'shape'"},
      {file_of(R"({"a":{"dtype":"U8","shape":[2]}})", "12"), "tensor 'a' has no 'data_offsets'"},
      {file_of(R"({"a":{"colour":[[[[[[]]]]]]}})", ""),
       "expected dtype, shape or data_offsets in tensor 'a'"},
      {file_of(R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,2]}})", "12"),
       "needs 3 bytes, but its data_offsets hold 2"},
      {file_of(R"({"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}})", "12"),
       "a whole number that is not negative"},
      {file_of(R"({"a":{"dtype":"U8","shape":[2.0],"data_offsets":[0,2]}})", "12"), "a whole number"},
      {file_of(R"({"a":{"dtype":"U8","shape":[02],"data_offsets":[0,2]}})", "12"), "a whole number"},
      {file_of(R"({"a":{"dtype":"U8","shape":[2e0],"data_offsets":[0,2]}})", "12"), "a whole number"},
      {file_of(R"({"a":{"dtype":"U8","shape":[],"data_offsets":[0]}})", ""),
       "expected two data_offsets, found 1"},
      {file_of(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[2,0]}})", "12"), "ends before it begins"},
      {file_of(R"({"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,2]}})", "12"),
       "larger than 2^63-1"},
      {file_of(R"({"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", ""),
       "larger than 2^63-1"},
      {file_of(R"({"a":{"dtype":"F64","shape":[4611686018427387904],"data_offsets":[0,0]}})", ""),
       "larger than 2^63-1"},
      {file_of(R"({"a":{"dtype":"U8","shape":[4611686018427387904],"data_offsets":[0,4611686018427387904]}})",
               "12"),
       "the file ends here"},
      {file_of(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", "123"), "nor leave a hole"},
      {file_of(
           R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
           "123"),
       "neither overlap"},
      {file_of(
           R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})",
           "12"),
       "neither overlap"},
      {file_of(R"({"a)", ""), "byte 9: the string that starts here has no closing quote"},
      {file_of(R"({"\x":1})", ""), "after a backslash"},
      {file_of(R"({"\ud83d":1})", ""), "half of a surrogate pair"},
      {file_of(R"({"\ud83dA":1})", ""), "half of a surrogate pair"},
      {file_of(R"({"\u12g4":1})", ""), "four hexadecimal digits"},
      {file_of("{\"a\nb\":1}", ""), "no bare control character"},
      {file_of("{\"a\":" + std::string(100000, '['), ""), "byte 13: expected '{'"},
      {file_of("{\"a\":{\"dtype\":" + std::string(100000, '{'), ""), "expected a string"},
  };
  for (const auto& [bytes, fault] : cases) {
    const std::string message = message_of(bytes);
    EXPECT_TRUE(has(message, fault));
    EXPECT_TRUE(has(message, "m.safetensors: byte "));
    EXPECT_LT(message.size(), 400U);
  }
}

TEST(SafetensorsReader, RefusesAFileCutAtAnyByte) {
  const std::string whole = format_safetensors(sample());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_THROW(parse_safetensors(whole.substr(0, n), "f"), FormatError) << n;
  }
  EXPECT_NO_THROW(parse_safetensors(whole, "f"));
}

TEST(SafetensorsReader, EveryFlippedBitIsRefusedOrStillConsistent) {
  const std::string whole = format_safetensors(sample());
  for (std::size_t i = 0; i < whole.size() * 8; ++i) {
    std::string bytes = whole;
    bytes[i / 8] = static_cast<char>(bytes[i / 8] ^ (1 << (i % 8)));
    try {
      std::size_t total = 0;
      for (const Tensor& tensor : parse_safetensors(bytes, "f").tensors) {
        EXPECT_EQ(static_cast<std::size_t>(tensor.element_count()) * size_of(tensor.type),
                  tensor.bytes.size());
        total += tensor.bytes.size();
      }
      EXPECT_LE(total, bytes.size());
    } catch (const FormatError&) {
    }
  }
}

TEST(SafetensorsWriter, MakesTheBytesOfTheFormat) {
  SafetensorsFile file;
  file.tensors.push_back(Tensor::of_bytes("a", "\x07\x08"));

  const std::string json = R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})";
  EXPECT_EQ(format_safetensors(file),
            file_of(json + std::string((8 - json.size() % 8) % 8, ' '), "\x07\x08"));
  EXPECT_EQ(format_safetensors({}), file_of("{}      ", ""));
}

TEST(SafetensorsWriter, IsReadBackAndWrittenAgainWithTheSameBytes) {
  const SafetensorsFile file = sample();
  const std::string bytes = format_safetensors(file);
  const SafetensorsFile back = parse_safetensors(bytes, "f");
  EXPECT_EQ(back.metadata, file.metadata);
  ASSERT_EQ(back.tensors.size(), file.tensors.size());
  for (std::size_t i = 0; i < file.tensors.size(); ++i) {
    EXPECT_EQ(back.tensors[i].name, file.tensors[i].name);
    EXPECT_EQ(back.tensors[i].type, file.tensors[i].type);
    EXPECT_EQ(back.tensors[i].shape, file.tensors[i].shape);
    EXPECT_EQ(back.tensors[i].bytes, file.tensors[i].bytes);
  }
  EXPECT_EQ(format_safetensors(back), bytes);
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  EXPECT_EQ((8 + header) % 8, 0U);
}

TEST(SafetensorsWriter, WritesAFileThatTheReaderFinds) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "cellwright_safetensors_test";
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "m.safetensors").string();
  write_safetensors(path, sample());
  EXPECT_EQ(format_safetensors(read_safetensors(path)), format_safetensors(sample()));
  std::filesystem::remove_all(folder);
  EXPECT_THROW(write_safetensors(path, sample()), IoError);
  EXPECT_THROW(read_safetensors(path), IoError);
}

TEST(SafetensorsWriter, RefusesWhatNoReaderWouldAccept) {
  SafetensorsFile twice = sample();
  twice.tensors.push_back(twice.tensors[0]);
  EXPECT_THROW(format_safetensors(twice), SpecError);
  SafetensorsFile reserved = sample();
  reserved.tensors[0].name = "__metadata__";
  EXPECT_THROW(format_safetensors(reserved), SpecError);
  SafetensorsFile torn = sample();
  torn.tensors[0].bytes.pop_back();
  EXPECT_THROW(format_safetensors(torn), SpecError);
  SafetensorsFile latin = sample();
  latin.metadata["x"] = "\xe9";
  EXPECT_THROW(format_safetensors(latin), SpecError);
  EXPECT_THROW(Tensor::of("w", {2, 3}, std::vector<float>(5)), SpecError);
  EXPECT_THROW(Tensor::of("w", {-1}, std::vector<float>{}), SpecError);
}

}  // namespace
}  // namespace cellwright
