// compare_music.cpp: `cellwright compare music`: cells side by side as models of music.
#include <CLI/CLI.hpp>
#include <memory>

#include "compare_study.h"
#include "music_data.h"
#include "study/sequence_task.h"

namespace cellwright::app {
namespace {

struct Request : CompareRequest {
  MusicFiles music;
};

int compare_music(const Request& r) {
  check_request(r);
  TrainOptions training = default_options(r.run);
  training.epochs = 100;
  training.batch = 8;
  training.steps = 0;
  training.clip_norm = 1;
  training.patience = 20;
  training = with_request(training, r.run, true);
  const study::CompareOptions options = study_options(r, training);
  const PianoRolls rolls = read_music(r.music, 1);
  const SequenceSet train = next_frames(rolls.train), valid = next_frames(rolls.valid),
                    test = next_frames(rolls.test);
  study::SequenceStudy music;
  music.name = "music";
  music.metric = "nats a frame";
  music.train = &train;
  music.valid = &valid;
  music.test = &test;
  put_music(music.model);
  music.layers = r.layers;
  music.options = training;
  music.updates = r.updates;
  music.engine = r.run.engine;
  return run_study(r, study::SequenceTask(music), options, candidates_of(r));
}

}  // namespace

void add_compare_music(CLI::App& compare, Command& chosen, const std::string& command) {
  CLI::App* app = compare.add_subcommand("music", "Compare cells as models of music");
  auto r = std::make_shared<Request>();
  r->command = command;
  add_music_options(app, r->music);
  add_study_options(app, *r);
  add_study_training_options(
      app, *r,
      {"Times through the music (100)", "Pieces side by side (8)",
       "How far back gradients go, 0 for whole pieces (0)", "Largest norm of a gradient, 0 for none (1)",
       "Stop after so many validations without improvement, 0 for never (20)"});
  app->footer(
      "Examples:\n  cellwright compare music jsb-chorales-quarter.json --cells lstm,gru,rnn --units 36 "
      "--trials 20");
  app->callback([&chosen, r] { chosen.run = [r] { return compare_music(*r); }; });
}

}  // namespace cellwright::app
