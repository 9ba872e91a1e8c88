// catalogue.cpp: see catalogue.h.
#include "lab/catalogue.h"

#include "lab/classics.h"
#include "lab/long_term.h"
#include "lab/subject_gender.h"

namespace cellwright::lab {
namespace {

Defaults with(int units, int embedding, int updates, int check_every) {
  Defaults d;
  d.units = units;
  d.training.embedding = embedding;
  d.training.updates = updates;
  d.training.check_every = check_every;
  return d;
}

}  // namespace

const std::vector<Entry>& catalogue() {
  static const std::vector<Entry> entries = {
      {"long-term",
       "\"I grew up in France … I speak fluent ___\": accuracy against the gap",
       {"en", "ar"},
       with(32, 16, 10000, 200),
       make_long_term},
      {"subject-gender",
       "A new subject in mid-text: the pronoun or verb must agree with it; which gate forgets the old one",
       {"en", "ar"},
       with(16, 8, 4000, 100),
       make_subject_gender},
      {"reber",
       "Which symbols may come next in a string of the Reber grammar",
       {},
       with(12, 0, 2000, 50),
       make_reber},
      {"embedded-reber",
       "The embedded Reber grammar: a symbol at the start comes again at the end",
       {},
       with(12, 0, 4000, 100),
       make_embedded_reber},
      {"copy", "Ten symbols are asked for after many blanks", {}, with(64, 0, 6000, 200), make_copy},
      {"temporal-order",
       "Two symbols among distractors: which, in which order",
       {},
       with(16, 0, 15000, 100),
       make_temporal_order},
      {"delayed-echo",
       "A stream of bits comes back after a lag",
       {},
       with(32, 0, 6000, 200),
       make_delayed_echo},
      {"parity", "Are the ones of a string of bits odd in number", {}, with(16, 0, 6000, 200), make_parity},
      {"anbn", "As many b as there were a", {}, with(8, 0, 4000, 100), make_counting},
      {"addition", "The sum of two numbers of several digits", {}, with(128, 0, 10000, 500), make_addition},
      {"memorise",
       "Up to 20 of 64 symbols, asked for in their order",
       {},
       with(128, 0, 10000, 500),
       make_memorise},
  };
  return entries;
}

}  // namespace cellwright::lab
