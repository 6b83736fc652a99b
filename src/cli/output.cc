#include "cli/output.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cli/command.h"

namespace pasu::cli {
namespace {

int g_write_error = 0;

std::string scaled_text(double value, const char* unit) {
  constexpr const char* kPrefixes[] = {"", "k", "M", "G", "T"};
  size_t step = 0;
  while (value >= 999.5 && step + 1 < std::size(kPrefixes)) {
    value /= 1000;
    ++step;
  }
  const int digits = step == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f} {}{}", value, digits, kPrefixes[step], unit);
}

Terminal terminal_of(int descriptor) {
  Terminal terminal;
  terminal.interactive = isatty(descriptor) != 0;
  const char* no_color = std::getenv("NO_COLOR");  // no-color.org: set and not empty.
  const char* term = std::getenv("TERM");
  const bool dumb = term != nullptr && std::strcmp(term, "dumb") == 0;
  terminal.color = terminal.interactive && !dumb && (no_color == nullptr || no_color[0] == 0);
  winsize size{};
  if (terminal.interactive && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    terminal.columns = size.ws_col;
  }
  return terminal;
}

}  // namespace

Terminal Terminal::of_stdout() { return terminal_of(STDOUT_FILENO); }
Terminal Terminal::of_stderr() { return terminal_of(STDERR_FILENO); }

bool print(std::string_view text) {
  if (g_write_error != 0) return false;
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return true;
  g_write_error = errno;
  return false;
}

int finish_output(int exit_code) {
  if (g_write_error == 0 && std::fflush(stdout) != 0) g_write_error = errno;
  if (g_write_error == 0 || g_write_error == EPIPE) return exit_code;
  return report(Error(Errc::io, fmt::format("standard output: {}", std::strerror(g_write_error))));
}

std::string seconds_text(media::Pts pts) {
  std::string text = fmt::format("{:.6f}", media::to_seconds(pts));
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string bytes_text(double bytes) { return scaled_text(bytes, "B"); }

std::string rate_text(double bits_per_second) { return scaled_text(bits_per_second, "b/s"); }

}  // namespace pasu::cli
