// real_classics.h: the classic tasks of the field over numbers, each with its source; one file a task. Those
// over symbols: classics.h.
#pragma once

#include <memory>

#include "lab/number_task.h"

namespace cellwright::lab {

/// The adding problem: a step reads a number from (0, 1) and a mark; two steps are marked, one in each half;
/// at the end their sum is asked for (Hochreiter & Schmidhuber 1997, experiment 4; in this form Le et al.
/// 2015). Right is a sum off by less than 0.04; the mean squared error of who always says 1 is 1/6.
std::unique_ptr<NumberTask> make_adding(const TaskOptions& options);

/// Spikes from nothing: the first number says the interval, then the model hears nothing and must give a
/// spike every so many steps: after Gers, Schraudolph & Schmidhuber 2002, "stable streams of precisely timed
/// spikes" without resets or teacher forcing. Trained on 5 spikes, also measured on 50. Right are whole
/// streams, above 1/2 at each spike's step and at no other.
std::unique_ptr<NumberTask> make_spike_generation(const TaskOptions& options);

/// A sound of so many samples is made from no input at all (Koutník et al. 2014, whose sounds had 320): the
/// share of its variance explained, 1 - the normalised mean squared error, or 0 where that is below. One
/// sound, of the longest of the lengths.
std::unique_ptr<NumberTask> make_waveform(const TaskOptions& options);

}  // namespace cellwright::lab
