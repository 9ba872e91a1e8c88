// long_term.cpp: the two grammars. Start at kEnglish; the Arabic one says the same with its own syntax.
#include "lab/long_term.h"

#include <utility>

#include "lab/lengths.h"
#include "lab/phrase.h"

namespace cellwright::lab {
namespace {

constexpr int kShortestGap = 5;

struct Grammar {
  std::string language;
  std::string opening;                                         ///< before the country
  std::vector<std::pair<std::string, std::string>> countries;  ///< and their languages
  std::vector<std::string> filler;
  std::string question;  ///< its last word is followed by the language
  std::string rest;      ///< behind the language
  std::string middle;    ///< of a short sentence, between what and where
  int short_gap;         ///< words of `middle`
  std::vector<std::pair<std::string, std::string>> short_sentences;  ///< what, and where it is
};

const Grammar kEnglish = {
    "en",
    "I grew up in",
    {{"France", "French"},
     {"Germany", "German"},
     {"Italy", "Italian"},
     {"Spain", "Spanish"},
     {"Russia", "Russian"},
     {"China", "Chinese"},
     {"Japan", "Japanese"},
     {"Turkey", "Turkish"},
     {"Poland", "Polish"},
     {"Sweden", "Swedish"}},
    {"and we|they sang|danced|laughed|rested",                                      // 3 words
     "and we|they worked|played|waited|read daily|together|quietly|outside",        // 4
     "and the winters|summers|nights|roads|rooms were long|short|cold|warm|quiet",  // 5
     "and my father|mother|uncle|sister|brother sold|bought|carried bread|fish|clocks|apples there",  // 6
     "and we walked|ran|drove to the river|market|forest|lake often|daily",                           // 7
     "and my uncle|aunt|cousin travelled|wrote to "
     "France|Germany|Italy|Spain|Russia|China|Japan|Turkey|Poland|Sweden every year|month",  // 8
     "and we|they heard stories from "
     "France|Germany|Italy|Spain|Russia|China|Japan|Turkey|Poland|Sweden every year|month",             // 8
     "and my father|mother|uncle|sister|brother read|wrote stories|letters by the river|lake|window"},  // 8
    "and I speak fluent",
    "",
    "are in the",
    3,
    {{"the clouds", "sky"},
     {"the fish", "sea"},
     {"the cars", "street"},
     {"the books", "library"},
     {"the flowers", "garden"},
     {"the pupils", "school"},
     {"the ships", "harbour"},
     {"the cows", "field"},
     {"the trains", "station"},
     {"the doctors", "hospital"}}};

// نشأت في فرنسا … وأتحدث الفرنسية بطلاقة. The choices:
// - Without vowel signs, as is usual in print; hamzas and ta marbuta are written out. نشأت (I grew up) and
//   أتحدث (I speak) are first person, whose form is the same for a man and a woman, so that nothing but the
//   country tells the answer.
// - A language is the feminine adjective of its country with the article, because it agrees with اللغة
//   (the language), which is left out: (اللغة) الفرنسية. It stands before بطلاقة (fluently): the answer is
//   the last word but one, and بطلاقة is not read.
// - Other countries are named in the filler as where an uncle travels to or a neighbour writes to every year:
// إلى and
//   not في stands before them.
// - "And" is written with the word it stands before: وكان is one word.
// - After كان the predicate is accusative (طويلا) and agrees in gender: كان الشتاء طويلا, كانت المدينة هادئة;
// the
//   verb agrees with a following subject in gender: كان أبي يبيع, كانت أمي تبيع. So masculine and feminine
//   have patterns of their own.
// - The short sentence needs no verb: الغيوم في السماء (the clouds [are] in the sky); its gap is one word.
const Grammar kArabic = {
    "ar",
    "نشأت في",
    {{"فرنسا", "الفرنسية"},
     {"ألمانيا", "الألمانية"},
     {"إيطاليا", "الإيطالية"},
     {"إسبانيا", "الإسبانية"},
     {"روسيا", "الروسية"},
     {"الصين", "الصينية"},
     {"اليابان", "اليابانية"},
     {"تركيا", "التركية"},
     {"بولندا", "البولندية"},
     {"السويد", "السويدية"}},
    {"وكنا نغني|نرقص|نضحك|نلعب",                                          // and we used to sing
     "وكان الشتاء|الصيف|الليل|الطريق|البيت طويلا|قصيرا|باردا|هادئا",      // the winter was long
     "وكانت المدينة|القرية|الحديقة|المدرسة جميلة|هادئة|بعيدة|قديمة",      // the town was beautiful
     "وكان أبي|أخي|عمي|جدي يبيع|يحب|يحمل الخبز|السمك|الزهور|التفاح",      // my father used to sell bread
     "وكانت أمي|أختي|عمتي|جدتي تبيع|تحب|تحمل الخبز|السمك|الزهور|التفاح",  // my mother …
     "وكنا نذهب|نمشي|نركض إلى النهر|السوق|الغابة|البحيرة كثيرا|أحيانا|دائما|معا",  // we went to the river
                                                                                   // often
     "وكان خالي|جاري يسافر|يكتب إلى "
     "فرنسا|ألمانيا|إيطاليا|إسبانيا|روسيا|الصين|اليابان|تركيا|بولندا|السويد كل عام|شهر",  // another country
     "وكانت خالتي|جارتي تسافر|تكتب إلى "
     "فرنسا|ألمانيا|إيطاليا|إسبانيا|روسيا|الصين|اليابان|تركيا|بولندا|السويد كل عام|شهر",  // another country
     "وكان أبي|أخي|عمي|جدي يقرأ|يكتب القصص|الرسائل قرب النهر|البحيرة|النافذة",  // my father read stories by …
     "وكانت أمي|أختي|عمتي|جدتي تقرأ|تكتب القصص|الرسائل قرب النهر|البحيرة|النافذة"},  // my mother …
    "وأتحدث",
    "بطلاقة",
    "في",
    1,
    {{"الغيوم", "السماء"},
     {"الأسماك", "البحر"},
     {"السيارات", "الشارع"},
     {"الكتب", "المكتبة"},
     {"الأزهار", "الحديقة"},
     {"التلاميذ", "المدرسة"},
     {"السفن", "الميناء"},
     {"الأبقار", "الحقل"},
     {"القطارات", "المحطة"},
     {"الأطباء", "المستشفى"}}};

using Tokens = std::vector<std::int32_t>;

class LongTerm : public TokenTask {
 public:
  LongTerm(const Grammar& grammar, const std::vector<int>& lengths)
      : grammar_(grammar),
        gaps_(lengths_or(lengths, {5, 10, 20, 50, 100, 200}, kShortestGap, 10000)),
        opening_(tokens_of(words_, grammar.opening)),
        filler_(words_, grammar.filler) {
    question_ = tokens_of(words_, grammar.question);
    middle_ = tokens_of(words_, grammar.middle);
    rest_ = tokens_of(words_, grammar.rest);
    for (const auto& [country, language] : grammar.countries)
      countries_.emplace_back(tokens_of(words_, country), words_.id(language));
    for (const auto& [what, where] : grammar.short_sentences)
      short_sentences_.emplace_back(tokens_of(words_, what), words_.id(where));
  }

  std::string name() const override { return "long-term"; }
  std::string language() const override { return grammar_.language; }
  std::string length_name() const override {
    return arabic() ? "الكلمات بين البلد والسؤال عن لغته" : "words between the country and the question";
  }
  std::string accuracy_name() const override { return arabic() ? "نسبة الصواب" : "accuracy"; }
  std::string chance_name() const override { return arabic() ? "التخمين" : "chance"; }
  const std::vector<std::string>& words() const override { return words_.words(); }

  std::vector<Point> points() const override {
    std::vector<Point> all = {
        {grammar_.short_gap, 0, arabic() ? "الغيوم في السماء" : "the clouds are in the sky"}};
    for (const int gap : gaps_) all.push_back({gap, 0, std::to_string(gap)});
    return all;
  }
  double chance(const Point& point) const override {
    return 1.0 /
           static_cast<double>(point.length < kShortestGap ? short_sentences_.size() : countries_.size());
  }

  Point training_point(RandomDraw& draw) const override {
    if (draw.below(8) == 0) return {grammar_.short_gap, 0, ""};
    return {draw_length(kShortestGap, gaps_.back(), draw), 0, ""};
  }

  Sample draw(const Point& point, RandomDraw& draw) const override {
    Sample s;
    const bool is_short = point.length < kShortestGap;
    const auto& [begin, answer] = draw.of(is_short ? short_sentences_ : countries_);
    if (!is_short) append(s.tokens, opening_);
    append(s.tokens, begin);
    if (!is_short) filler_.write(point.length, draw, s.tokens);
    append(s.tokens, is_short ? middle_ : question_);
    s.targets.assign(s.tokens.size(), -1);
    s.targets.back() = answer;
    if (!is_short) s.rest = rest_;
    return s;
  }

 private:
  bool arabic() const { return grammar_.language == "ar"; }
  static void append(Tokens& to, const Tokens& what) { to.insert(to.end(), what.begin(), what.end()); }

  const Grammar& grammar_;
  std::vector<int> gaps_;
  WordList words_;
  Tokens opening_;
  Filler filler_;
  Tokens question_, middle_, rest_;
  std::vector<std::pair<Tokens, std::int32_t>> countries_, short_sentences_;
};

}  // namespace

std::unique_ptr<TokenTask> make_long_term(const TaskOptions& options) {
  return std::make_unique<LongTerm>(options.language == "ar" ? kArabic : kEnglish, options.lengths);
}

}  // namespace cellwright::lab
