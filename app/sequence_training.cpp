// sequence_training.cpp: see sequence_training.h.
#include "sequence_training.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include "base/rng.h"
#include "cellwright/error.h"
#include "interrupt.h"
#include "kernels/kernels.h"
#include "model_request.h"
#include "numbers.h"
#include "tell.h"
#include "train_log.h"
#include "training_start.h"

namespace cellwright::app {
namespace {

void print_start(const SequenceModel<float>& model, const SequenceJob& job, const TrainOptions& o,
                 const RunRequest& request, std::int64_t updates_an_epoch) {
  const SequenceSpec& spec = model.spec();
  std::string read = spec.inputs > 0 ? fmt::format("{} numbers a step", grouped(spec.inputs))
                     : spec.embedding > 0
                         ? fmt::format("{} symbols embedded in {}", grouped(spec.symbols), spec.embedding)
                         : fmt::format("{} symbols", grouped(spec.symbols));
  fmt::print("model     {} over {}, loss {}: {} parameters\n", describe_layers(spec.layers), read,
             spec.loss.kind, grouped(model.parameter_count()));
  const ModelSpec common = as_model_spec(spec);
  const std::string dropout = describe_dropout(common), noise = describe_noise(common);
  if (!dropout.empty() || !noise.empty())
    fmt::print("          {}{}{}\n", dropout, dropout.empty() || noise.empty() ? "" : ", ", noise);
  fmt::print("data      {}\n", job.data);
  const std::string length =
      request.minutes > 0 ? fmt::format("{:g} minute{}", request.minutes, request.minutes == 1 ? "" : "s")
                          : fmt::format("{} epoch{}", o.epochs, o.epochs == 1 ? "" : "s");
  fmt::print("training  {} of {} updates, {} sequences side by side{}, {} {:g}{}\n", length,
             grouped(updates_an_epoch), o.batch,
             o.steps > 0 ? fmt::format(" × {} steps", o.steps) : ", whole", o.optimizer.kind, o.learning_rate,
             o.schedule.kind == "constant" ? "" : ", " + o.schedule.kind);
  const Engine& engine = model.engine();
  fmt::print("machine   {} thread{}, {}{}\n\n", engine.pool.size(), engine.pool.size() == 1 ? "" : "s",
             kernels::kernels<float>(engine.options.simd).target, engine.options.scan ? ", scanning" : "");
  std::fflush(stdout);
}

nlohmann::ordered_json start_record(const SequenceModel<float>& model, const SequenceJob& job,
                                    const TrainOptions& o, std::int64_t update) {
  return {{"version", CELLWRIGHT_VERSION},
          {"task", nlohmann::ordered_json::parse(job.task.dump())},
          {"spec", nlohmann::ordered_json::parse(to_json(model.spec()))},
          {"parameters", model.parameter_count()},
          {"train_sequences", job.train.sequences.size()},
          {"valid_sequences", job.valid.sequences.size()},
          {"test_sequences", job.test.sequences.size()},
          {"options", nlohmann::ordered_json::parse(nlohmann::json(o).dump())},
          {"threads", model.engine().pool.size()},
          {"simd", kernels::kernels<float>(model.engine().options.simd).target},
          {"update", update}};
}

const char* outcome_word(TrainingLoop::Outcome outcome, bool interrupted) {
  if (interrupted) return "interrupted";
  if (outcome == TrainingLoop::Outcome::kStopped) return "time";
  return outcome == TrainingLoop::Outcome::kEarly ? "early" : "finished";
}

}  // namespace

void print_measure(const std::string& what, double value, const std::string& unit) {
  fmt::print("{:10}  {} {}\n", what, nats_text(value), unit);
}

std::vector<std::size_t> drawn_part(std::size_t count, double fraction, std::uint64_t seed,
                                    const char* option) {
  if (!(fraction >= 0 && fraction < 1))
    throw SpecError(fmt::format("{} must be 0 or more, and less than 1, found {:g}", option, fraction));
  auto wanted = static_cast<std::size_t>(std::llround(fraction * static_cast<double>(count)));
  if (fraction > 0 && count > 1) wanted = std::clamp<std::size_t>(wanted, 1, count - 1);
  const Random random(seed, hash_name(option));
  std::vector<std::pair<std::uint64_t, std::size_t>> keys;
  for (std::size_t i = 0; i < count; ++i) keys.emplace_back(random.bits(i), i);
  std::sort(keys.begin(), keys.end());
  std::vector<std::size_t> part;
  for (std::size_t i = 0; i < wanted && i < count; ++i) part.push_back(keys[i].second);
  return part;
}

SequenceStart start_sequences(const RunRequest& request, const std::string& kind,
                              const std::vector<std::string>& inputs, const std::vector<std::string>& endings,
                              const TrainOptions& defaults) {
  SequenceStart start;
  start.out = check_out(request, inputs, endings);
  std::error_code ignored;
  if (request.resume && std::filesystem::exists(start.out, ignored)) {
    start.saved = load_sequence_model(start.out, kind);
    if (!start.saved->state) {
      throw SpecError(
          fmt::format("'{}' holds a finished training without what is needed to go on (--keep-state keeps "
                      "it); train another --out, or --force without --resume",
                      start.out));
    }
    check_same_model(request.model, as_model_spec(start.saved->spec), start.out);
  } else if (request.resume) {
    tell(fmt::format("cellwright: there is no '{}' yet; training begins\n", start.out));
  }
  if (!(request.minutes >= 0) || std::isinf(request.minutes))
    throw SpecError(fmt::format("--minutes must be more than 0, found {:g}", request.minutes));
  start.options = with_request(start.saved ? start.saved->options() : defaults, request, true);
  if (needs_total(start.options.schedule) && request.minutes > 0 && !request.train.epochs) {
    throw SpecError(
        fmt::format("--schedule {} goes over --epochs; give that too, --minutes alone says too little",
                    start.options.schedule.kind));
  }
  start.engine = engine_of(request, start.saved ? start.saved->training_json : "");
  return start;
}

int train_sequences(const RunRequest& request, SequenceStart& start, const SequenceJob& job) {
  const std::string& out = start.out;
  nlohmann::json task = job.task, known = start.saved ? start.saved->task : job.task;
  if (known.contains("measured") && task.contains("measured")) known["measured"] = task["measured"];
  if (known != task) {
    throw SpecError(
        fmt::format("--resume: the data, or how they are read, are not those that '{}' began with; "
                    "give the same files and options",
                    out));
  }
  Engine engine(start.engine);
  SequenceModel<float> model(start.saved ? start.saved->spec : job.spec, engine);
  SequenceTrainer trainer(model, job.train, &job.valid, start.options);
  if (start.saved) {
    start.saved->apply(model);
    trainer.resume(*start.saved->state);
    start.saved.reset();
  } else {
    model.initialise(start.options.seed);
  }

  std::signal(SIGPIPE, SIG_IGN);  // nobody reading the lines is no reason to lose a training
  Interrupt interrupt;
  std::atomic<bool> out_of_time{false};
  Progress progress(
      isatty(STDERR_FILENO) != 0, 60 * request.minutes, [&] { out_of_time = true; }, job.words);
  TrainLog log(request.log, progress);
  print_start(model, job, start.options, request,
              trainer.updates_planned() / std::max(1, start.options.epochs));
  if (trainer.updates() > 0) fmt::print("resumed after {} updates\n", grouped(trainer.updates()));
  std::fflush(stdout);
  log.write("start", start_record(model, job, start.options, trainer.updates()));

  const auto save = [&](bool state) { save_sequence_model(out, model, task, &trainer, state); };
  RunHooks hooks;
  hooks.observer = &log;
  hooks.stop = interrupt.flag();
  hooks.enough = &out_of_time;
  hooks.save_name = out;
  hooks.save = [&] {
    try {
      save(true);
    } catch (const IoError& error) {
      if (interrupt.flag()->load() || out_of_time) throw;  // the last
      progress.say(fmt::format("cellwright: {}; training goes on, the next checkpoint is tried in its turn",
                               error.what()));
    }
  };
  TrainingLoop::Outcome outcome;
  try {
    outcome = trainer.run(hooks);
    progress.clear();
    if (outcome != TrainingLoop::Outcome::kStopped) {
      if (job.complete) job.complete(model, task);
      save(request.keep_state);
    }
  } catch (const Error& error) {
    progress.clear();
    log.write("end", {{"outcome", "error"}, {"message", error.what()}, {"updates", trainer.updates()}});
    throw;
  }
  const bool interrupted = interrupt.flag()->load(), stopped = outcome == TrainingLoop::Outcome::kStopped;
  nlohmann::ordered_json end = {{"outcome", outcome_word(outcome, interrupted)},
                                {"updates", trainer.updates()},
                                {"valid_loss", trainer.best()}};
  fmt::print("\n");
  if (!interrupted) {
    if (trainer.best_parameters() != model.parameters()) {  // what the file shows; so do the figures
      std::copy_n(trainer.best_parameters(), model.size(), model.parameters());
      model.parameters_changed();
    }
    end.update(job.measure(model));
  }
  log.write("end", std::move(end));
  fmt::print("{} after {} updates, {}; saved in {}\n",
             interrupted                                ? "stopped"
             : stopped                                  ? "time is up"
             : outcome == TrainingLoop::Outcome::kEarly ? "no more improvement, ended"
                                                        : "finished",
             grouped(trainer.updates()), clock_time(progress.seconds()), out);
  if (stopped) fmt::print("\ngo on:   {}\n", resume_command(request));
  const std::string program = request.command.substr(0, request.command.find(' '));  // as it was typed
  fmt::print("{}", stopped ? "" : "\n");
  for (const std::string& command : job.next)
    fmt::print("next:    {} {}\n", program, fmt::format(fmt::runtime(command), shell_word(out)));
  return interrupted ? interrupt.status() : 0;
}

}  // namespace cellwright::app
