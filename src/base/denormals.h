// denormals.h: flush-to-zero and denormals-are-zero for the life of an object, on this thread; the caller's mode comes back.
#pragma once

namespace cellwright {

class FlushDenormals {
 public:
  FlushDenormals() noexcept;
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  unsigned long saved_;
};

}  // namespace cellwright
