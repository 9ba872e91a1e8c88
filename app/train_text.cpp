// train_text.cpp: `cellwright train text`, once its options are read. Start at train_text().
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "cellwright/error.h"
#include "corpus.h"
#include "explain/gradient_flow.h"
#include "gradient_record.h"
#include "interrupt.h"
#include "kernels/kernels.h"
#include "model_request.h"
#include "numbers.h"
#include "progress.h"
#include "tell.h"
#include "train/checkpoint.h"
#include "train/evaluate.h"
#include "train/memory.h"
#include "train_log.h"
#include "train_request.h"
#include "training_start.h"

namespace cellwright::app {
namespace {

namespace fs = std::filesystem;

void print_start(const Model<float>& model, const Corpus& corpus, const TrainOptions& o,
                 const TrainTextRequest& request, const MemoryPlan& memory) {
  const std::string tokens = token_word(corpus.vocabulary);
  fmt::print("model     {}: {} parameters\n", describe(model.spec(), corpus.vocabulary),
             grouped(model.parameter_count()));
  std::string parts = fmt::format("{} {} to train on", grouped(corpus.train_tokens()), tokens);
  if (corpus.valid_tokens() > 0) parts += fmt::format(", {} to validate", grouped(corpus.valid_tokens()));
  if (corpus.test_tokens() > 0) parts += fmt::format(", {} to test", grouped(corpus.test_tokens()));
  fmt::print("text      {}\n", parts);
  const std::string length =
      request.minutes > 0 ? fmt::format("{:g} minute{}", request.minutes, request.minutes == 1 ? "" : "s")
                          : fmt::format("{} epoch{}", o.epochs, o.epochs == 1 ? "" : "s");
  fmt::print("training  {} of {} updates an epoch, {} streams × {} steps, {} {:g}{}\n", length,
             grouped(corpus.train_range.size()), o.batch, o.steps, o.optimizer.kind, o.learning_rate,
             o.schedule.kind == "constant" ? "" : ", " + o.schedule.kind);
  fmt::print("memory    {}\n", describe(memory));
  const Engine& engine = model.engine();
  fmt::print("machine   {} thread{}, {}{}\n\n", engine.pool.size(), engine.pool.size() == 1 ? "" : "s",
             kernels::kernels<float>(engine.options.simd).target, engine.options.scan ? ", scanning" : "");
  std::fflush(stdout);
}

nlohmann::ordered_json start_record(const Model<float>& model, const Corpus& corpus, const TrainOptions& o,
                                    std::int64_t update) {
  return {{"version", CELLWRIGHT_VERSION},
          {"spec", nlohmann::ordered_json::parse(to_json(model.spec()))},
          {"vocabulary", corpus.vocabulary.kind_name()},
          {"parameters", model.parameter_count()},
          {"train_tokens", corpus.train_tokens()},
          {"valid_tokens", corpus.valid_tokens()},
          {"test_tokens", corpus.test_tokens()},
          {"options", nlohmann::ordered_json::parse(nlohmann::json(o).dump())},
          {"threads", model.engine().pool.size()},
          {"simd", kernels::kernels<float>(model.engine().options.simd).target},
          {"update", update}};
}

void print_loss(const char* what, double nats) {
  fmt::print("{}  {} nats a token, {} bits, perplexity {:.4g}\n", what, nats_text(nats),
             nats_text(nats / std::log(2.0)), std::exp(nats));
}

struct Ending {
  Trainer::Outcome outcome = Trainer::Outcome::kFinished;
  bool interrupted = false;
};

/// How far back the last loss of a window is felt, in up to four of its streams, each read from a fresh
/// state.
GradientFlow gradients_of(Model<float>& model, const TokenWindow& window) {
  constexpr int kStreams = 4;
  GradientFlow all;
  for (int lane = 0; lane < std::min(window.lanes, kStreams); ++lane) {
    const auto at = [&](int step) {
      return static_cast<std::size_t>(step) * static_cast<std::size_t>(window.lanes) +
             static_cast<std::size_t>(lane);
    };
    std::vector<std::int32_t> tokens;
    for (int t = 0; t < window.steps; ++t) tokens.push_back(window.inputs[at(t)]);
    tokens.push_back(std::max(window.targets[at(window.steps - 1)], 0));
    GradientOptions options;
    options.at = {window.steps - 1};
    options.lags = window.steps - 1;
    GradientFlow flow = gradient_flow(model, tokens.data(), static_cast<int>(tokens.size()), options);
    if (lane == 0) {
      all = std::move(flow);
      continue;
    }
    for (std::size_t i = 0; i < all.curves.size(); ++i) {
      const auto add = [](auto& to, auto& from) { to.insert(to.end(), from.begin(), from.end()); };
      add(all.curves[i].total, flow.curves[i].total);
      add(all.curves[i].through_belt, flow.curves[i].through_belt);
      add(all.curves[i].through_gates, flow.curves[i].through_gates);
    }
  }
  return all;
}

/// Runs, saves along the way. A checkpoint that cannot be written in between is told and tried again at the
/// next; the last one must succeed.
Ending run(Trainer& trainer, Model<float>& model, const std::function<void()>& save, TrainLog& log,
           Progress& progress, const Interrupt& interrupt, const std::atomic<bool>& out_of_time,
           const std::string& out, int log_gradients) {
  TrainHooks hooks;
  if (log_gradients > 0) {
    hooks.after_update = [&](std::int64_t update, const TokenWindow& window) {
      if (update % log_gradients != 0) return;
      nlohmann::ordered_json fields = {{"update", update}};
      fields.update(gradient_record(gradients_of(model, window), false));
      log.write("gradients", std::move(fields));
    };
  }
  hooks.observer = &log;
  hooks.stop = interrupt.flag();
  hooks.enough = &out_of_time;
  hooks.save_name = out;
  hooks.save = [&] {
    try {
      save();
    } catch (const IoError& error) {
      if (interrupt.flag()->load() || out_of_time) throw;  // the last
      progress.say(fmt::format("cellwright: {}; training goes on, the next checkpoint is tried in its turn",
                               error.what()));
    }
  };
  Ending ending;
  ending.outcome = trainer.run(hooks);
  ending.interrupted = interrupt.flag()->load();
  progress.clear();
  return ending;
}

}  // namespace

int train_text(const TrainTextRequest& request) {
  const std::string out = check_out(request, request.text.books, {".gz", ".txt", ".tokens"});
  std::error_code ignored;
  std::optional<SavedModel> saved;
  if (request.resume && fs::exists(out, ignored)) {
    saved = load_model(out);
    if (!saved->state) {
      throw SpecError(
          fmt::format("'{}' holds a finished training without what is needed to go on (--keep-state keeps "
                      "it); train another --out, or --force without --resume",
                      out));
    }
    check_same_model(request.model, saved->spec, out);
  } else if (request.resume) {
    tell(fmt::format("cellwright: there is no '{}' yet; training begins\n", out));
  }
  if (!(request.minutes >= 0) || std::isinf(request.minutes))
    throw SpecError(fmt::format("--minutes must be more than 0, found {:g}", request.minutes));
  if (request.log_gradients < 0 || (request.log_gradients > 0 && request.log.empty()))
    throw SpecError(request.log_gradients < 0
                        ? fmt::format("--log-gradients must be 1 or more, found {}", request.log_gradients)
                        : "--log-gradients writes into the log; give --log FILE too");
  const std::size_t budget = request.memory.empty() ? 0 : parse_bytes(request.memory, "--memory");
  const TrainOptions options = with_request(saved ? saved->options() : default_options(request), request);
  if (needs_total(options.schedule) && request.minutes > 0 && !request.train.epochs) {
    throw SpecError(
        fmt::format("--schedule {} goes over --epochs; give that too, --minutes alone says too little",
                    options.schedule.kind));
  }
  Engine engine(engine_of(request, saved ? saved->training_json : ""));
  if (!saved) {  // a mistake in the cell, or a regulariser without a site, is told before a long text is read
    ModelRequest known = request.model;
    known.adaptive_softmax.clear();  // whether the tokens suit it is seen when they are there
    ModelSpec early = make_spec(known, Vocabulary());
    early.classes = 1;
    early.adaptive_softmax = request.model.adaptive_softmax;
    for (const int cutoff : early.adaptive_softmax)
      early.classes = std::max(early.classes, std::min(cutoff, std::numeric_limits<int>::max() - 1) + 1);
    tensors_of(early);
  }
  const Corpus corpus = read_corpus(request.text, options, saved ? &saved->vocabulary : nullptr);
  const ModelSpec spec = saved ? saved->spec : make_spec(request.model, corpus.vocabulary);
  MemoryRequest memory;
  memory.budget = budget;
  memory.process = resident_bytes();
  if (const TrainingData data = corpus.data(); data.valid) {
    memory.valid_lanes = data.valid->batch();
    memory.valid_steps = data.valid->steps();
  }
  check_parameters_fit(spec, options, budget);
  Model<float> model(spec, engine);
  if (request.log_gradients > 0) {
    const std::vector<Track>& tracks = model.inside().stack.wiring().tracks;
    if (std::all_of(tracks.begin(), tracks.end(), [](const Track& t) { return t.graph.states.empty(); }))
      throw SpecError(
          "--log-gradients: no layer of this model has a state, so no gradient goes back through time");
  }
  const MemoryPlan plan = plan_memory(model, options, memory);
  if (machine_bytes() > 0 && plan.total() > machine_bytes()) {
    throw SpecError(fmt::format(
        "this training needs {} of memory, and this machine has {}; give a --memory below that, or a smaller "
        "--batch, --units or --steps",
        bytes_text(plan.total()), bytes_text(machine_bytes())));
  }
  model.set_stretch(plan.stretch);
  Trainer trainer(model, corpus.data(), options);
  if (saved) {
    saved->apply(model);
    trainer.resume(*saved->state);
    saved.reset();
  } else {
    model.initialise(options.seed);
  }

  std::signal(SIGPIPE, SIG_IGN);  // nobody reading the lines is no reason to lose a training
  Interrupt interrupt;
  std::atomic<bool> out_of_time{false};
  Progress progress(isatty(STDERR_FILENO) != 0, 60 * request.minutes, [&] { out_of_time = true; });
  TrainLog log(request.log, progress);
  print_start(model, corpus, options, request, plan);
  if (trainer.updates() > 0) fmt::print("resumed after {} updates\n", grouped(trainer.updates()));
  std::fflush(stdout);
  log.write("start", start_record(model, corpus, options, trainer.updates()));

  const auto save = [&](bool state) { save_model(out, model, corpus.vocabulary, &trainer, state); };
  Ending ending;
  try {
    ending = run(
        trainer, model, [&] { save(true); }, log, progress, interrupt, out_of_time, out,
        request.log_gradients);
    if (ending.outcome != Trainer::Outcome::kStopped) save(request.keep_state);
  } catch (const Error& error) {
    progress.clear();
    log.write("end", {{"outcome", "error"}, {"message", error.what()}, {"updates", trainer.updates()}});
    throw;
  }
  const bool stopped = ending.outcome == Trainer::Outcome::kStopped;
  double valid = trainer.best(), test = std::nan("");
  if (!ending.interrupted) {
    if (trainer.best_parameters() != model.parameters()) {  // what the file shows; so do the figures
      std::copy_n(trainer.best_parameters(), model.size(), model.parameters());
      model.parameters_changed();
    }
    const TrainingData data = corpus.data();
    if (!std::isfinite(valid) && corpus.valid_tokens() > 0)
      valid = evaluate(model, *data.valid, data.valid_range).per_token();
    if (corpus.test_tokens() > 0)
      test = evaluate(model, *corpus.test_streams(), corpus.test_range).per_token();
  }
  const char* outcome = ending.interrupted                           ? "interrupted"
                        : stopped                                    ? "time"
                        : ending.outcome == Trainer::Outcome::kEarly ? "early"
                                                                     : "finished";
  log.write(
      "end",
      {{"outcome", outcome}, {"updates", trainer.updates()}, {"valid_loss", valid}, {"test_loss", test}});

  fmt::print("\n");
  if (std::isfinite(valid)) print_loss("validation", valid);
  if (std::isfinite(test)) print_loss("test      ", test);
  fmt::print("{} after {} updates, {}; saved in {}\n",
             ending.interrupted                           ? "stopped"
             : stopped                                    ? "time is up"
             : ending.outcome == Trainer::Outcome::kEarly ? "no more improvement, ended"
                                                          : "finished",
             grouped(trainer.updates()), clock_time(progress.seconds()), out);
  if (stopped) fmt::print("\ngo on:   {}\n", resume_command(request));
  const std::string program = request.command.substr(0, request.command.find(' '));  // as it was typed
  fmt::print("{}sample:  {} sample {} --temperature 0.7\nlook:    {} info {}\n", stopped ? "" : "\n", program,
             shell_word(out), program, shell_word(out));
  return ending.interrupted ? interrupt.status() : 0;
}

}  // namespace cellwright::app
