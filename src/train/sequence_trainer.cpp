// sequence_trainer.cpp: see sequence_trainer.h.
#include "train/sequence_trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cellwright/error.h"

namespace cellwright {
namespace {

// Noise of an evaluation is the same every time; no update has this number.
constexpr std::uint64_t kEvaluation = std::uint64_t{1} << 63;

SequenceWindow<float> window_of(const SequenceBatch& b, const SequenceSet& set) {
  SequenceWindow<float> w;
  w.steps = b.steps;
  w.lanes = b.lanes;
  w.inputs = set.inputs > 0 ? b.inputs.data() : nullptr;
  w.symbols = set.inputs > 0 ? nullptr : b.symbols.data();
  w.mask = b.padded ? b.mask.data() : nullptr;
  w.targets = set.target_width > 0 ? b.targets.data() : nullptr;
  w.labels = set.target_width == 0 ? &b.labels : nullptr;
  w.counted = b.counted.data();
  return w;
}

int longest(const SequenceSet& set, const std::vector<int>& lanes) {
  int steps = 0;
  for (const int i : lanes) steps = std::max(steps, set.sequences[static_cast<std::size_t>(i)].steps);
  return steps;
}

void check_fit(const SequenceModel<float>& model, const SequenceSet& set, const char* which) {
  const SequenceSpec& spec = model.spec();
  set.check();
  if (set.inputs != spec.inputs || set.target_width != model.loss().target_width() ||
      set.each != (spec.reading == Reading::each)) {
    throw ShapeError(fmt::format(
        "the {} sequences have {} inputs, {} target numbers a {}, and the model {}, {} and {}", which,
        set.inputs, set.target_width, set.each ? "step" : "sequence", spec.inputs,
        model.loss().target_width(), spec.reading == Reading::each ? "each step" : "each sequence"));
  }
}

std::int64_t correct_rows(const SequenceModel<float>& model, const SequenceBatch& b) {
  const auto n = static_cast<std::size_t>(model.loss().width());
  std::int64_t correct = 0;
  for (std::size_t r = 0; r < b.counted.size(); ++r) {
    if (b.counted[r] == 0) continue;
    const float* row = model.outputs() + r * n;
    correct += static_cast<float>(std::max_element(row, row + n) - row) == b.targets[r];
  }
  return correct;
}

nlohmann::json set_to_json(const SequenceSet* set) {
  if (set == nullptr) return nullptr;
  return {{"hash", set->hash()}, {"sequences", set->sequences.size()}};
}

}  // namespace

SequenceEvaluation evaluate(SequenceModel<float>& model, const SequenceSet& set, int batch, int steps,
                            const std::atomic<bool>* stop, const SeeWindow& see) {
  SequenceEvaluation sum;
  SequenceBatch b;
  const bool classes = model.spec().loss.kind == "softmax" && set.target_width > 0;
  for (const std::vector<int>& lanes : batches_by_length(set, batch)) {
    StackState<float> state = model.make_state(static_cast<int>(lanes.size()));
    const int end = longest(set, lanes), stride = steps > 0 ? steps : end;
    for (int first = 0; first < end; first += stride) {
      if (stop && stop->load()) return sum;
      gather(set, lanes, first, stride, b);
      const SequenceLoss loss = model.evaluate(window_of(b, set), state);
      sum.loss += loss.sum;
      sum.cell_losses += loss.cell_losses;
      sum.count += loss.count;
      if (classes) sum.correct += correct_rows(model, b);
      if (see) see(lanes, first, b);
    }
  }
  return sum;
}

SequenceTrainer::SequenceTrainer(SequenceModel<float>& model, const SequenceSet& train,
                                 const SequenceSet* valid, const TrainOptions& options)
    : TrainingLoop(model, options),
      model_(model),
      train_(train),
      valid_(valid && !valid->empty() ? valid : nullptr) {
  if (train_.empty() || train_.targets() == 0) throw SpecError("there is nothing to train on");
  if (options.k1() != options.steps)
    throw SpecError(fmt::format("stride {}: sequences are cut into windows that do not overlap; leave it out",
                                options.stride));
  if (options.steps > 0 && !train_.each)
    throw SpecError(fmt::format(
        "steps {}: a sequence with one target is read whole; leave it out, or make it 0", options.steps));
  if (options.steps > 0 && model.spec().loss.kind == "ctc")
    throw SpecError(
        fmt::format("steps {}: labels that are not aligned need whole sequences; make it 0", options.steps));
  for (const LayerSpec& layer : model.spec().layers) {
    if (options.steps > 0 && layer.direction != LayerSpec::Direction::forward)
      throw SpecError(fmt::format(
          "steps {}: a layer that runs backwards in time needs whole sequences; make it 0", options.steps));
  }
  check_fit(model_, train_, "training");
  if (valid_) check_fit(model_, *valid_, "validation");
  begin_epoch(0);
  planned_ = windows();
}

SequenceTrainer::~SequenceTrainer() = default;

void SequenceTrainer::begin_epoch(int epoch) {
  plan_ = shuffled_batches(train_, options().batch, options().seed, epoch);
  windows_.clear();
  for (std::size_t i = 0; i < plan_.size(); ++i) {
    const int end = longest(train_, plan_[i]), stride = options().steps > 0 ? options().steps : end;
    for (int first = 0; first < end; first += stride) windows_.push_back({static_cast<int>(i), first});
  }
}

void SequenceTrainer::shape_carried(int window) {  // as the window before left it
  const auto batch = static_cast<std::size_t>(windows_[static_cast<std::size_t>(window - 1)].batch);
  carried_ = model_.make_state(static_cast<int>(plan_[batch].size()));
}

SequenceTrainer::Measured SequenceTrainer::train_window(int index, std::int64_t update) {
  const Window& window = windows_[static_cast<std::size_t>(index)];
  const std::vector<int>& lanes = plan_[static_cast<std::size_t>(window.batch)];
  if (window.first == 0) carried_ = model_.make_state(static_cast<int>(lanes.size()));
  gather(train_, lanes, window.first, options().steps, batch_);
  Measured measured;
  measured.update = batch_.counts;
  model_.set_noise(options().seed, static_cast<std::uint64_t>(update));
  SequenceWindow<float> w = window_of(batch_, train_);
  if (!batch_.counts) {
    w.targets = nullptr;
    w.labels = nullptr;
    model_.evaluate(w, carried_);
    return measured;
  }
  const SequenceLoss loss = model_.train(w, carried_);
  measured.loss = loss.sum;
  measured.cell_losses = loss.cell_losses;
  measured.count = loss.count;
  return measured;
}

SequenceTrainer::Measured SequenceTrainer::validate(const std::atomic<bool>* stop) {
  model_.set_noise(options().seed, kEvaluation);
  const SequenceEvaluation e = cellwright::evaluate(model_, *valid_, options().batch, options().steps, stop);
  Measured measured;
  measured.loss = e.loss;
  measured.cell_losses = e.cell_losses;
  measured.count = e.count;
  if (model_.spec().loss.kind == "softmax") measured.correct = static_cast<double>(e.correct);
  return measured;
}

SequenceTrainer::About SequenceTrainer::about() const {
  return {set_to_json(&train_), set_to_json(valid_), "data", "give the same files and split"};
}

}  // namespace cellwright
