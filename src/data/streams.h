// streams.h: one long text as B parallel streams, cut into windows of T steps, so that a batch carries its
// state from window to window. Start at the three constructors' rules; window() is what a training loop
// calls.
//
// n tokens hold n - 1 predictions: the token at position p predicts the one at p + 1; the first token is
// never predicted. Stream b reads a contiguous piece of the text, and its last target is the first input of
// stream b + 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include "data/token_view.h"

namespace cellwright {

/// Windows [first, last) of a Streams, in the order of time.
struct WindowRange {
  int first = 0;
  int last = 0;
  int size() const { return last - first; }
};

class Streams {
 public:
  /// A target that no loss may count: the stream has ended, its input is token 0.
  static constexpr std::int32_t kNoTarget = -1;

  /// For training: every stream has floor((n-1)/batch) predictions; fewer than `batch` predictions at the end
  /// of the text are dropped. The last window may be shorter than `steps`. SpecError where not even one full
  /// window exists: "text has 37 tokens; 50 streams of 50 steps need at least 2,501: lower --batch or
  /// --steps", and for sizes below 1.
  Streams(TokenView tokens, int batch, int steps);

  /// For evaluation: every one of the n - 1 predictions occurs exactly once. The first (n-1) mod batch
  /// streams are one prediction longer; where the others have ended the target is kNoTarget. Each stream
  /// starts without context, so only batch = 1 gives a figure that does not depend on the batch; a larger one
  /// is quicker. Needs n > batch; SpecError.
  static Streams covering(TokenView tokens, int batch, int steps);

  /// char-rnn's rule: the text is cut to a multiple of batch·steps tokens, all of which are inputs; the very
  /// last target wraps around to the first token. All windows are full. Use with split_windows of split.h.
  /// Needs batch·steps tokens.
  static Streams char_rnn(TokenView tokens, int batch, int steps);

  int batch() const { return batch_; }
  int steps() const { return steps_; }  ///< of a full window
  int windows() const { return windows_; }
  WindowRange all() const { return {0, windows_}; }
  int steps_of(int index) const;                      ///< of window `index`
  std::int64_t predictions(WindowRange range) const;  ///< targets other than kNoTarget
  std::int64_t predictions() const { return predictions(all()); }
  const TokenView& tokens() const { return tokens_; }

  /// Fills both with [steps_of(index), batch()], row major. InternalError for an index outside [0,
  /// windows()); FormatError for a damaged mapped file.
  void window(int index, std::int32_t* inputs, std::int32_t* targets) const;

 private:
  Streams(TokenView tokens, int batch, int steps, std::size_t predictions);

  TokenView tokens_;
  int batch_;
  int steps_;
  int windows_ = 0;
  std::size_t length_ = 0;  // predictions of every stream
  std::size_t longer_ = 0;  // the first so many streams have one more
};

}  // namespace cellwright
