// reuse_arrays.cpp: gradients that take over the arrays of values which nobody reads again.
//
// A gate's gradient is made by the pointwise program that reads the gate last; both are kept for all steps.
// In one array they take half the memory, and the gradient is written where the cache already holds the gate.
// It is why a window can be gone through backward once only. Start at Emitter::reuse_arrays().
#include <algorithm>

#include "compile/emit.h"

namespace cellwright {
namespace {

/// Where a buffer of the forward pass is read by backward programs.
struct LastReader {
  int group = -1;         ///< over all programs; -1: nobody
  std::size_t place = 0;  ///< of the last reader within it
  bool many = false;      ///< read by several groups, by products, or by a scan, which may come back to it
};

}  // namespace

void Emitter::reuse_arrays() {
  std::vector<Buffer>& buffers = plan_.buffers;
  std::vector<bool> usable(buffers.size(), false);
  std::vector<LastReader> readers(buffers.size());
  const auto buffer_of = [&](NodeId id) { return place_[static_cast<std::size_t>(id)].buffer; };
  // Values of the forward loop that keep all steps, none of them named from outside.
  for (std::size_t i = 0; i < place_.size(); ++i) {
    const int b = place_[i].buffer;
    if (b < 0) continue;
    const Buffer& buffer = buffers[static_cast<std::size_t>(b)];
    usable[static_cast<std::size_t>(b)] =
        buffer.kind == Buffer::Kind::kValue && buffer.ring == 0 && buffer.size > 0;
  }
  std::vector<int> made(buffers.size(), 0);  // nodes with their rows there
  for (std::size_t i = 0; i < place_.size(); ++i) {
    if (place_[i].buffer >= 0) ++made[static_cast<std::size_t>(place_[i].buffer)];
    const bool backward = static_cast<NodeId>(i) >= plan_.backward.first;
    if (place_[i].buffer >= 0 && (pinned_[i] || backward))
      usable[static_cast<std::size_t>(place_[i].buffer)] = false;
  }
  int group_number = 0;
  for (const ProgramGroups& p : programs_) {
    for (const Group& group : p.groups) {
      const bool passes = !group.products && !group.scan;
      const std::size_t count = p.direction == 0 ? 0 : passes ? group.steps.size() : group.nodes.size();
      for (std::size_t k = 0; k < count; ++k) {
        for (NodeId read : passes ? group.steps[k].inputs : reads_of(group.nodes[k], group, p)) {
          const int b = buffer_of(read);
          if (b < 0) continue;
          LastReader& last = readers[static_cast<std::size_t>(b)];
          last.many = last.many || group.products || group.scan || (last.group >= 0 && last.group != group_number);
          last.group = group_number;
          last.place = k;
        }
      }
      ++group_number;
    }
  }
  group_number = 0;
  for (const ProgramGroups& p : programs_) {
    for (const Group& group : p.groups) {
      for (std::size_t k = 0; k < group.steps.size() && p.direction == 1; ++k) {
        const int d = buffer_of(group.steps[k].id);
        if (d < 0) continue;
        Buffer& gradient = buffers[static_cast<std::size_t>(d)];
        // An array that holds a product first, and then what is made of it, is written before this group.
        if (gradient.kind != Buffer::Kind::kValue || gradient.ring != 0 || gradient.size == 0 ||
            gradient.in_place_of >= 0 || made[static_cast<std::size_t>(d)] > 1) {
          continue;
        }
        for (std::size_t b = 0; b < buffers.size(); ++b) {
          if (!usable[b] || buffers[b].size != gradient.size || readers[b].many ||
              readers[b].group != group_number || readers[b].place > k) {
            continue;
          }
          gradient.in_place_of = static_cast<int>(b);
          usable[b] = false;
          break;
        }
      }
      ++group_number;
    }
  }
}

}  // namespace cellwright
