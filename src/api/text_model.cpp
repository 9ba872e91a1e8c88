// text_model.cpp: the public TextModel, over data/, nn/ and train/.
#include "cellwright/text_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "api/cell_inside.h"
#include "cellwright/error.h"
#include "data/split.h"
#include "data/streams.h"
#include "data/vocabulary.h"
#include "explain/ledger.h"
#include "train/checkpoint.h"
#include "train/evaluate.h"
#include "train/prime.h"
#include "train/sample.h"
#include "train/trainer.h"

namespace cellwright {
namespace {

TokenKind kind_of(Tokens tokens) {
  return tokens == Tokens::kBytes   ? TokenKind::bytes
         : tokens == Tokens::kWords ? TokenKind::words
                                    : TokenKind::characters;
}

Vocabulary vocabulary_of(const Text& text, const TextModelOptions& options) {
  VocabularyOptions wanted;
  wanted.kind = kind_of(text.tokens());
  wanted.min_count = options.min_count;
  return Vocabulary::build(text.content(), wanted);
}

ModelSpec spec_of(const Vocabulary& vocabulary, const TextModelOptions& options) {
  ModelSpec spec;
  spec.classes = vocabulary.size();
  spec.embedding = options.embedding;
  spec.init_uniform = options.init_uniform;
  for (const int units : options.units) {
    LayerSpec layer;
    layer.cell_text = options.cell.text();
    layer.cell_file = options.cell.file();
    layer.units = units;
    layer.sizes = options.sizes;
    layer.options = options.options;
    spec.layers.push_back(std::move(layer));
  }
  return spec;
}

EngineOptions engine_options(int threads, bool scan = false) {
  EngineOptions options;
  options.threads = threads;
  options.scan = scan;
  return options;
}

/// An unfinished training goes on as it began.
bool was_scanned(const SavedModel& saved) {
  return saved.state && !saved.training_json.empty() &&
         nlohmann::json::parse(saved.training_json).value("scan", false);
}

class Report : public TrainObserver {
 public:
  explicit Report(const std::function<void(const TrainingProgress&)>& progress) : progress_(progress) {}
  void on_update(const UpdateReport& r) override {
    if (progress_)
      progress_({r.epoch, r.epochs, r.update, r.updates, r.loss, r.gradient_norm, r.learning_rate});
  }

 private:
  const std::function<void(const TrainingProgress&)>& progress_;
};

TrainOptions options_of(const TrainSettings& s) {
  TrainOptions o;
  o.epochs = s.epochs;
  o.batch = s.batch;
  o.steps = s.steps;
  o.stride = s.stride;
  o.optimizer = optimizer_defaults(s.optimizer);
  o.learning_rate = s.learning_rate;
  o.schedule = schedule_defaults(s.schedule);
  o.clip_norm = s.clip;
  o.patience = s.patience;
  o.seed = s.seed;
  check(o);
  return o;
}

}  // namespace

struct TextModel::Parts {
  Engine engine;
  Vocabulary vocabulary;
  Model<float> model;
  std::string training_json;
  std::optional<TrainingState> state;

  Parts(const EngineOptions& options, Vocabulary v, const ModelSpec& spec)
      : engine(options), vocabulary(std::move(v)), model(spec, engine) {}
};

TextModel::TextModel(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
TextModel::~TextModel() = default;
TextModel::TextModel(TextModel&&) noexcept = default;
TextModel& TextModel::operator=(TextModel&&) noexcept = default;

TextModel::TextModel(const Text& text, const TextModelOptions& options) {
  Vocabulary vocabulary = vocabulary_of(text, options);
  const ModelSpec spec = spec_of(vocabulary, options);
  parts_ =
      std::make_unique<Parts>(engine_options(options.threads, options.scan), std::move(vocabulary), spec);
  parts_->model.initialise(options.seed);
}

TextModel TextModel::load(const std::string& path, int threads) {
  SavedModel saved = load_model(path);
  auto parts =
      std::make_unique<Parts>(engine_options(threads, was_scanned(saved)), saved.vocabulary, saved.spec);
  saved.apply(parts->model);
  parts->training_json = saved.training_json;
  parts->state = std::move(saved.state);
  return TextModel(std::move(parts));
}

void TextModel::save(const std::string& path) const {
  save_model(path, parts_->model, parts_->vocabulary, nullptr, false, parts_->training_json);
}

TrainSummary TextModel::train(const Text& text, const TrainSettings& settings) {
  Parts& m = *parts_;
  const TrainOptions options = options_of(settings);
  TokenSplit split;
  split.train = m.vocabulary.encode(text.content());
  if (settings.valid) {
    split.valid = m.vocabulary.encode(settings.valid->content());
  } else if (settings.valid_fraction > 0) {
    split = split_tokens(split.train, settings.valid_fraction, 0);
  }
  const Streams train(std::move(split.train), options.batch, options.k1());
  std::optional<Streams> valid;
  if (!split.valid.empty()) {
    const int batch = static_cast<int>(
        std::min<std::size_t>(static_cast<std::size_t>(options.batch), split.valid.size() - 1));
    valid.emplace(Streams::covering(std::move(split.valid), std::max(batch, 1), options.steps));
  }
  TrainingData data;
  data.train = &train;
  data.train_range = train.all();
  if (valid) {
    data.valid = &*valid;
    data.valid_range = valid->all();
  }
  Trainer trainer(m.model, data, options);
  if (settings.resume) {
    if (!m.state)
      throw SpecError(
          "there is no unfinished training to resume: load a file that train() kept with save_as and did not "
          "finish");
    trainer.resume(*m.state);
  }
  Report report(settings.progress);
  TrainHooks hooks;
  hooks.observer = &report;
  hooks.stop = settings.stop;
  hooks.save_name = settings.save_as;
  if (!settings.save_as.empty()) {
    hooks.save = [&] { save_model(settings.save_as, m.model, m.vocabulary, &trainer, true); };
  }
  m.state.reset();  // the parameters move on from what it belongs to, whether or not the training ends well
  TrainSummary summary;
  summary.stopped = trainer.run(hooks) == Trainer::Outcome::kStopped;
  m.training_json = training_record_json(m.model, trainer);
  if (summary.stopped) {
    m.state = trainer.state();  // beside the best parameters, as in a file
    if (const float* best = trainer.best_parameters(); best != m.model.parameters()) {
      std::copy_n(best, m.model.size(), m.model.parameters());
      m.model.parameters_changed();
    }
  } else if (!settings.save_as.empty()) {
    save_model(settings.save_as, m.model, m.vocabulary, &trainer, false);
  }
  summary.updates = trainer.updates();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  summary.train_loss = trainer.history().empty() ? nan : trainer.history().back().train_loss;
  summary.valid_loss = std::isfinite(trainer.best()) ? trainer.best() : nan;
  return summary;
}

std::string TextModel::sample(const SampleSettings& settings) {
  Parts& m = *parts_;
  SampleOptions options;
  options.length = settings.length;
  options.temperature = settings.temperature;
  options.top_k = settings.top_k;
  options.top_p = settings.top_p;
  options.seed = settings.seed;
  options.never = m.vocabulary.unknown().value_or(-1);
  Sampler sampler(m.model);
  Decoder decoder(m.vocabulary);
  for (const std::int32_t token : encode_prime(m.vocabulary, settings.prime)) {
    sampler.read({token});
    decoder.next(token);  // it must know where a line begins
  }
  std::string text;
  sampler.draw(options, [&](std::int32_t token) {
    const std::string piece = decoder.next(token);
    if (settings.stream) settings.stream(piece);
    text += piece;
    return true;
  });
  return text;
}

TextLoss TextModel::evaluate(const Text& text) {
  const Streams streams = Streams::covering(parts_->vocabulary.encode(text.content()), 1, 100);
  const Evaluation e = cellwright::evaluate(parts_->model, streams, streams.all());
  TextLoss loss;
  loss.nats = e.per_token();
  loss.bits = loss.nats / std::log(2.0);
  loss.perplexity = std::exp(loss.nats);
  loss.tokens = e.tokens;
  return loss;
}

TextTrace TextModel::trace(const std::string& text, const std::vector<std::string>& lines,
                           const std::vector<int>& layers) {
  TraceOptions options;
  options.lines = lines;
  options.layers = layers;
  const std::vector<std::int32_t> tokens = encode_prime(parts_->vocabulary, text);
  const Trace<float> values =
      cellwright::trace(parts_->model, tokens.data(), static_cast<int>(tokens.size()), 1, options);
  TextTrace result;
  for (const std::int32_t token : tokens) result.pieces.push_back(parts_->vocabulary.entry(token));
  for (const TracedLine<float>& l : values.lines)
    result.lines.push_back({l.layer, l.line, l.size, l.values});
  return result;
}

BeltAccount TextModel::ledger(const std::string& text, const LedgerQuestion& question) {
  TraceOptions options;
  options.layers = {question.layer};
  options.belts = options.only_belts = true;
  const std::vector<std::int32_t> tokens = encode_prime(parts_->vocabulary, text);
  const int steps = static_cast<int>(tokens.size());
  const Trace<float> values = cellwright::trace(parts_->model, tokens.data(), steps, 1, options);
  const auto belt = std::find_if(
      values.belts.begin(), values.belts.end(),
      [&](const TracedBelt& b) { return question.state.empty() || b.state == question.state; });
  if (belt == values.belts.end()) {
    throw SpecError(fmt::format("no state{} of layer {} is carried on by a gate, so there is no belt to account for",
                                question.state.empty() ? "" : " '" + question.state + "'", question.layer));
  }
  const Ledger l =
      cellwright::ledger(values, *belt, question.unit, question.step < 0 ? steps - 1 : question.step);
  BeltAccount account{l.state, l.coefficient, l.terms, l.start, l.start_kept, {}, l.value};
  for (const LedgerEntry& e : l.entries) account.entries.push_back({e.step, e.kept, e.put, e.amount});
  return account;
}

std::int64_t TextModel::parameter_count() const { return parts_->model.parameter_count(); }
int TextModel::vocabulary_size() const { return parts_->vocabulary.size(); }

}  // namespace cellwright
