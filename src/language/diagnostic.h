// diagnostic.h: how an error or a warning about a cell's text looks.
//
//   my.cell:5:5: error: unknown name 'ff'
//     C = ff ⊙ C[t-1] + i ⊙ C̃
//         ^~ did you mean 'f'?
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "language/syntax.h"

namespace cellwright::syntax {

/// The whole diagnostic without a last newline. `kind` is "error" or "warning". Bytes that would disturb a
/// terminal are replaced; long lines are shown in part; where.line = 0 leaves the line out.
std::string diagnostic(const Cell& cell, SourceRange where, std::string_view kind, const std::string& message,
                       const std::string& hint);

/// Throws CellError with the diagnostic.
[[noreturn]] void fail(const Cell& cell, SourceRange where, const std::string& message,
                       const std::string& hint = "");

/// "line 3" or, of another line than `from`, the text a message needs to name a second place.
std::string place(SourceRange where);

/// The candidate that a reader most probably meant: fewest edits, at most a third of the letters; "" if there
/// is none.
std::string nearest_name(std::string_view wanted, const std::vector<std::string>& candidates);

/// "did you mean 'f'?" or "" when nothing is near.
std::string did_you_mean(std::string_view wanted, const std::vector<std::string>& candidates);

}  // namespace cellwright::syntax
