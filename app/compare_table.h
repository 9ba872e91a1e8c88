// compare_table.h: the results of a comparison as a table of text.
#pragma once

#include <string>
#include <vector>

#include "study/compare.h"

namespace cellwright::app {

/// In the order given, with a line below that says how to read it.
std::string compare_table(const study::StudyTask& task, const study::CompareOptions& options,
                          const std::vector<study::Summary>& summaries, bool markdown);

}  // namespace cellwright::app
