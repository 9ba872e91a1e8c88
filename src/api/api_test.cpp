// api_test.cpp: the public classes, seen through the public headers alone.
#include <gtest/gtest.h>

#include <cellwright/cellwright.h>

#include <cmath>
#include <fstream>

#include "support/data_path.h"

namespace cellwright {
namespace {

std::string verse() {
  std::string text;
  for (int i = 0; i < 80; ++i) text += i % 2 == 0 ? "the rose is red\n" : "the sea is blue\n";
  return text;
}

TextModelOptions small() {
  TextModelOptions o;
  o.units = {24};
  o.threads = 2;
  return o;
}

TrainSettings quick() {
  TrainSettings s;
  s.epochs = 12;
  s.batch = 4;
  s.steps = 16;
  s.learning_rate = 2e-2;
  return s;
}

TEST(Cell, IsReadMeasuredAndPrinted) {
  const Cell cell = Cell::named("lstm");
  EXPECT_EQ(cell.name(), "lstm");
  EXPECT_EQ(cell.inputs(), std::vector<std::string>{"x"});
  EXPECT_EQ(cell.outputs(), std::vector<std::string>{"h"});
  CellSizes sizes;
  sizes.units = 5;
  sizes.inputs = {3};
  EXPECT_EQ(cell.parameter_count(sizes), 4 * 5 * (3 + 5 + 1));
  const Cell again = Cell::from_text(cell.print(true));
  EXPECT_EQ(again.print(true), cell.print(true));
  EXPECT_NE(cell.print(true).find("sigmoid"), std::string::npos);
  EXPECT_THROW(Cell::find("lsmt"), SpecError);
  EXPECT_THROW(Cell::find("./lsmt.cell"), IoError);
  EXPECT_THROW(Cell::from_text("cell broken(x) -> h\nh = W·[x"), CellError);
}

TEST(Cell, ChecksItsOwnDerivatives) {
  CellSizes sizes;
  sizes.units = 4;
  sizes.inputs = {3};
  const CellCheck check = Cell::named("gru").check(sizes);
  EXPECT_TRUE(check.passed) << check.failure;
  EXPECT_GT(check.gradients, 100);
  EXPECT_LE(check.largest_error, 1);
}

TEST(CellRun, StepsByTheEquations) {
  CellSizes sizes;
  sizes.units = 1;
  sizes.inputs = {1};
  CellRun run(Cell::from_text("cell own(x) -> h\nh = tanh(W·[h[t-1], x] + b)"), sizes);
  run.set("W", {0.5, 2});
  run.set("b", {0.25});
  const double first = std::tanh(2 * 0.3 + 0.25), second = std::tanh(0.5 * first - 2 * 0.1 + 0.25);
  EXPECT_NEAR(run.step({0.3})[0], first, 1e-15);
  EXPECT_NEAR(run.step({-0.1})[0], second, 1e-15);
  EXPECT_NEAR(run.state("h")[0], second, 1e-15);
  run.restart();
  EXPECT_NEAR(run.step({0.3})[0], first, 1e-15);
  EXPECT_THROW(run.step({1, 2}), ShapeError);
  EXPECT_THROW(run.set("V", {1}), SpecError);
  EXPECT_THROW(run.set("W", {1}), ShapeError);
}

TEST(CellRun, ShowsALearnedStartBeforeTheFirstStep) {
  CellSizes sizes;
  sizes.units = 2;
  CellRun run(Cell::from_text("cell own(x) -> h\nh = 0.5 ⊙ h[t-1] + x\nstart h = p_0\n"), sizes);
  run.set("p_0", {3, -2});
  EXPECT_EQ(run.state("h"), (std::vector<double>{3, -2}));
  EXPECT_EQ(run.step({1, 0}), (std::vector<double>{2.5, -1}));
  run.restart();
  EXPECT_EQ(run.state("h"), (std::vector<double>{3, -2}));
  EXPECT_THROW(run.step_all({{1, 0}, {1}}), ShapeError);  // one input too many
}

TEST(TextModel, LearnsSavesLoadsAndWritesInTheTextsStyle) {
  const Text text = Text::from_string(verse());
  TextModel model(text, small());
  const double before = model.evaluate(text).nats;
  EXPECT_NEAR(before, std::log(model.vocabulary_size()), 0.2);
  const TrainSummary summary = model.train(text, quick());
  EXPECT_FALSE(summary.stopped);
  EXPECT_LT(summary.valid_loss, 0.3);
  const TextLoss loss = model.evaluate(text);
  EXPECT_LT(loss.nats, 0.3);
  EXPECT_EQ(loss.tokens, static_cast<std::int64_t>(text.content().size()) - 1);
  EXPECT_NEAR(loss.perplexity, std::exp(loss.nats), 1e-12);

  SampleSettings wanted;
  wanted.prime = "the rose";
  wanted.length = 30;
  wanted.temperature = 0;
  std::string heard;
  wanted.stream = [&](const std::string& piece) { heard += piece; };
  const std::string sample = model.sample(wanted);
  EXPECT_EQ(heard, sample);
  EXPECT_EQ(sample.substr(0, 8), " is red\n");

  const test::TemporaryFolder folder;
  const std::string path = folder / "api.safetensors";
  model.save(path);
  TextModel loaded = TextModel::load(path, 1);
  EXPECT_EQ(loaded.sample(wanted), sample);
  EXPECT_EQ(loaded.evaluate(text).nats, loss.nats);
  EXPECT_EQ(loaded.parameter_count(), model.parameter_count());
}

TEST(TextModel, StopsAndResumesToTheSameModel) {
  const Text text = Text::from_string(verse());
  TextModel straight(text, small()), broken(text, small());
  TrainSettings settings = quick();
  settings.epochs = 3;
  straight.train(text, settings);

  std::atomic<bool> stop{false};
  const test::TemporaryFolder folder;
  settings.save_as = folder / "resume.safetensors";
  settings.stop = &stop;
  settings.progress = [&](const TrainingProgress& p) {
    if (p.update == 30) stop = true;
  };
  EXPECT_TRUE(broken.train(text, settings).stopped);
  TextModel loaded = TextModel::load(settings.save_as);
  stop = false;
  settings.progress = nullptr;
  settings.resume = true;
  for (TextModel* m : {&broken, &loaded}) {  // in the process, and from the file
    EXPECT_FALSE(m->train(text, settings).stopped);
    EXPECT_EQ(m->evaluate(text).nats, straight.evaluate(text).nats);
  }
  EXPECT_THROW(loaded.train(text, settings), SpecError);  // nothing is left to resume
}

// What was left to resume belonged to parameters that a later training had moved on from.
TEST(TextModel, ForgetsWhatItCannotResumeAnyMore) {
  const Text text = Text::from_string(verse());
  TextModel model(text, small());
  std::atomic<bool> stop{false};
  TrainSettings settings = quick();
  settings.stop = &stop;
  settings.progress = [&](const TrainingProgress& p) { stop = p.update == 5; };
  EXPECT_TRUE(model.train(text, settings).stopped);
  stop = false;
  settings.progress = nullptr;
  settings.resume = true;
  settings.learning_rate = 1e39;
  EXPECT_THROW(model.train(text, settings), TrainingError);
  settings.learning_rate = 1e-3;
  EXPECT_THROW(model.train(text, settings), SpecError);
}

TEST(TextModel, WordsAndBytes) {
  TextModelOptions options = small();
  options.embedding = 8;
  const Text words = Text::from_string(verse(), Tokens::kWords);
  TextModel model(words, options);
  TrainSettings settings = quick();
  settings.learning_rate = 5e-2;
  model.train(words, settings);
  SampleSettings wanted;
  wanted.prime = "the rose is";
  wanted.length = 2;
  wanted.temperature = 0;
  EXPECT_EQ(model.sample(wanted), " red\n");

  const Text bytes = Text::from_string(std::string("\xFF\x00\xFE", 3) + verse(), Tokens::kBytes);
  EXPECT_EQ(TextModel(bytes, small()).vocabulary_size(), 256);
  EXPECT_THROW(Text::from_string("\xFF"), FormatError);
  EXPECT_THROW(Text::from_string(""), FormatError);
}

TEST(TextModel, ImpossibleRequestsAreOneSentence) {
  const Text text = Text::from_string("too short");
  TextModel model(text, small());
  try {
    model.train(text, {});
    FAIL();
  } catch (const SpecError& e) {
    EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos);
  }
  TextModelOptions none = small();
  none.units = {0};
  EXPECT_THROW(TextModel(text, none), SpecError);
  SampleSettings unknown;
  unknown.prime = "Ω";
  EXPECT_THROW(model.sample(unknown), FormatError);
  EXPECT_THROW(TextModel::load("/nowhere/at.all"), IoError);
}

// The account and the trace speak of the same run: what the ledger sums to is the state that the trace shows.
TEST(TextModel, ShowsItsLinesAndTheAccountOfItsBelt) {
  TextModel model(Text::from_string(verse()), small());
  const std::string text = "the rose is";
  const TextTrace trace = model.trace(text, {"C", "f"});
  ASSERT_EQ(trace.lines.size(), 2u);
  ASSERT_EQ(trace.pieces.size(), 11u);
  EXPECT_EQ(trace.pieces[4], "r");
  EXPECT_EQ(trace.lines[0].line, "C");
  LedgerQuestion question;
  question.unit = 5;
  question.step = 7;
  const BeltAccount account = model.ledger(text, question);
  EXPECT_EQ(account.coefficient, "f");
  EXPECT_EQ(account.entries.size(), 8u);
  double sum = account.start_kept * account.start;
  for (const BeltEntry& e : account.entries) sum += e.left.at(0);
  EXPECT_NEAR(sum, static_cast<double>(trace.lines[0].values.at(7 * 24 + 5)), 1e-5);
  question.unit = 24;
  EXPECT_THROW(model.ledger(text, question), SpecError);
  EXPECT_THROW(model.trace(text, {"q"}), SpecError);
}

}  // namespace
}  // namespace cellwright
