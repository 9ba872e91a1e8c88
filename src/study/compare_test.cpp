// The course of a study and its verdicts, on a task whose results are known because it draws them.
#include "study/compare.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <set>

#include "base/rng.h"
#include "cellwright/error.h"
#include "study/picture.h"
#include "study/record.h"

namespace cellwright::study {
namespace {

/// A cell's text is its figure at the best rate, 0.01; chance adds N(0, 1) by data seed and by start values.
class DrawnTask : public StudyTask {
 public:
  std::string name() const override { return "drawn"; }
  std::string metric() const override { return "nats"; }
  nlohmann::ordered_json description() const override { return {{"task", "drawn"}, {"options", {{"a", 1}}}}; }
  std::int64_t parameters(const LayerSpec& layer) const override { return 10 * layer.units; }
  double seconds_per_update(const LayerSpec& layer) const override { return layer.units; }
  std::optional<TrialResult> run(const LayerSpec& layer, const Trial& trial,
                                 const std::atomic<bool>* stop) const override {
    if (stop && stop->load()) return std::nullopt;
    TrialResult r;
    if (layer.cell_text == "diverges") {
      r.valid = r.test = std::numeric_limits<double>::infinity();
      r.diverged = true;
      return r;
    }
    const double rate = std::log10(trial.learning_rate) + 2;
    r.valid = std::stod(layer.cell_text) + 100 * rate * rate;
    r.test = r.valid + Random(trial.seed, 1).normal(0) + Random(trial.init_seed, 2).normal(0);
    r.updates = 7;
    const std::lock_guard<std::mutex> lock(mutex_);
    seeds_[layer.cell_text].insert(trial.seed);
    starts_.insert(trial.init_seed);
    return r;
  }
  mutable std::map<std::string, std::set<std::uint64_t>> seeds_;
  mutable std::set<std::uint64_t> starts_;

 private:
  mutable std::mutex mutex_;
};

Candidate candidate(const std::string& name, const std::string& text) {
  Candidate c;
  c.name = name;
  c.layer.cell_text = text;
  c.layer.units = 4;
  return c;
}

CompareOptions options(int threads = 1) {
  CompareOptions o;
  o.trials = 6;
  o.seeds = 8;
  o.threads = threads;
  return o;
}

bool same(const std::vector<StudyRun>& a, const std::vector<StudyRun>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].candidate != b[i].candidate || a[i].final != b[i].final || a[i].index != b[i].index ||
        a[i].learning_rate != b[i].learning_rate || a[i].result.test != b[i].result.test)
      return false;
  }
  return true;
}

TEST(Compare, TakesEachCellsBestRateToNewSeeds) {
  const DrawnTask task;
  const std::vector<Candidate> candidates = {candidate("a", "5"), candidate("b", "4")};
  const std::vector<StudyRun> runs = compare(task, options(), candidates);
  ASSERT_EQ(runs.size(), 2u * (6 + 8));
  double best = 0, least = 1e300;
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(runs[static_cast<std::size_t>(i)].learning_rate, drawn_rate(options(), i));
    EXPECT_GE(drawn_rate(options(), i), 1e-3);
    EXPECT_LE(drawn_rate(options(), i), 1e-1);
    const double distance = std::abs(std::log10(drawn_rate(options(), i)) + 2);
    if (distance < least) {
      least = distance;
      best = drawn_rate(options(), i);
    }
  }
  for (const StudyRun& run : runs) {
    if (run.final) {
      EXPECT_EQ(run.learning_rate, best);
    }
  }
  EXPECT_EQ(task.seeds_["5"], task.seeds_["4"]) << "the same data for all";
  EXPECT_EQ(task.seeds_["5"].size(), 6u + 8) << "no final training on a trial's seed";
  EXPECT_EQ(task.starts_.size(), 2u * (6 + 8)) << "every training from start values of its own";
}

TEST(Compare, NeitherThreadsNorABreakChangeTheResults) {
  const DrawnTask task;
  const std::vector<Candidate> candidates = {candidate("a", "5"), candidate("b", "4"),
                                             candidate("c", "diverges")};
  const std::vector<StudyRun> straight = compare(task, options(), candidates);
  EXPECT_TRUE(same(straight, compare(task, options(4), candidates)));
  for (const std::size_t broken : {1u, 7u, 20u}) {
    std::atomic<bool> stop{false};
    CompareHooks hooks;
    hooks.stop = &stop;
    hooks.finished = [&](const StudyRun&, const std::vector<StudyRun>& all) { stop = all.size() >= broken; };
    const std::vector<StudyRun> part = compare(task, options(), candidates, {}, hooks);
    ASSERT_EQ(part.size(), broken);
    const std::string file = study_to_json(task, options(), candidates, part);
    const StudyRecord record = study_from_json(file, "s.json", task, options(), candidates);
    EXPECT_TRUE(same(straight, compare(task, options(), candidates, record.runs)));
  }
}

TEST(Compare, VerdictsOnWhatIsKnown) {
  const DrawnTask task;
  CompareOptions o = options();
  const std::vector<Candidate> candidates = {candidate("a", "50"), candidate("better", "40"),
                                             candidate("worse", "60"), candidate("same", "50"),
                                             candidate("lost", "diverges")};
  const std::vector<Summary> s = summarise(task, o, candidates, compare(task, o, candidates));
  EXPECT_EQ(s[0].verdict, Verdict::kReference);
  EXPECT_EQ(s[1].verdict, Verdict::kBetter);
  EXPECT_EQ(s[2].verdict, Verdict::kWorse);
  EXPECT_EQ(s[3].verdict, Verdict::kNoDifference);
  EXPECT_EQ(s[4].verdict, Verdict::kDiverged);
  EXPECT_NEAR(s[1].against.difference.mean, -10, 3);
  EXPECT_EQ(results_plot(task, o, s, "").categories.size(), 4u) << "what has no figure is not drawn";
  EXPECT_NE(results_plot(task, o, s, "").y.label.find("lost diverges at every rate"), std::string::npos)
      << results_plot(task, o, s, "").y.label;
  EXPECT_EQ(rates_plot(task, candidates, compare(task, o, candidates)).series.size(), 4u);
}

TEST(Compare, OneThatIsFarOffDoesNotFlattenThePictureOfTheOthers) {
  const DrawnTask task;
  const std::vector<Candidate> candidates = {candidate("a", "50"), candidate("b", "40"),
                                             candidate("far", "5000")};
  const draw::Plot plot = results_plot(
      task, options(), summarise(task, options(), candidates, compare(task, options(), candidates)), "");
  EXPECT_EQ(plot.categories, (std::vector<std::string>{"a", "b"}));
  EXPECT_NE(plot.y.label.find("far at 5e+03 is not shown"), std::string::npos) << plot.y.label;
}

// A test at 5 % errs in 5 of 100; that it errs in more than 14 has a chance below 0.0002.
TEST(Compare, ACellAgainstItselfIsNoDifference) {
  const DrawnTask task;
  int alarms = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CompareOptions o = options();
    o.seed = seed;
    const std::vector<Candidate> candidates = {candidate("a", "50"), candidate("a (2)", "50")};
    const std::vector<Summary> s = summarise(task, o, candidates, compare(task, o, candidates));
    alarms += s[1].verdict != Verdict::kNoDifference;
  }
  EXPECT_LE(alarms, 14);
  EXPECT_GE(alarms, 1) << "a test that never errs is no test at 5 %: chance of none 0.006";
}

TEST(Compare, UnfinishedIsSaid) {
  const DrawnTask task;
  const std::vector<Candidate> candidates = {candidate("a", "5"), candidate("b", "4")};
  std::vector<StudyRun> runs = compare(task, options(), candidates);
  runs.pop_back();
  const std::vector<Summary> s = summarise(task, options(), candidates, runs);
  EXPECT_EQ(s[0].verdict, Verdict::kReference);
  EXPECT_EQ(s[1].verdict, Verdict::kUnfinished);
}

std::string error_of(const std::string& file, const CompareOptions& o,
                     const std::vector<Candidate>& candidates) {
  try {
    study_from_json(file, "s.json", DrawnTask(), o, candidates);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(StudyFile, OtherSettingsAndDamageAreTold) {
  const DrawnTask task;
  const std::vector<Candidate> candidates = {candidate("a", "5"), candidate("b", "4")};
  const std::string file = study_to_json(task, options(), candidates, compare(task, options(), candidates));
  EXPECT_EQ(error_of(file, options(7), candidates), "");
  CompareOptions more = options();
  more.seeds = 20;
  EXPECT_EQ(error_of(file, more, {candidates[0], candidates[1], candidate("c", "1")}), "")
      << "more is no other";
  CompareOptions other = options();
  other.seed = 9;
  EXPECT_NE(error_of(file, other, candidates).find("seed: 1 there, 9 now"), std::string::npos);
  other = options();
  other.match = Match::kTime;
  EXPECT_NE(error_of(file, other, candidates).find("match"), std::string::npos);
  EXPECT_NE(error_of(file, options(), {candidates[1], candidates[0]}).find("candidate 1 is 'a'"),
            std::string::npos);
  for (const char* damaged :
       {"", "{", "[]", "{}", "{\"cellwright.study\": 9}", "{\"cellwright.study\": 1}", "\xff\xfe"}) {
    EXPECT_EQ(error_of(damaged, options(), candidates).find("s.json: "), 0u) << damaged;
  }
  const std::string deep = std::string(200000, '[') + std::string(200000, ']');
  EXPECT_EQ(error_of("{\"cellwright.study\": 1, \"study\": {\"on\": " + deep + "}}", options(), candidates)
                .find("s.json: "),
            0u)
      << "printing what differs must not recurse so deep";
  std::string large = file;
  large.replace(large.rfind("\"units\": 4", large.find("\"runs\"")), 10, "\"units\": 2000000000");
  EXPECT_NE(error_of(large, options(), candidates).find("2000000000 units"), std::string::npos);
  for (std::size_t cut = 0; cut < file.size(); cut += 97)
    EXPECT_NE(error_of(file.substr(0, cut), options(), candidates), "") << cut;
}

TEST(Compare, OptionsOutOfRangeAreNamed) {
  const auto refused = [](auto change) {
    CompareOptions o;
    change(o);
    try {
      check(o);
    } catch (const SpecError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(refused([](CompareOptions& o) { o.trials = 0; }).find("--trials"), std::string::npos);
  EXPECT_NE(refused([](CompareOptions& o) { o.seeds = 0; }).find("--seeds"), std::string::npos);
  EXPECT_NE(refused([](CompareOptions& o) { o.lowest_rate = 1; }).find("--rates"), std::string::npos);
  EXPECT_NE(refused([](CompareOptions& o) { o.confidence = 1; }).find("--confidence"), std::string::npos);
}

}  // namespace
}  // namespace cellwright::study
