// classics.h: the classic tasks of the field over symbols, each with its source; one file a task.
//
// What always holds: sequences of one point have equal lengths, but for the grammars; TaskOptions::lengths
// sets what "length" says, and training draws lengths up to the longest (lengths.h).
#pragma once

#include <memory>

#include "lab/token_task.h"

namespace cellwright::lab {

/// The Reber grammar: which symbols may come next, at every step (Reber 1967; Cleeremans et al. 1989). Right
/// is a whole string at each of whose steps all legal successors are likelier than all others.
std::unique_ptr<TokenTask> make_reber(const TaskOptions& options);

/// The embedded Reber grammar: a T or P near the start comes again near the end, a Reber string of any length
/// lies between (Hochreiter & Schmidhuber 1997, experiment 1). The length is the least number of symbols of
/// the string between; 5 is every string. Who does not remember is right in half of the strings.
std::unique_ptr<TokenTask> make_embedded_reber(const TaskOptions& options);

/// Copy memory: ten symbols of eight, then as many blanks as the length says, then a sign and nine blanks, at
/// which the ten are asked for (Hochreiter & Schmidhuber 1997; Arjovsky et al. 2016). Single answers count;
/// chance is 1/8.
std::unique_ptr<TokenTask> make_copy(const TaskOptions& options);

/// Temporal order: X or Y at two places among distractors: which two, in which order? Four classes. With the
/// length T the places lie in [T/10, T/5) and [T/2, 3T/5) (Hochreiter & Schmidhuber 1997, experiment 6a,
/// whose sequences have 100 … 110 steps).
std::unique_ptr<TokenTask> make_temporal_order(const TaskOptions& options);

/// Delayed echo: a stream of bits comes back after a lag, at every step. The first symbol says which of the
/// lags it is, so that one model is measured at all. Chance is 1/2.
std::unique_ptr<TokenTask> make_delayed_echo(const TaskOptions& options);

/// Parity of as many bits as the length says, asked for behind the last alone.
std::unique_ptr<TokenTask> make_parity(const TaskOptions& options);

/// aⁿbⁿ: n times a, n times b, an end: which symbols may come next (Gers & Schmidhuber 2001)? Trained with n
/// up to 10, also measured beyond. While a comes, a and b may follow; the number of b is settled. Right are
/// whole strings.
std::unique_ptr<TokenTask> make_counting(const TaskOptions& options);

/// Addition of two numbers of as many digits as the length says, "12+95=107.": the sum is asked for digit by
/// digit, the right digits before being read (Zaremba & Sutskever 2014; Kalchbrenner et al. 2015). Right are
/// whole sums.
std::unique_ptr<TokenTask> make_addition(const TaskOptions& options);

/// Memorise: as many of 64 symbols as the length says are read, then all are asked for in their order
/// (Kalchbrenner et al. 2015, with 20). Single answers count; chance is 1/64.
std::unique_ptr<TokenTask> make_memorise(const TaskOptions& options);

/// Spikes so many steps apart, or one fewer: which was it, asked for at every spike but the first (after
/// Gers, Schraudolph & Schmidhuber 2002: "sequences of spikes spaced either 50 or 49 time steps apart without
/// the help of any short training exemplars": that is the length 50 alone). Trained at the lengths that are
/// measured. Chance is 1/2.
std::unique_ptr<TokenTask> make_spike_timing(const TaskOptions& options);

}  // namespace cellwright::lab
