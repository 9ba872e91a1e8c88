// catalogue.cpp: see catalogue.h.
#include "lab/catalogue.h"

#include "lab/classics.h"
#include "lab/long_term.h"
#include "lab/real_classics.h"
#include "lab/subject_gender.h"

namespace cellwright::lab {
namespace {

Defaults with(int units, int embedding, int updates, int check_every) {
  Defaults d;
  d.units = {units};
  d.training.embedding = embedding;
  d.training.updates = updates;
  d.training.check_every = check_every;
  return d;
}

/// The same training of other cells.
Defaults on(std::vector<std::string> cells, std::vector<int> units, Defaults d) {
  d.cells = std::move(cells);
  d.units = std::move(units);
  return d;
}

/// One sound, the same in every update, by cells of some thousand parameters.
Defaults waveform_defaults() {
  Defaults d = on({"rnn", "lstm", "clockwork"}, {31, 15, 40}, with(0, 0, 10000, 100));
  d.options = {"periods=1,2,4,8,16,32,64,128"};
  d.training.lanes = d.training.check_samples = d.training.test_samples = 1;
  d.training.enough = 0.9999;
  return d;
}

template <auto make>
std::unique_ptr<Task> task(const TaskOptions& options) {
  return make(options);
}

}  // namespace

const std::vector<Entry>& catalogue() {
  static const std::vector<Entry> entries = {
      {"long-term",
       "\"I grew up in France … I speak fluent ___\": accuracy against the gap",
       {"en", "ar"},
       true,
       with(32, 16, 10000, 200),
       task<make_long_term>},
      {"subject-gender",
       "A new subject in mid-text: the pronoun or verb must agree with it; which gate forgets the old one",
       {"en", "ar"},
       true,
       with(16, 8, 4000, 100),
       task<make_subject_gender>},
      {"reber",
       "Which symbols may come next in a string of the Reber grammar",
       {},
       true,
       with(12, 0, 2000, 50),
       task<make_reber>},
      {"embedded-reber",
       "The embedded Reber grammar: a symbol at the start comes again at the end",
       {},
       true,
       with(12, 0, 4000, 100),
       task<make_embedded_reber>},
      {"copy",
       "Ten symbols are asked for after many blanks",
       {},
       true,
       with(64, 0, 6000, 200),
       task<make_copy>},
      {"temporal-order",
       "Two symbols among distractors: which, in which order",
       {},
       true,
       with(16, 0, 15000, 100),
       task<make_temporal_order>},
      {"delayed-echo",
       "A stream of bits comes back after a lag",
       {},
       true,
       with(32, 0, 6000, 200),
       task<make_delayed_echo>},
      {"parity",
       "Are the ones of a string of bits odd in number",
       {},
       true,
       with(16, 0, 6000, 200),
       task<make_parity>},
      {"anbn", "As many b as there were a", {}, true, with(8, 0, 4000, 100), task<make_counting>},
      {"addition",
       "The sum of two numbers of several digits",
       {},
       true,
       with(128, 0, 10000, 500),
       task<make_addition>},
      {"memorise",
       "Up to 20 of 64 symbols, asked for in their order",
       {},
       true,
       with(128, 0, 10000, 500),
       task<make_memorise>},
      {"adding",
       "The sum of the two numbers of a sequence that are marked",
       {},
       false,
       with(8, 0, 10000, 200),
       task<make_adding>},
      {"spike-timing",
       "Are spikes 50 or 49 steps apart, 40 or 39, …",
       {},
       true,
       on({"lstm", "lstm_peephole"}, {8}, with(8, 0, 20000, 200)),
       task<make_spike_timing>},
      {"spike-generation",
       "Spikes at a steady interval, from nothing",
       {},
       false,
       on({"lstm", "lstm_peephole"}, {8}, with(8, 0, 10000, 200)),
       task<make_spike_generation>},
      {"waveform",
       "A short sound from nothing, at equal parameters",
       {},
       false,
       waveform_defaults(),
       task<make_waveform>},
  };
  return entries;
}

}  // namespace cellwright::lab
