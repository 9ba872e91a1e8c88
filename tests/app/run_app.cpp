#include "app/run_app.h"

#include <fcntl.h>
#include <pty.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
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

namespace {

/// Starts a program with its three streams in files; the process id.
pid_t start(const std::vector<std::string>& command, const std::string& in, const std::string& out,
            const std::string& err) {
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
  return pid;
}

int status_of(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::vector<std::string> command_of(const std::vector<std::string>& arguments) {
  std::vector<std::string> command{CELLWRIGHT_APP};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

}  // namespace

AppResult run_program(const std::vector<std::string>& command, const std::string& input,
                      const std::string& out_path) {
  const TemporaryFolder folder;
  const std::string in = folder / "in", out = out_path.empty() ? folder / "out" : out_path,
                    err = folder / "err";
  write_whole(in, input);
  AppResult result;
  result.status = status_of(start(command, in, out, err));
  if (out_path.empty()) result.out = read_whole(out);
  result.err = read_whole(err);
  return result;
}

AppResult run_app(const std::vector<std::string>& arguments, const std::string& input,
                  const std::string& out_path) {
  return run_program(command_of(arguments), input, out_path);
}

RunningApp::RunningApp(const std::vector<std::string>& arguments) {
  folder_ = (std::filesystem::temp_directory_path() / "cellwright-test-XXXXXX").string();
  if (mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("cannot make " + folder_);
  pid_ = start(command_of(arguments), "/dev/null", folder_ + "/out", folder_ + "/err");
}

void RunningApp::interrupt() { kill(pid_, SIGINT); }

AppResult RunningApp::wait() {
  AppResult result;
  result.status = status_of(pid_);
  pid_ = -1;
  result.out = read_whole(folder_ + "/out");
  result.err = read_whole(folder_ + "/err");
  return result;
}

RunningApp::~RunningApp() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    status_of(pid_);
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

AppResult run_on_terminal(const std::vector<std::string>& arguments, int columns) {
  winsize size{};
  size.ws_row = 24;
  size.ws_col = static_cast<unsigned short>(columns);
  const std::vector<std::string> command = command_of(arguments);
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  int terminal = -1;
  const pid_t pid = forkpty(&terminal, nullptr, nullptr, &size);
  if (pid < 0) throw std::runtime_error("cannot make a terminal");
  if (pid == 0) {
    execv(argv[0], argv.data());
    _exit(127);
  }
  AppResult result;
  char buffer[4096];
  for (ssize_t n; (n = read(terminal, buffer, sizeof buffer)) > 0;)
    result.out.append(buffer, static_cast<std::size_t>(n));
  result.status = status_of(pid);
  close(terminal);
  return result;
}

bool is_one_clear_line(const std::string& err) {
  return err.rfind("cellwright: ", 0) == 0 && std::count(err.begin(), err.end(), '\n') == 1 &&
         err.back() == '\n';
}

}  // namespace cellwright::test
