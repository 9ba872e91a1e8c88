#include "each_file.h"

#include <fmt/format.h>

#include "cellwright/error.h"
#include "option_tree.h"
#include "tell.h"

namespace cellwright::app {

int each_file(const std::vector<std::string>& files, const std::function<void(const std::string&)>& one) {
  int status = 0;
  for (const std::string& file : files) {
    try {
      one(file);
    } catch (const Error& error) {
      tell(fmt::format("cellwright: {}\n", one_line(error.what())));
      status = 1;
    }
  }
  return status;
}

}  // namespace cellwright::app
