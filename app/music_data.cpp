#include "music_data.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cellwright/error.h"
#include "sequence_training.h"

namespace cellwright::app {

PianoRolls read_music(const MusicFiles& r, std::uint64_t seed) {
  if (!(r.grid > 0 && r.grid <= 96))
    throw SpecError(fmt::format("--grid must be more than 0 and at most 96, found {:g}", r.grid));
  PianoRolls rolls = read_piano_rolls(r.files, r.grid);
  const auto part = [&](const std::vector<std::string>& files, std::vector<PianoRoll>& to,
                        const std::optional<double>& fraction, double by_default, const char* option) {
    if (!files.empty()) {
      PianoRolls own = read_piano_rolls(files, r.grid);
      rolls.left_out += own.left_out;
      to = std::move(own.train);
    } else if (to.empty() || fraction) {
      if (!to.empty())
        throw SpecError(
            fmt::format("{}: '{}' has that part already; leave the option out", option, r.files[0]));
      to = take_part(rolls.train, fraction.value_or(by_default), seed, option);
    }
  };
  const bool split = !rolls.valid.empty() || !rolls.test.empty();  // a file with parts says what they are
  part(r.test, rolls.test, r.test_fraction, split ? 0 : 0.1, "--test-fraction");
  part(r.valid, rolls.valid, r.valid_fraction, split ? 0 : 0.1, "--valid-fraction");
  return rolls;
}

void put_music(SequenceSpec& spec) {
  spec.inputs = kPitches;
  spec.loss.kind = "bernoulli";
  spec.loss.outputs = kPitches;
}

void add_music_options(CLI::App* app, MusicFiles& r) {
  app->add_option("files", r.files, "Piano rolls: one JSON file, or MIDI files and folders of them")
      ->required()
      ->type_name("FILE");
  app->add_option("--valid", r.valid, "To validate on: a file like those")->type_name("FILE")->group("Music");
  app->add_option("--test", r.test, "To test on at the end")->type_name("FILE")->group("Music");
  app->add_option("--valid-fraction", r.valid_fraction,
                  "Part of the pieces to validate on (0.1, unless the file says which)")
      ->type_name("X")
      ->group("Music");
  app->add_option("--test-fraction", r.test_fraction, "Part of the pieces to test on (0.1, likewise)")
      ->type_name("X")
      ->group("Music");
  app->add_option("--grid", r.grid, "MIDI files: frames a quarter note")
      ->type_name("N")
      ->capture_default_str()
      ->group("Music");
}

}  // namespace cellwright::app
