// For tests: another program with its standard input and output in our hands.
#pragma once

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace pasu {

/// Its input ends when this is destroyed, which peers.py takes as the sign to leave.
class Child {
 public:
  explicit Child(const std::vector<std::string>& command) {
    int in[2], out[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) std::abort();
    std::vector<char*> arguments;
    for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(in[0], 0);
      ::dup2(out[1], 1);
      ::execvp(arguments[0], arguments.data());
      ::_exit(77);
    }
    ::close(in[0]);
    ::close(out[1]);
    in_ = in[1];
    out_ = ::fdopen(out[0], "r");
  }
  ~Child() {
    finish();
    std::fclose(out_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// The next line of what it says; empty at the end.
  std::string line() {
    char text[512];
    if (std::fgets(text, sizeof text, out_) == nullptr) return {};
    return text;
  }
  void signal(int number) const { ::kill(pid_, number); }
  /// Ends its input, waits for it, and gives its exit status.
  int finish() {
    if (in_ >= 0) ::close(in_);
    in_ = -1;
    if (pid_ > 0) ::waitpid(pid_, &status_, 0);
    pid_ = -1;
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
  }

 private:
  pid_t pid_ = -1;
  int in_ = -1, status_ = 0;
  FILE* out_ = nullptr;
};

}  // namespace pasu
