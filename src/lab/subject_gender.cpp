// subject_gender.cpp: the two grammars. Start at kEnglish; the Arabic one says the same with its own syntax.
#include "lab/subject_gender.h"

#include <nlohmann/json.hpp>

#include "lab/lengths.h"
#include "lab/phrase.h"
#include "lab/subject_gate.h"

namespace cellwright::lab {
namespace {

constexpr int kSubjects = 3, kShortest = 3;
constexpr int kAny = 0, kChanged = 1, kSame = 2;  // variants

/// "and then | she | went home": what leads to the answer, its two forms, what follows.
struct Slot {
  std::string lead, feminine, masculine, rest;
};

struct Grammar {
  std::string language;
  std::string feminine, masculine;     ///< names, with | between them
  std::string new_subject;             ///< word before the second and third name
  std::string first_place, new_place;  ///< after a name
  std::vector<std::string> filler;     ///< says nothing of the subject
  std::vector<Slot> slots;
};

const Grammar kEnglish = {"en",
                          "Mary|Anna|Sarah|Emma|Lucy|Clara",
                          "John|Peter|Adam|Paul|Tom|David",
                          "but",
                          "was in the garden|market|school|library|village|station",
                          "was in the garden|market|school|library|village|station",
                          {"with old|good|new friends", "with some bread|tea|books",  // 3 words
                           "near the old|tall|green tree|wall|gate|bridge",           // 4
                           "on a cold|warm|quiet day|morning|evening",                // 4
                           "under the grey|blue|dark evening|morning sky"},           // 5
                          {{"and then", "she", "he", "went home"},
                           {"and later", "she", "he", "sat down there"},
                           {"and finally", "she", "he", "left the town"},
                           {"and that evening", "she", "he", "slept early"}}};

// مريم في الحديقة … ثم عادت إلى البيت، أما خالد ففي السوق … ثم عاد إلى البيت. The choices:
// - The subject comes before its verb, because a verb that comes first (عادت مريم) would tell the gender
// before the
//   name does. The place is a sentence without a verb (مريم في الحديقة, "Mary [is] in the garden"), so that
//   the name alone tells it.
// - A new subject is brought in by أما … فـ ("as for …"), which asks for ف before the predicate: أما خالد ففي
// السوق.
// - The answer is a verb of the past whose feminine has the ending ت: عاد / عادت. The words before it settle
// which
//   verb it is, so that only its gender is open.
// - The filler has adjectives of both genders, which agree with their nouns (الشجرة القديمة, النهر الكبير):
// endings
//   that say nothing of the subject, and must not be mistaken for it.
const Grammar kArabic = {"ar",
                         "مريم|فاطمة|ليلى|سلمى|زينب|هدى",
                         "خالد|أحمد|يوسف|سامي|عمر|كريم",
                         "أما",
                         "في الحديقة|السوق|المدرسة|المكتبة|القرية|المحطة",
                         "ففي الحديقة|السوق|المدرسة|المكتبة|القرية|المحطة",
                         {"مع الأصدقاء|الجيران|الأقارب", "منذ الصباح|الظهر|الأمس",  // 2 words
                          "قرب النهر|الجدار|الجسر|الباب القديم|الكبير|الطويل",      // 3, masculine
                          "قرب الشجرة|البوابة|النافذة القديمة|الكبيرة|الجميلة",     // 3, feminine
                          "في يوم بارد|دافئ|هادئ طويل|جميل",                        // 4, masculine
                          "تحت سماء زرقاء|رمادية صافية|هادئة"},                     // 4, feminine
                         {{"ثم", "عادت", "عاد", "إلى البيت"},
                          {"وبعدها", "جلست", "جلس", "هناك"},
                          {"وأخيرا", "خرجت", "خرج", "من المدينة"},
                          {"وفي المساء", "نامت", "نام", "مبكرا"}}};

using Tokens = std::vector<std::int32_t>;

class SubjectGender : public TokenTask {
 public:
  SubjectGender(const Grammar& grammar, const std::vector<int>& lengths)
      : grammar_(grammar),
        lengths_(lengths_or(lengths, {3, 10, 20, 40}, kShortest, 1000)),
        names_{Phrase(words_, grammar.masculine), Phrase(words_, grammar.feminine)},
        new_subject_(tokens_of(words_, grammar.new_subject)),
        first_place_(words_, grammar.first_place),
        new_place_(words_, grammar.new_place),
        filler_(words_, grammar.filler) {
    for (const Slot& slot : grammar.slots)
      slots_.push_back({tokens_of(words_, slot.lead),
                        {words_.id(slot.masculine), words_.id(slot.feminine)},
                        tokens_of(words_, slot.rest)});
  }

  std::string name() const override { return "subject-gender"; }
  std::string language() const override { return grammar_.language; }
  std::string length_name() const override {
    return arabic() ? "كلمات الحشو بعد الاسم الجديد" : "filler words after the new subject";
  }
  std::string accuracy_name() const override { return arabic() ? "نسبة الصواب" : "accuracy"; }
  std::string chance_name() const override { return arabic() ? "التخمين" : "chance"; }
  const std::vector<std::string>& words() const override { return words_.words(); }

  std::vector<Point> points() const override {
    std::vector<Point> all;
    for (const int variant : {kChanged, kSame}) {
      const std::string what = variant == kChanged ? arabic() ? "تغير الجنس" : "gender changed"
                               : arabic()          ? "بقي الجنس"
                                                   : "same gender";
      for (const int length : lengths_) all.push_back({length, variant, what});
    }
    return all;
  }
  double chance(const Point&) const override { return 0.5; }
  Point training_point(RandomDraw& draw) const override {
    return {draw.between(kShortest, lengths_.back()), kAny, ""};
  }

  Sample draw(const Point& point, RandomDraw& draw) const override {
    Sample s;
    int before = 0;
    for (int i = 0; i < kSubjects; ++i) {
      const bool last = i + 1 == kSubjects;
      int gender = draw.below(2);
      if (last && point.variant != kAny) gender = point.variant == kChanged ? 1 - before : before;
      before = gender;
      if (i > 0) append(s.tokens, new_subject_);
      if (i > 0) s.marks.push_back(static_cast<int>(s.tokens.size()));
      names_[gender].write(draw, s.tokens);
      (i > 0 ? new_place_ : first_place_).write(draw, s.tokens);
      filler_.write(last ? point.length : draw.between(kShortest, point.length), draw, s.tokens);
      const auto& slot = draw.of(slots_);
      append(s.tokens, slot.lead);
      s.targets.resize(s.tokens.size(), -1);
      // Training asks after every subject, measuring after the last alone.
      if (last || point.variant == kAny) s.targets.back() = slot.forms[gender];
      if (last) {
        s.rest = slot.rest;
      } else {
        s.tokens.push_back(slot.forms[gender]);
        append(s.tokens, slot.rest);
      }
    }
    s.targets.resize(s.tokens.size(), -1);
    return s;
  }

  nlohmann::ordered_json look_inside(Model<float>& model, std::uint64_t seed) const override {
    const Random random(seed, hash_name("lab.subject-gender.inside"));
    return subject_gates(model, draw_samples(*this, {20, kAny, ""}, random, 0, 400), seed);
  }

 private:
  bool arabic() const { return grammar_.language == "ar"; }
  static void append(Tokens& to, const Tokens& what) { to.insert(to.end(), what.begin(), what.end()); }

  struct Forms {
    Tokens lead;
    std::int32_t forms[2];  // masculine, feminine
    Tokens rest;
  };

  const Grammar& grammar_;
  std::vector<int> lengths_;
  WordList words_;
  Phrase names_[2];  // masculine, feminine
  Tokens new_subject_;
  Phrase first_place_, new_place_;
  Filler filler_;
  std::vector<Forms> slots_;
};

}  // namespace

std::unique_ptr<TokenTask> make_subject_gender(const TaskOptions& options) {
  return std::make_unique<SubjectGender>(options.language == "ar" ? kArabic : kEnglish, options.lengths);
}

}  // namespace cellwright::lab
