// safetensors_view.h: a safetensors file that stays on the disk: its header is read and checked, its data is
// looked at in place.
//
// Everything that holds for a file read whole (safetensors.h) holds here; only the contents of tensors are
// yet unseen.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "interop/safetensors.h"

namespace cellwright {

struct TensorView {
  std::string name;
  Tensor::Type type = Tensor::Type::kF32;
  std::vector<std::int64_t> shape;
  std::string_view bytes;  ///< in the mapped file; little-endian, aligned as the file has it (use memcpy)
};

struct SafetensorsView {
  std::shared_ptr<const MappedFile> file;  ///< keeps `bytes` of the tensors valid
  std::map<std::string, std::string> metadata;
  std::vector<TensorView> tensors;  ///< in the order of their data

  const TensorView& at(std::string_view name) const;  ///< FormatError as SafetensorsFile::at
  const TensorView* find(std::string_view name) const;
  Tensor copy(std::string_view name) const;  ///< FormatError where absent
};

/// IoError where it cannot be mapped; FormatError as read_safetensors().
SafetensorsView view_safetensors(const std::string& path);

/// Whether the file begins as safetensors files do: a length that fits the file, then "{". Says nothing of
/// the rest. False for what is no ordinary file or cannot be read: whoever opens it next says why.
bool looks_like_safetensors(const std::string& path);

}  // namespace cellwright
