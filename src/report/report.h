// report.h: what happened inside a model while it read a text, as one page for a browser.
//
// Where to start: make_report(); the page itself is in page/, its data are gathered here: layer_section.h for
// a layer, gradient_section.h for the gradients. What always holds: the page needs nothing but itself; its
// numbers are those of the run (explain/), its diagrams those of draw/, its equations those of the cell's
// text: it holds no equation of its own. The same input gives the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/vocabulary.h"
#include "nn/model.h"

namespace cellwright {

struct ReportOptions {
  int steps = 300;              ///< at most so many tokens, from the first
  int top = 8;                  ///< predictions shown at each step
  int lags = 60;                ///< how far back gradients are followed
  std::string language = "en";  ///< of the interface when the page opens: "en", "ar"
  std::string name;             ///< of the model, for the title
  std::string description;      ///< "lstm 128 over 65 characters"
};

/// Languages that the page speaks.
bool report_language(const std::string& language);

/// HTML. SpecError: no token, an option out of range, a layer that reads the text backwards, a cell that
/// cannot be drawn.
std::string make_report(Model<float>& model, const Vocabulary& vocabulary,
                        const std::vector<std::int32_t>& tokens, const ReportOptions& options = {});

}  // namespace cellwright
