// run_app.h: runs the built command line without a shell and gives what it said.
#pragma once

#include <string>
#include <vector>

namespace cellwright::test {

struct AppResult {
  int status = -1;  ///< exit status; 128 + signal when it was killed
  std::string out;
  std::string err;
};

/// `input` is standard input. `out_path`, when given, receives standard output instead (as "/dev/full").
AppResult run_app(const std::vector<std::string>& arguments, const std::string& input = "",
                  const std::string& out_path = "");

/// The same for any program, found on PATH.
AppResult run_program(const std::vector<std::string>& command, const std::string& input = "",
                      const std::string& out_path = "");

/// A run in the background; standard input is empty.
class RunningApp {
 public:
  explicit RunningApp(const std::vector<std::string>& arguments);
  void interrupt();  ///< SIGINT
  AppResult wait();
  ~RunningApp();  ///< kills what still runs

 private:
  std::string folder_;
  int pid_ = -1;
};

/// A run on a terminal of so many columns; both outputs as they come.
AppResult run_on_terminal(const std::vector<std::string>& arguments, int columns);

/// One line, which begins with "cellwright: ".
bool is_one_clear_line(const std::string& err);

std::string read_whole(const std::string& path);
void write_whole(const std::string& path, const std::string& content);

}  // namespace cellwright::test
