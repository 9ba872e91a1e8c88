#include "app/run_app.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/data_path.h"

extern char** environ;

namespace cellwright::test {

std::string read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_whole(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

AppResult run_program(const std::vector<std::string>& command, const std::string& input,
                      const std::string& out_path) {
  const TemporaryFolder folder;
  const std::string in = folder / "in", out = out_path.empty() ? folder / "out" : out_path,
                    err = folder / "err";
  write_whole(in, input);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, in.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT, 0600);
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_t pid = 0;
  const int failed = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot run " + command[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  AppResult result;
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (out_path.empty()) result.out = read_whole(out);
  result.err = read_whole(err);
  return result;
}

AppResult run_app(const std::vector<std::string>& arguments, const std::string& input,
                  const std::string& out_path) {
  std::vector<std::string> command{CELLWRIGHT_APP};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_program(command, input, out_path);
}

bool is_one_clear_line(const std::string& err) {
  return err.rfind("cellwright: ", 0) == 0 && std::count(err.begin(), err.end(), '\n') == 1 &&
         err.back() == '\n';
}

}  // namespace cellwright::test
