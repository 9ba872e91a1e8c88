// cell.h: a recurrent cell, written as equations: read, printed, measured, checked, and run by hand.
//
// Start at Cell::named or Cell::from_text. To train one on text see text_model.h. A Cell is a small value
// that is cheap to copy and never changes. Everything here throws cellwright::Error (error.h) and allocates
// freely; nothing prints.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cellwright {

/// What a layer decides about a cell.
struct CellSizes {
  int units = 8;                 ///< of the first output; >= 1
  std::vector<int> inputs = {};  ///< size of each input, by position; empty: `units` for each that is needed
  std::map<std::string, int> sizes = {};  ///< for the cell's `size z = latent`: {"latent", 32}
  std::map<std::string, std::vector<double>> options =
      {};  ///< for the cell's `option heads = 2`: {"heads", {4}}
};

/// What Cell::check found.
struct CellCheck {
  bool passed = false;
  std::string failure;         ///< what failed first, in a sentence; "" when passed
  std::int64_t gradients = 0;  ///< entries of gradients that were compared with central differences
  double largest_error = 0;    ///< of them, in units of what is allowed; <= 1 when passed
};

class Cell {
 public:
  /// A cell that ships with the library. SpecError: "no cell 'lsmt' is shipped; did you mean 'lstm'?".
  static Cell named(const std::string& name);

  /// From its text; `file` is only shown in messages. CellError: file, line, column, the line with a caret,
  /// what to do.
  static Cell from_text(const std::string& text, const std::string& file = "cell");

  /// From a file in UTF-8. IoError, CellError.
  static Cell from_file(const std::string& path);

  /// What a command line means: a path if it holds a '/' or ends in ".cell", else the name of a shipped cell.
  static Cell find(const std::string& name_or_path);

  /// Names of the shipped cells, in alphabetical order.
  static std::vector<std::string> shipped();

  const std::string& name() const;
  const std::string& description() const;  ///< the first block of comments
  const std::string& text() const;         ///< in Unicode's normal form C
  const std::string& file() const;
  std::vector<std::string> inputs() const;  ///< in the order of ports; an optional one ends in '?'
  std::vector<std::string> outputs() const;

  /// The cell again, comments kept: with Unicode's σ ⊙ · C̃, or with sigmoid * @ C~.
  std::string print(bool ascii = false) const;
  std::string latex() const;  ///< the equations as an `aligned` environment

  /// Trained numbers of a layer of this cell. SpecError where a size is missing.
  std::int64_t parameter_count(const CellSizes& sizes = {}) const;

  /// Compares the compiled cell with its plain evaluation, every derivative with central differences, one
  /// thread with two, and streaming with windows. Takes a moment: about 4 forward passes a parameter.
  CellCheck check(const CellSizes& sizes = {}) const;

  struct Inside;  ///< for the library's own sources
  const Inside& inside() const { return *inside_; }

 private:
  explicit Cell(std::shared_ptr<const Inside> inside) : inside_(std::move(inside)) {}
  std::shared_ptr<const Inside> inside_;
};

/// One lane of a cell, run step by step in double: for a doubt, a lesson or a test; not for speed.
class CellRun {
 public:
  /// Parameters start as the cell's `init` lines say, as a function of `seed`. SpecError where a size is
  /// missing.
  explicit CellRun(const Cell& cell, const CellSizes& sizes = {}, std::uint64_t seed = 1);
  ~CellRun();
  CellRun(CellRun&&) noexcept;
  CellRun& operator=(CellRun&&) noexcept;

  struct Parameter {
    std::string name;
    std::vector<std::int64_t> shape;  ///< [rows, columns], or [entries] of a vector
    std::vector<double> values;       ///< row major
  };
  std::vector<Parameter> parameters() const;

  /// SpecError for a name that the cell lacks, ShapeError for a wrong count.
  void set(const std::string& parameter, const std::vector<double>& values);

  /// A step: x is the first input; returns the first output, `units` long. ShapeError for a wrong length.
  std::vector<double> step(const std::vector<double>& x);

  /// A step with every input and every output, by position; an empty vector for an absent input.
  std::vector<std::vector<double>> step_all(const std::vector<std::vector<double>>& inputs);

  /// A state's value now, by its line's name: state("C"). SpecError for a name that is no state.
  std::vector<double> state(const std::string& name) const;

  void restart();  ///< back to the cell's start

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace cellwright
