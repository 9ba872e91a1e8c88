// token_options.h: the options that say what a token is, for every command that reads a new text.
#pragma once

#include <string>

#include "train_request.h"

namespace CLI {
class App;
}

namespace cellwright::app {

void add_token_options(CLI::App* app, TextRequest& request, const std::string& group);

}  // namespace cellwright::app
