// watch.h: while it lives the layers of a model keep what was asked for (compile/observation.h), and the
// model is run for looking: as in inference, without dropout and noise, its parameters untouched.
//
// Where to start: Watch::forward. What always holds: a training of the same model goes on to the bit as if
// nobody had looked.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/model.h"

namespace cellwright {

template <class T>
class Watch {
 public:
  /// One observation a track (wiring.h), or fewer: the others keep nothing. SpecError as make_plan().
  Watch(Model<T>& model, std::vector<Observation> per_track);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// One window of tokens [steps, lanes] on from `state`. `backward`: a backward pass of the stack may
  /// follow. ShapeError for a token outside the model's classes.
  void forward(bool backward, const std::int32_t* tokens, int steps, ModelState<T>& state);

  Stack<T>& stack() { return inside_.stack; }
  OutputLayer<T>& head() { return inside_.head; }
  TokenInput<T>& tokens() { return inside_.tokens; }
  const Plan& plan(int track, bool backward) { return stack().track(track).observed_plan(backward); }

 private:
  typename Model<T>::Inside inside_;
  int classes_;
  std::vector<int> watched_;
  std::vector<const T*> fed_;
};

}  // namespace cellwright
