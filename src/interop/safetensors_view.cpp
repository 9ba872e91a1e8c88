// safetensors_view.cpp: see safetensors_view.h; the checks are those of safetensors.cpp.
#include "interop/safetensors_view.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "cellwright/error.h"
#include "interop/safetensors_header.h"

namespace cellwright {

SafetensorsView view_safetensors(const std::string& path) {
  SafetensorsView view;
  view.file = std::make_shared<const MappedFile>(path);
  std::uint64_t data_start = 0;
  safetensors::Header header = safetensors::read_layout(view.file->bytes(), path, &data_start);
  const std::string_view data = view.file->bytes().substr(data_start);
  view.metadata = std::move(header.metadata);
  for (safetensors::Entry& entry : header.entries) {
    view.tensors.push_back({std::move(entry.name), entry.type, std::move(entry.shape),
                            data.substr(entry.begin, entry.end - entry.begin)});
  }
  return view;
}

const TensorView* SafetensorsView::find(std::string_view name) const {
  const auto found =
      std::find_if(tensors.begin(), tensors.end(), [&](const TensorView& t) { return t.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

const TensorView& SafetensorsView::at(std::string_view name) const {
  if (const TensorView* tensor = find(name)) return *tensor;
  throw FormatError(file->path() + ": no tensor " + safetensors::quoted(name) +
                    "; it is another kind of file");
}

Tensor SafetensorsView::copy(std::string_view name) const {
  const TensorView& view = at(name);
  return {view.name, view.type, view.shape, std::string(view.bytes)};
}

bool looks_like_safetensors(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  char start[safetensors::kLengthBytes + 1] = {};
  std::ifstream in(path, std::ios::binary);
  if (!in.read(start, sizeof start)) return false;
  std::uint64_t length = 0;
  std::memcpy(&length, start, sizeof length);
  // A file that was cut short still counts: its reader then says so.
  return length >= 2 && length <= safetensors::kMaxHeader && start[safetensors::kLengthBytes] == '{';
}

}  // namespace cellwright
