// row_reader.h: from the rows of all steps to one row a sequence, and its gradient back: what a head that
// speaks once a sequence reads.
//
// What always holds: steps that are padding are not read and have no gradient; sums run over steps ascending,
// in double.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/sequence_spec.h"

namespace cellwright {

template <class T>
class RowReader {
 public:
  /// reading: last or mean.
  RowReader(Reading reading, const Wiring& wiring);

  /// h [steps, lanes, width] to rows [lanes, width]; a lane of padding alone gives 0. mask: as Stack's.
  void read(const T* h, int steps, int lanes, const std::uint8_t* mask, T* rows) const;

  /// The gradient of the rows to that of h, which is written.
  void spread(const T* d_rows, int steps, int lanes, const std::uint8_t* mask, T* d_h) const;

 private:
  Reading reading_;
  std::size_t width_;
  std::vector<std::uint8_t> backwards_;  // per column: its track runs backwards in time
};

}  // namespace cellwright
