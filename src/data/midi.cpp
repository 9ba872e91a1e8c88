// midi.cpp: see midi.h. Start at parse_midi; a track is read by TrackReader.
#include "data/midi.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "cellwright/error.h"

namespace cellwright {
namespace {

/// Bytes from `at` to `end`, and where in the file they lie.
class Bytes {
 public:
  Bytes(std::string_view file, std::string_view name, std::size_t at, std::size_t end)
      : file_(file), name_(name), at_(at), end_(end) {}

  bool done() const { return at_ >= end_; }
  std::size_t at() const { return at_; }
  std::size_t left() const { return end_ - at_; }

  [[noreturn]] void fail(const std::string& what) const {
    throw FormatError(fmt::format("{}: byte {}: {}", name_, at_, what));
  }
  int peek() const {
    if (done()) fail("the track ends within an event");
    return static_cast<unsigned char>(file_[at_]);
  }
  int byte() {
    const int b = peek();
    ++at_;
    return b;
  }
  int data() {
    const int b = peek();
    if (b > 127) fail(fmt::format("a data byte is expected, found 0x{:02x}", b));
    ++at_;
    return b;
  }
  std::int64_t number(int bytes) {
    std::int64_t n = 0;
    for (int i = 0; i < bytes; ++i) n = n << 8 | byte();
    return n;
  }
  std::int64_t variable() {
    std::int64_t n = 0;
    for (int i = 0; i < 4; ++i) {
      const int b = byte();
      n = n << 7 | (b & 127);
      if (b < 128) return n;
    }
    fail("a number of more than four bytes");
  }
  void skip(std::int64_t n) {
    if (n > static_cast<std::int64_t>(left()))
      fail(fmt::format("{} bytes are announced, {} are left", n, left()));
    at_ += static_cast<std::size_t>(n);
  }

 private:
  std::string_view file_, name_;
  std::size_t at_, end_;
};

class TrackReader {
 public:
  TrackReader(Bytes bytes, std::vector<MidiNote>& notes) : bytes_(bytes), notes_(notes) {}

  void read() {
    while (!bytes_.done()) {
      time_ += bytes_.variable();
      if (!event()) break;
    }
    for (const auto& [key, start] : sounding_) add(key, start);
  }

 private:
  using Key = std::pair<int, int>;  // channel, pitch

  void add(Key key, std::int64_t start) {
    if (time_ > start) notes_.push_back({start, time_, key.second, key.first});
  }

  void strike(Key key, bool on) {
    if (const auto it = sounding_.find(key); it != sounding_.end()) {
      add(key, it->second);
      sounding_.erase(it);
    }
    if (on) sounding_[key] = time_;
  }

  // False at the end of the track.
  bool event() {
    if (bytes_.peek() >= 128) {
      const int status = bytes_.byte();
      if (status == 0xFF) {
        const int kind = bytes_.byte();
        bytes_.skip(bytes_.variable());
        return kind != 0x2F;
      }
      if (status == 0xF0 || status == 0xF7) {
        bytes_.skip(bytes_.variable());
        return true;
      }
      if (status > 0xF0) bytes_.fail(fmt::format("0x{:02x} is no event of a file", status));
      status_ = status;
    } else if (status_ == 0) {
      bytes_.fail("an event without a status");
    }
    const int kind = status_ >> 4, channel = status_ & 15, first = bytes_.data();
    if (kind == 0xC || kind == 0xD) return true;  // one data byte
    const int second = bytes_.data();
    if (kind == 0x8 || kind == 0x9) strike({channel, first}, kind == 0x9 && second > 0);
    return true;
  }

  Bytes bytes_;
  std::vector<MidiNote>& notes_;
  std::int64_t time_ = 0;
  int status_ = 0;
  std::map<Key, std::int64_t> sounding_;  // since when
};

int ticks_of(std::int64_t division, const Bytes& bytes) {
  if (division < 0x8000) {
    if (division == 0) bytes.fail("a quarter of 0 ticks");
    return static_cast<int>(division);
  }
  const int frames = 256 - static_cast<int>(division >> 8), ticks = static_cast<int>(division & 255);
  if ((frames != 24 && frames != 25 && frames != 29 && frames != 30) || ticks == 0)
    bytes.fail(fmt::format("{} frames a second of {} ticks", frames, ticks));
  return std::max(1, static_cast<int>(std::lround((frames == 29 ? 29.97 : frames) * ticks / 2)));
}

void put(std::string& to, std::uint32_t n, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) to += static_cast<char>(n >> (8 * i) & 255);
}

void put_variable(std::string& to, std::int64_t n) {
  for (int shift = 21; shift > 0; shift -= 7) {
    if (n >> shift > 0) to += static_cast<char>((n >> shift & 127) | 128);
  }
  to += static_cast<char>(n & 127);
}

}  // namespace

Midi parse_midi(std::string_view bytes, std::string_view name) {
  Bytes file(bytes, name, 0, bytes.size());
  if (bytes.substr(0, 4) != "MThd") file.fail("this is no MIDI file: it does not begin with MThd");
  if (bytes.size() < 14) file.fail("the file ends within its header");
  file.skip(4);
  const std::int64_t header = file.number(4), format = file.number(2);
  file.number(2);  // how many tracks is seen from the file itself
  Midi midi;
  midi.ticks_per_quarter = ticks_of(file.number(2), file);
  if (header < 6) file.fail(fmt::format("a header of {} bytes", header));
  if (format > 1)
    file.fail(fmt::format("format {}: its tracks are pieces of their own; formats 0 and 1 are read", format));
  file.skip(header - 6);
  int tracks = 0;
  while (!file.done()) {
    if (file.left() < 8) {
      if (tracks > 0) break;  // a few bytes that some programs leave behind the last track
      file.fail("the file ends within the head of a chunk");
    }
    const std::string_view kind = bytes.substr(file.at(), 4);
    file.skip(4);
    const std::int64_t size = file.number(4);
    const std::size_t begin = file.at();
    file.skip(size);
    if (kind != "MTrk") continue;
    TrackReader(Bytes(bytes, name, begin, file.at()), midi.notes).read();
    ++tracks;
  }
  if (tracks == 0) file.fail("the file has no track");
  std::sort(midi.notes.begin(), midi.notes.end(), [](const MidiNote& a, const MidiNote& b) {
    return std::tie(a.start, a.pitch, a.channel, a.end) < std::tie(b.start, b.pitch, b.channel, b.end);
  });
  return midi;
}

std::string format_midi(const Midi& midi, double quarters_per_minute) {
  if (midi.ticks_per_quarter < 1 || midi.ticks_per_quarter > 0x7FFF)
    throw SpecError(fmt::format("a quarter of {} ticks; it must have 1 … 32767", midi.ticks_per_quarter));
  if (!(quarters_per_minute >= 4 && quarters_per_minute <= 10000))
    throw SpecError(fmt::format("{:g} quarters a minute; it must be 4 … 10000", quarters_per_minute));
  struct Event {
    std::int64_t time;
    int on, pitch, channel;
  };
  std::vector<Event> events;
  for (const MidiNote& n : midi.notes) {
    if (n.pitch < 0 || n.pitch > 127 || n.channel < 0 || n.channel > 15 || n.start < 0 || n.end <= n.start)
      throw SpecError(fmt::format("a note of pitch {} on channel {} from tick {} to {}", n.pitch, n.channel,
                                  n.start, n.end));
    events.push_back({n.start, 1, n.pitch, n.channel});
    events.push_back({n.end, 0, n.pitch, n.channel});
  }
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::tie(a.time, a.on, a.pitch, a.channel) < std::tie(b.time, b.on, b.pitch, b.channel);
  });
  std::string track("\0\xFF\x51\x03", 4);
  put(track, static_cast<std::uint32_t>(std::lround(6e7 / quarters_per_minute)), 3);
  std::int64_t now = 0;
  for (const Event& e : events) {
    if (e.time - now > 0x0FFFFFFF) throw SpecError("a rest too long for a MIDI file");
    put_variable(track, e.time - now);
    now = e.time;
    track += static_cast<char>((e.on ? 0x90 : 0x80) | e.channel);
    track += static_cast<char>(e.pitch);
    track += static_cast<char>(e.on ? 80 : 0);
  }
  track += std::string("\0\xFF\x2F\0", 4);
  std::string file = "MThd";
  put(file, 6, 4);
  put(file, 0, 2);
  put(file, 1, 2);
  put(file, static_cast<std::uint32_t>(midi.ticks_per_quarter), 2);
  file += "MTrk";
  put(file, static_cast<std::uint32_t>(track.size()), 4);
  return file + track;
}

}  // namespace cellwright
