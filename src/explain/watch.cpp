// watch.cpp: see watch.h.
#include "explain/watch.h"

#include <fmt/format.h>

#include "base/denormals.h"
#include "cellwright/error.h"

namespace cellwright {

template <class T>
Watch<T>::Watch(Model<T>& model, std::vector<Observation> per_track)
    : inside_(model.inside()), classes_(model.spec().classes) {
  try {
    for (int i = 0; i < stack().tracks() && i < static_cast<int>(per_track.size()); ++i) {
      if (!per_track[static_cast<std::size_t>(i)].any()) continue;
      watched_.push_back(i);
      stack().track(i).observe(per_track[static_cast<std::size_t>(i)]);
      stack().track(i).prepare(false, 1, 1);  // a line that is not there is told now
    }
  } catch (...) {
    for (int i : watched_) stack().track(i).observe({});
    throw;
  }
}

template <class T>
Watch<T>::~Watch() {
  for (int i : watched_) stack().track(i).observe({});
}

template <class T>
void Watch<T>::forward(bool backward, const std::int32_t* tokens, int steps, ModelState<T>& state) {
  const std::size_t rows = static_cast<std::size_t>(steps) * static_cast<std::size_t>(state.lanes);
  for (std::size_t i = 0; i < rows; ++i) {
    if (tokens[i] < 0 || tokens[i] >= classes_)
      throw ShapeError(fmt::format("token {} lies outside the model's {} classes", tokens[i], classes_));
  }
  const FlushDenormals flush;
  inside_.tokens.prepare(rows);
  fed_.assign(1, inside_.tokens.forward(false, tokens, rows));
  inside_.stack.forward(backward, steps, fed_, state);
}

template class Watch<float>;
template class Watch<double>;

}  // namespace cellwright
