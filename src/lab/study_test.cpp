// The experiment around a task: it learns, the bits are the same again and on any threads, results go to a
// file and on from it; the search for a gate finds the one that was planted.
#include "lab/study.h"

#include <gtest/gtest.h>

#include "cellwright/error.h"
#include "lab/picture.h"
#include "lab/record.h"
#include "lab/subject_gate.h"
#include "lab/token_task.h"
#include "nn/test_help.h"
#include "support/message_of.h"

namespace cellwright::lab {
namespace {

/// The first symbol, asked for after a gap of blanks.
class Echo : public TokenTask {
 public:
  std::string name() const override { return "echo"; }
  std::string length_name() const override { return "gap"; }
  const std::vector<std::string>& words() const override {
    static const std::vector<std::string> all = {"a", "b", "c", "-"};
    return all;
  }
  std::vector<Point> points() const override { return {{1, 0, "1"}, {3, 0, "3"}}; }
  double chance(const Point&) const override { return 1.0 / 3; }
  Point training_point(RandomDraw& draw) const override { return {draw.between(1, 3), 0, ""}; }
  Sample draw(const Point& point, RandomDraw& draw) const override {
    Sample s;
    s.tokens.assign(static_cast<std::size_t>(point.length) + 1, 3);
    s.tokens[0] = draw.below(3);
    s.targets.assign(s.tokens.size(), -1);
    s.targets.back() = s.tokens[0];
    return s;
  }
};

StudyOptions small_study() {
  StudyOptions o;
  o.cells = {test::layer("rnn", 8), test::layer("lstm", 6)};
  o.rates = {0.0001, 0.02};
  o.seeds = 2;
  o.training.embedding = 4;
  o.training.lanes = 8;
  o.training.updates = 120;
  o.training.check_every = 20;
  o.training.check_samples = 30;
  o.training.test_samples = 50;
  return o;
}

TEST(LabStudy, LearnsAndChoosesTheRateThatDoes) {
  const Echo task;
  const StudyOptions options = small_study();
  const auto results = run_study(task, options);
  EXPECT_EQ(results.size(), 2u * (2 + 1));
  const auto summaries = summarise(task, options, results);
  ASSERT_EQ(summaries.size(), 2u);
  for (const Summary& s : summaries) {
    EXPECT_EQ(s.rate, 0.02) << s.cell;
    EXPECT_EQ(s.runs.size(), 2u);
    EXPECT_EQ(s.solved, 2);
    for (const auto& spread : s.accuracy) EXPECT_GE(spread.low, 0.99) << s.cell;
  }
  // At the smallest rate nothing was learned yet: what is measured is not 1 by construction.
  EXPECT_LT(results[0].points[1].accuracy, 0.9);
  EXPECT_FALSE(results[0].solved);
  const draw::Plot plot = study_plot(task, summaries, "light");
  EXPECT_EQ(plot.series.size(), 2u);
  EXPECT_EQ(plot.series[0].x, (std::vector<double>{1, 3}));
  EXPECT_NE(draw::plot_svg(plot).find("</svg>"), std::string::npos);
}

TEST(LabStudy, TheSameBitsAgainOnThreadsAndFromAHalfDoneFile) {
  const Echo task;
  StudyOptions options = small_study();
  options.training.updates = 40;
  const auto straight = run_study(task, options);
  const std::string json = study_to_json(task, options, straight);
  options.threads = 3;
  EXPECT_EQ(study_to_json(task, options, run_study(task, options)), json);
  std::vector<TrainingResult> half = {straight[0], straight.back()};
  half = results_from_json(study_to_json(task, options, half), "half.json", task, options);
  int trained = 0;
  StudyHooks hooks;
  hooks.finished = [&](const TrainingResult&, const std::vector<TrainingResult>&) { ++trained; };
  EXPECT_EQ(study_to_json(task, options, run_study(task, options, half, hooks)), json);
  EXPECT_EQ(trained, static_cast<int>(straight.size()) - 2);
}

TEST(LabStudy, RefusesAFileOfOtherOptionsAndWhatIsNoFileOfResults) {
  const Echo task;
  const StudyOptions made = small_study();
  StudyOptions asked = made;
  asked.training.lanes = 9;
  const std::string json = study_to_json(task, made, {});
  EXPECT_NE(test::message_of([&] {
              results_from_json(json, "r.json", task, asked);
            }).find("batch 8, asked for is 9"),
            std::string::npos);
  for (const char* bad : {"", "[]", "{", R"({"lab": 1})", R"({"runs": 3, "lab": "echo"})"})
    EXPECT_EQ(test::message_of([&] { results_from_json(bad, "r.json", task, made); }).rfind("r.json", 0), 0u)
        << bad;
  const std::string deep =
      R"({"runs": [], "lab": )" + std::string(200000, '[') + std::string(200000, ']') + "}";
  EXPECT_EQ(test::message_of([&] { results_from_json(deep, "r.json", task, made); }).rfind("r.json", 0), 0u);
  std::string broken = json;
  broken.replace(broken.find("\"runs\": []"), 10, R"("runs": [{"cell": 3}])");
  EXPECT_NE(
      test::message_of([&] { results_from_json(broken, "r.json", task, made); }).find("run 1 cannot be read"),
      std::string::npos);
}

TEST(LabStudy, WrongOptionsAreNamed) {
  const Echo task;
  const auto with = [&](const std::function<void(StudyOptions&)>& change) {
    StudyOptions o = small_study();
    change(o);
    return test::message_of([&] { run_study(task, o); });
  };
  EXPECT_NE(with([](auto& o) { o.rates = {}; }).find("--rates"), std::string::npos);
  EXPECT_NE(with([](auto& o) { o.rates = {-1}; }).find("--rates"), std::string::npos);
  EXPECT_NE(with([](auto& o) { o.seeds = 0; }).find("--seeds"), std::string::npos);
  EXPECT_NE(with([](auto& o) { o.training.lanes = 0; }).find("--batch"), std::string::npos);
  EXPECT_NE(with([](auto& o) { o.cells[1] = o.cells[0]; }).find("'rnn' twice"), std::string::npos);
}

TEST(LabStudy, ARateThatIsTooLargeIsAResultAndNoCrash) {
  const Echo task;
  StudyOptions options = small_study();
  options.cells = {test::layer("rnn_relu", 8)};
  options.rates = {1e30};
  options.seeds = 1;
  const auto results = run_study(task, options);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_TRUE(results[0].diverged);
}

TEST(SubjectGate, FindsThePlantedUnitAndMeasuresItOnTheOtherHalf) {
  constexpr int kSteps = 30, kLanes = 40, kUnits = 5;
  std::vector<float> values(kSteps * kLanes * kUnits);
  const Random random(5, 5);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = 0.9f + 0.05f * static_cast<float>(random.uniform(i));
  Gate gate{values.data(), kLanes, kUnits, std::vector<int>(kLanes, kSteps)};
  std::vector<std::vector<int>> marks;
  for (int b = 0; b < kLanes; ++b) {
    marks.push_back({7 + b % 3, 20});
    for (const int t : marks.back()) {
      values[static_cast<std::size_t>((t * kLanes + b) * kUnits + 3)] = 0.2f;  // everywhere
      if (b % 2 == 1)  // unit 1 falls further, but only where nothing is chosen by
        values[static_cast<std::size_t>((t * kLanes + b) * kUnits + 1)] = 0.0f;
    }
  }
  const GateFall fall = largest_fall(gate, marks);
  EXPECT_EQ(fall.unit, 3);
  EXPECT_NEAR(fall.at_marks, 0.2, 1e-6);
  EXPECT_NEAR(fall.elsewhere, 0.925, 0.005);
}

TEST(SubjectGate, ReportsEveryBeltAndNothingOfACellWithoutOne) {
  const Echo task;
  auto samples = draw_samples(task, {9, 0, ""}, Random(1, 1), 0, 20);
  for (Sample& s : samples) s.marks = {4};
  Model<float> lstm(test::stack(4, 3, {{"lstm", 6}}), test::engine(1));
  test::randomise(lstm, 1);
  const auto found = subject_gates(lstm, samples, 1);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0]["gate"], "f");
  EXPECT_EQ(found[0]["state"], "C");
  EXPECT_NEAR(found[0]["change"].get<double>(),
              found[0]["at_new"].get<double>() - found[0]["elsewhere"].get<double>(), 1e-12);
  Model<float> rnn(test::stack(4, 3, {{"rnn", 6}}), test::engine(1));
  test::randomise(rnn, 1);
  EXPECT_TRUE(subject_gates(rnn, samples, 1).is_null());
}

}  // namespace
}  // namespace cellwright::lab
