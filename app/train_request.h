// train_request.h: what the options of `cellwright train …` ask for. What was not given is empty, so that a
// preset, a resumed file and the defaults can fill it, in this order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dropout_request.h"
#include "nn/engine.h"
#include "noise_request.h"
#include "train/train_options.h"

namespace cellwright::app {

struct ModelRequest {
  std::optional<std::string> cell;  ///< a shipped name or a file, for all layers, or one a layer, "a,b"; lstm
  std::vector<int> units;           ///< a width a layer, or one for all; 128
  std::optional<int> layers;        ///< 1, or as many as cells or units
  std::optional<int> embedding;  ///< 0: one-hot; 64 for characters and bytes, as wide as the first layer for
                                 ///< words, as the last with tied
  std::vector<std::string> sizes;      ///< "z=3"
  std::vector<std::string> options;    ///< "heads=4"
  bool residual = false;               ///< every layer above the first adds its input to its output
  bool skip = false;                   ///< as ModelSpec's
  std::vector<int> adaptive_softmax;   ///< as ModelSpec's
  std::optional<double> init_uniform;  ///< the cells' own init
  DropoutRequest dropout;
  NoiseRequest noise;
};

struct TextRequest {
  std::vector<std::string> books;
  std::string valid, test;               ///< files; "": a part of the books
  std::optional<double> valid_fraction;  ///< 0.05 where no file is given
  std::optional<double> test_fraction;   ///< 0
  std::string split = "contiguous";      ///< or "char-rnn"
  bool words = false, ptb = false, bytes = false, characters = false;
  bool unknown = false;  ///< keep a place for characters that the books lack
  std::int64_t min_count = 1;
  std::int64_t vocabulary = 0;  ///< most entries; 0: all
  int subwords = 0;             ///< pieces of words by SentencePiece, so many; 0: other tokens
  std::string subword_model = "unigram";
};

/// Fields of TrainOptions, each where it was given.
struct TrainRequest {
  std::optional<int> epochs, batch, steps, stride;
  std::optional<double> learning_rate, clip_norm, clip_value;
  std::optional<std::string> optimizer, schedule;
  std::optional<double> momentum, alpha, beta1, beta2, epsilon, weight_decay;
  std::optional<double> decay, decay_after, floor;
  std::optional<std::int64_t> warmup, patience, evaluate_every, save_every;
  std::optional<std::uint64_t> seed;

  // Averages, groups, noise and bounds; schedules' own constants.
  std::optional<double> momentum_decay, ema, gradient_noise, max_norm, rise, rise_from;
  std::optional<std::int64_t> t0, nonmonotone, decay_every, decay_wait;
  std::vector<std::string> groups;  ///< as parse_group() reads them
};

/// What trainings of every task are asked.
struct RunRequest {
  ModelRequest model;
  TrainRequest train;
  EngineOptions engine;
  bool simd_given = false;
  std::string out;  ///< "": a name made of the data's, with .safetensors, in this folder
  bool resume = false, force = false, keep_state = false;
  double minutes = 0;   ///< 0: no limit
  std::string log;      ///< "": none
  std::string command;  ///< as typed, to tell how to resume
};

struct TrainTextRequest : RunRequest {
  TextRequest text;
  std::string memory;     ///< a budget, as "2G"; "": none
  int log_gradients = 0;  ///< updates; 0: never
};

/// What a new training starts from: TrainOptions' defaults, with a learning rate that suits the optimiser.
TrainOptions default_options(const RunRequest& request);

/// `base` with what was given put in. SpecError as check(), whose `whole` is given on.
TrainOptions with_request(TrainOptions base, const RunRequest& request, bool whole = false);

int train_text(const TrainTextRequest& request);

}  // namespace cellwright::app
