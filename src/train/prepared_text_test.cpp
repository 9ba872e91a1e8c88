// prepared_text_test.cpp: a prepared text trains as the text itself does, in bounded memory; damaged files
// are told.
#include "train/prepared_text.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "base/file.h"
#include "base/rng.h"
#include "cellwright/error.h"
#include "data/streams.h"
#include "data/subwords.h"
#include "interop/safetensors.h"
#include "interop/safetensors_header.h"
#include "nn/test_help.h"
#include "support/data_path.h"
#include "train/trainer.h"

namespace cellwright {
namespace {

std::string some_text(int lines = 400) {
  const Random random(1, hash_name("test.prepared"));
  const char* const words[] = {"gate", "forgets", "state", "the", "caf\xC3\xA9", "o", "\xE2\x82\xAC"};
  std::string text;
  for (int i = 0; i < lines; ++i) {
    for (int w = 0; w < 6; ++w)
      text += std::string(w ? " " : "") +
              words[random.below(7, static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(w))];
    text += '\n';
  }
  return text + "last";
}

PrepareOptions of_kind(TokenKind kind) {
  PrepareOptions options;
  options.vocabulary.kind = kind;
  options.vocabulary.subwords = 300;
  return options;
}

std::string message_of(const std::string& path) {
  try {
    open_prepared_text(path).tokens.to_vector();
  } catch (const FormatError& e) {
    return e.what();
  }
  return "nothing was thrown";
}

TEST(PreparedText, HoldsTheVocabularyAndTheTokensOfTheText) {
  const test::TemporaryFolder folder;
  const std::string text = some_text(), out = folder / "x.tokens";
  write_file_atomically(folder / "x.txt", text);
  for (const TokenKind kind :
       {TokenKind::bytes, TokenKind::characters, TokenKind::words, TokenKind::subwords}) {
    if (kind == TokenKind::subwords && !have_subwords()) continue;
    const PrepareOptions options = of_kind(kind);
    const PrepareReport report = prepare_text({folder / "x.txt"}, out, options);
    ASSERT_TRUE(is_prepared_text(out));
    const PreparedText prepared = open_prepared_text(out);
    const Vocabulary v = Vocabulary::build(text, options.vocabulary);
    EXPECT_TRUE(prepared.vocabulary == v) << v.kind_name();
    EXPECT_EQ(prepared.tokens.to_vector(), v.encode(text)) << v.kind_name();
    EXPECT_EQ(prepared.tokens.hash(), TokenView(v.encode(text)).hash());
    EXPECT_EQ(prepared.bytes, static_cast<std::int64_t>(text.size()));
    EXPECT_EQ(report.tokens, static_cast<std::int64_t>(prepared.tokens.size()));
    const SafetensorsFile file = read_safetensors(out);  // anyone's reader opens it
    EXPECT_EQ(file.at("ids", out).type, Tensor::Type::kU16);
    prepare_text({folder / "x.txt"}, folder / "again", options);
    EXPECT_EQ(read_file(folder / "again"), read_file(out))
        << "a file depends on the text and the options alone";
  }
  EXPECT_FALSE(is_prepared_text(folder / "x.txt"));
}

TEST(PreparedText, TakesAKnownVocabulary) {
  const test::TemporaryFolder folder;
  write_file_atomically(folder / "x.txt", "abcz\nab");
  const Vocabulary v = Vocabulary::build("abc\n", {});
  PrepareOptions options;
  options.known = &v;
  EXPECT_THROW(prepare_text({folder / "x.txt"}, folder / "out", options), FormatError);
  EXPECT_FALSE(std::ifstream(folder / "out").good()) << "a failure leaves no file";
  options.skip_unknown = true;
  EXPECT_EQ(prepare_text({folder / "x.txt"}, folder / "out", options).skipped, 1);
  EXPECT_EQ(v.decode(open_prepared_text(folder / "out").tokens.to_vector()), "abc\nab");
  EXPECT_THROW(prepare_text({"-"}, folder / "out", {}), SpecError);
}

TEST(PreparedText, VocabulariesBeyond65536EntriesTakeFourBytesAnId) {
  const test::TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 70000; ++i) text += std::to_string(i) + "\n";
  write_file_atomically(folder / "x.txt", text);
  const PrepareOptions options = of_kind(TokenKind::words);
  prepare_text({folder / "x.txt"}, folder / "out", options);
  const PreparedText prepared = open_prepared_text(folder / "out");
  EXPECT_EQ(read_safetensors(folder / "out").at("ids", "out").type, Tensor::Type::kI32);
  EXPECT_EQ(prepared.tokens.to_vector(), Vocabulary::build(text, options.vocabulary).encode(text));
}

TEST(PreparedText, TrainsAndResumesToTheSameBitsAsTheTextItself) {
  const test::TemporaryFolder folder;
  const std::string text = some_text();
  write_file_atomically(folder / "x.txt", text);
  prepare_text({folder / "x.txt"}, folder / "out", {});
  const PreparedText prepared = open_prepared_text(folder / "out");
  TrainOptions o;
  o.epochs = 1;
  o.batch = 4;
  o.steps = 10;
  const Streams memory(prepared.vocabulary.encode(text), o.batch, o.k1()),
      file(prepared.tokens, o.batch, o.k1());
  Model<float> a(test::stack(prepared.vocabulary.size(), 4, {{"lstm", 8}}), test::engine(2));
  Model<float> b(a.spec(), test::engine(2));
  a.initialise(1);
  b.initialise(1);
  Trainer train_a(a, {&memory, memory.all(), nullptr, {}}, o),
      train_b(b, {&file, file.all(), nullptr, {}}, o);
  train_a.run();
  train_b.run();
  EXPECT_EQ(std::memcmp(a.parameters(), b.parameters(), a.size() * sizeof(float)), 0);
  const TrainingState state = train_a.state();
  EXPECT_EQ(train_b.state().json, state.json);
  EXPECT_NO_THROW(train_b.resume(state));

  write_file_atomically(folder / "y.txt", text.substr(0, 5000) + "X" + text.substr(5001));
  PrepareOptions like;
  const Vocabulary wider = Vocabulary::build(text + "X", {});
  like.known = &wider;
  prepare_text({folder / "y.txt"}, folder / "y", like);
  const Streams other(open_prepared_text(folder / "y").tokens, o.batch, o.k1());
  EXPECT_THROW(Trainer(b, {&other, other.all(), nullptr, {}}, o).resume(state), SpecError);
}

TEST(PreparedText, DamagedFilesAreTold) {
  const test::TemporaryFolder folder;
  write_file_atomically(folder / "x.txt", some_text(5));
  const std::string out = folder / "x.tokens";
  prepare_text({folder / "x.txt"}, out, of_kind(TokenKind::words));
  const std::string whole = read_file(out);
  for (std::size_t size = 0; size < whole.size(); size += size < 16 ? 1 : 37) {
    write_file_atomically(folder / "cut", whole.substr(0, size));
    const std::string message = message_of(folder / "cut");
    EXPECT_EQ(message.rfind(folder / "cut", 0), 0u) << size << ": " << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
  const Random random(1, hash_name("test.damage"));
  for (std::uint64_t i = 0; i < 300; ++i) {  // whatever a byte becomes: read, or told in one line; never more
    std::string bytes = whole;
    bytes[random.below(bytes.size(), i)] = static_cast<char>(random.bits(i, 1));
    write_file_atomically(folder / "hurt", bytes);
    const std::string message = message_of(folder / "hurt");
    EXPECT_TRUE(message == "nothing was thrown" || message.rfind(folder / "hurt", 0) == 0) << message;
  }
  SafetensorsFile file = read_safetensors(out);
  SafetensorsFile other = file;
  other.metadata.clear();
  write_safetensors(folder / "no", other);
  EXPECT_NE(message_of(folder / "no").find("not a prepared text"), std::string::npos);
  other = file;
  for (Tensor& t : other.tensors) {
    if (t.name == "ids") t.bytes[7] = '\x7F';
  }
  write_safetensors(folder / "id", other);
  EXPECT_NE(message_of(folder / "id").find("token 3 is 32"), std::string::npos) << message_of(folder / "id");
  EXPECT_THROW(open_prepared_text(folder / "none"), IoError);
}

std::size_t peak_kilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::stoul(line.substr(6));
  }
  return 0;
}

// 64 million tokens, 128 MB, of which the disk holds nothing: the ids are a hole in the file, all of them 0.
TEST(PreparedText, MemoryDoesNotGrowWithTheFile) {
  const test::TemporaryFolder folder;
  write_file_atomically(folder / "x.txt", "ab\n");
  prepare_text({folder / "x.txt"}, folder / "small", {});
  const SafetensorsFile small = read_safetensors(folder / "small");
  constexpr std::int64_t kTokens = std::int64_t{64} << 20;
  const std::string header = safetensors::format_header(
      {{"cellwright.tokens",
        R"({"format":1,"vocabulary":"characters","tokens":67108864,"bytes":1,"characters":1,"hash":"0000000000000000"})"}},
      {{"vocabulary.offsets", Tensor::Type::kI64, small.at("vocabulary.offsets", "").shape},
       {"vocabulary.bytes", Tensor::Type::kU8, small.at("vocabulary.bytes", "").shape},
       {"ids", Tensor::Type::kU16, {kTokens}}});
  const std::string front =
      header + small.at("vocabulary.offsets", "").bytes + small.at("vocabulary.bytes", "").bytes;
  write_file_atomically(folder / "large", front);
  ASSERT_EQ(truncate((folder / "large").c_str(), static_cast<off_t>(front.size()) + 2 * kTokens), 0);

  if (!(std::ofstream("/proc/self/clear_refs") << "5").flush())
    GTEST_SKIP() << "this system does not reset VmHWM";
  const std::size_t before = peak_kilobytes();
  const PreparedText prepared = open_prepared_text(folder / "large");
  const Streams streams(prepared.tokens, 10, 1000);  // a stream may hold 2 MB: the system's largest page
  std::vector<std::int32_t> inputs(10 * 1000), targets(inputs.size());
  std::int64_t sum = 0;
  for (int w = 0; w < streams.windows(); ++w) {
    streams.window(w, inputs.data(), targets.data());
    sum += inputs[0] + targets[0];
  }
  EXPECT_EQ(sum, 0);
  prepared.tokens.hash();
  EXPECT_LT(peak_kilobytes() - before, 40000u) << "kB more than before; the file has 131,072";
}

}  // namespace
}  // namespace cellwright
