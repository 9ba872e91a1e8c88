// labelled_files.h: readers of sequences with a class each.
//
// Where to start: the reader of the kind of file. What they give is held together by check(LabelledData).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "data/labelled.h"
#include "data/log_mel.h"

namespace cellwright {

/// UCR's and UEA's .ts: lines of "@" and then cases, dimensions parted by ":", values by ",", "?" for a
/// missing one, the last field being the class. FormatError naming line and what is wrong; time stamps and
/// targets that are numbers are refused. `labels`: false where the class may lack (@classLabel false) or be
/// none of those named, as of cases to be predicted.
LabelledData parse_ts(std::string_view text, const std::string& name, bool labels = true);

/// JSON lines: {"label": …, NAME: [step][…numbers, however nested up to eight deep]}, null being a missing
/// number. `labels`: false where they are not read. FormatError naming the line.
LabelledData parse_labelled_lines(std::string_view text, const std::string& name, bool labels = true);

/// Images of the MNIST format and their labels: a step is a pixel, a pixel in a fixed order drawn by `seed`,
/// or a row. FormatError.
enum class ImageReading { pixels, permuted, rows };
LabelledData parse_idx(std::string_view images, std::string_view labels, const std::string& images_name,
                       const std::string& labels_name, ImageReading reading, std::uint64_t seed);

/// A step a line, numbers parted by semicolons (then "1,5" is one), commas, tabs or blanks; a missing one
/// (says_missing() in csv.h) is NaN. A first line of names, which holds no number, is skipped. `width`: the
/// numbers a line, or 0: as many as the first has, which is put there. FormatError naming line and column.
std::vector<float> parse_number_lines(std::string_view text, const std::string& name, int* width);

/// How a sound becomes steps.
struct SoundReading {
  int rate = 0;      ///< samples a second; 0: the first file's
  bool raw = false;  ///< frames of `frame` samples as they are; else log-mel
  int frame = 80;
  LogMelSpec mel;  ///< its rate is set
};

/// One file as steps: .csv or .txt (parse_number_lines), else sound. `resampled` is counted up where the rate
/// was another. What a first sound settles is written into `sound`.
LabelledSequence read_sequence_file(const std::string& path, SoundReading& sound, int* width, int* resampled);

/// A folder with a folder a class, or with `class_of`, which gives a file name's class ("": not one of them),
/// a folder of files. In the order of names; what was resampled, of another kind or an empty folder is among
/// the remarks. IoError, FormatError, SpecError.
LabelledData read_class_folder(const std::string& path, SoundReading& sound,
                               const std::function<std::string(const std::string& file)>& class_of = {});

}  // namespace cellwright
