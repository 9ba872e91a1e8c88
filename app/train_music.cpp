// train_music.cpp: `cellwright train music`: piano rolls, frame by frame: each of 88 keys sounds or not,
// given the frames before.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cellwright/error.h"
#include "command.h"
#include "model_request.h"
#include "music_data.h"
#include "numbers.h"
#include "sequence_training.h"
#include "training_options.h"

namespace cellwright::app {
namespace {

struct MusicRequest : RunRequest {
  MusicFiles music;
};

struct Options {
  MusicRequest request;
  Given given;
};

/// The sizes of Chung et al. 2014, by the cell.
void put_chung_sizes(MusicRequest& r) {
  if (!r.model.units.empty()) return;
  const std::string cell = r.model.cell.value_or("lstm");
  if (cell == "rnn") r.model.units = {100};
  if (cell == "gru" || cell == "gru_reset_after") r.model.units = {46};
  if (cell == "lstm") r.model.units = {36};
}

int train_music(MusicRequest& request, bool chung) {
  if (chung) put_chung_sizes(request);
  TrainOptions defaults = default_options(request);
  defaults.epochs = 100;
  defaults.batch = 8;
  defaults.steps = 0;
  defaults.clip_norm = 1;
  defaults.patience = 20;
  SequenceStart start =
      start_sequences(request, "music", request.music.files, {".json", ".mid", ".midi"}, defaults);
  SequenceJob job;
  job.spec = make_sequence_spec(request.model);
  put_music(job.spec);
  tensors_of(job.spec);  // a mistake in the cell is told before files are read
  const PianoRolls rolls = read_music(request.music, start.options.seed);
  job.train = next_frames(rolls.train);
  job.valid = next_frames(rolls.valid);
  job.test = next_frames(rolls.test);
  if (job.train.empty())
    throw SpecError(fmt::format("'{}': no piece of at least two frames to train on", request.music.files[0]));
  job.task = {
      {"kind", "music"}, {"lowest_pitch", kLowestPitch}, {"pitches", kPitches}, {"grid", request.music.grid}};
  job.loss_unit = "nats a frame";
  job.data = fmt::format("{} pieces, {} frames to train on",
                         grouped(static_cast<std::int64_t>(job.train.sequences.size())),
                         grouped(job.train.targets()));
  const auto more = [&](const SequenceSet& set, const char* what) {
    if (!set.empty())
      job.data +=
          fmt::format(", {} pieces, {} frames to {}",
                      grouped(static_cast<std::int64_t>(set.sequences.size())), grouped(set.targets()), what);
  };
  more(job.valid, "validate");
  more(job.test, "test");
  if (rolls.left_out > 0)
    job.data += fmt::format("; {} notes of drums or off the piano left out", grouped(rolls.left_out));
  job.words = {"frames/s", false};
  job.next = {"sample {} --out new.mid", "info {}"};
  job.measure = [&](SequenceModel<float>& model) {
    nlohmann::ordered_json figures = nlohmann::ordered_json::object();
    const auto measure = [&](const SequenceSet& set, const char* what, const char* key) {
      if (set.empty()) return;
      const double nll = evaluate(model, set, start.options.batch).mean();
      print_measure(what, nll, job.loss_unit);
      figures[key] = nll;
    };
    measure(job.valid, "validation", "valid_loss");
    measure(job.test, "test", "test_loss");
    return figures;
  };
  return train_sequences(request, start, job);
}

constexpr const char* kExamples =
    R"(A frame is what sounds in one step of the grid; its loss is the sum over the 88 keys of
-log p(sounds or not), in nats, and the figure shown is the mean over all frames but each piece's first.

Examples:
  cellwright train music jsb-chorales-quarter.json --preset chung-jsb --cell gru --out jsb.safetensors
  cellwright train music midi-folder --grid 4 --units 200 --dropout 0.2
  cellwright sample jsb.safetensors --length 64 --out new.mid)";

}  // namespace

void add_train_music_command(CLI::App& train, Command& chosen, const std::string& command) {
  CLI::App* app = train.add_subcommand("music", "Train a model of music, which writes MIDI files");
  auto o = std::make_shared<Options>();
  MusicRequest& r = o->request;
  r.command = command;
  add_music_options(app, r.music);
  TrainTask task;
  task.name = "music";
  task.examples = kExamples;
  TrainingWords& words = task.words;
  words.epochs = "Times through the music (100)";
  words.batch = "Pieces side by side (8)";
  words.steps = "How far back gradients go, 0 for whole pieces (0)";
  words.stride = "";
  words.clip = "Largest norm of a gradient, 0 for none (1)";
  words.patience = " (20)";
  finish_train_command(app, chosen, r, o->given, task,
                       [o] { return train_music(o->request, o->given.preset == "chung-jsb"); });
}

}  // namespace cellwright::app
