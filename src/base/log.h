// Log lines on stderr: time, level, the scope's context, the sentence.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace pasu::log {

enum class Level { debug, info, warn, error };

/// Lines below `level` are not written. Default: info.
void set_level(Level level);
void write(Level level, std::string_view sentence);

/// While it lives, every line of this thread carries `context` ("camera gate").
class Scope {
 public:
  explicit Scope(const std::string& context);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  size_t length_before_;
};

/// A person must act.
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}
/// Degraded, and how.
template <class... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::warn, fmt::format(format, std::forward<Args>(args)...));
}
/// State changed.
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}

/// `url` with the user and password taken out: "rtsp://***@host/1".
[[nodiscard]] std::string hide_credentials(std::string_view url);

}  // namespace pasu::log
