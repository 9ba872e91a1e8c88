// split.h: which part of a text is for training, validation and test, when no separate files are given.
#pragma once

#include "data/streams.h"

namespace cellwright {

struct TokenSplit {
  TokenView train;
  TokenView valid;
  TokenView test;
};

/// Contiguous: training first, then validation, then test. Cut at floor(n·(1 - valid - test)) and floor(n·(1
/// - test)). Fractions in [0, 1) with valid + test < 1; SpecError otherwise, and where a part that was asked
/// for gets fewer than 2 tokens or training does.
TokenSplit split_tokens(const TokenView& tokens, double valid_fraction, double test_fraction);

struct WindowSplit {
  WindowRange train;
  WindowRange valid;
  WindowRange test;
};

/// char-rnn's: the LAST windows of every stream are validation, then test. ntrain =
/// floor(windows·train_fraction); without a test part, validation is the whole rest, else
/// floor(windows·valid_fraction). Both ranges read the same Streams (Streams::char_rnn); validation starts
/// from a fresh state and then carries it. SpecError for fractions outside [0, 1] or that sum to more than 1,
/// and where training or a validation that was asked for gets no window.
WindowSplit split_windows(int windows, double train_fraction, double valid_fraction);

}  // namespace cellwright
