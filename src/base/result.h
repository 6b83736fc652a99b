// Errors as values: Result<T>, Error, and TRY, which passes an error up.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <tl/expected.hpp>

namespace pasu {

/// What kind of trouble, for code that decides; the sentence is for people.
enum class Errc {
  truncated,         ///< The bytes end before the thing they describe does.
  malformed,         ///< The bytes or text break their format's rules.
  unsupported,       ///< Well-formed, but nothing here can handle it.
  too_large,         ///< Over a limit named in this program.
  not_found,         ///< No such file, camera, key or stream.
  exists,            ///< The name is already taken.
  invalid_argument,  ///< A person or caller asked for something that makes no sense.
  io,                ///< Reading or writing failed.
  no_space,          ///< The disk is full.
  unavailable,       ///< Not there now; trying again later may help.
  timeout,           ///< No answer in time.
  cancelled,         ///< Stopped on request.
  internal,          ///< A library failed in a way nobody foresaw.
};

/// The name of a code, as it appears in logs and the API ("not_found").
[[nodiscard]] const char* to_string(Errc code);

/// A code, a sentence, and the context added on the way up, outermost first.
class Error {
 public:
  Error(Errc code, std::string message) : code_(code), message_(std::move(message)) {}

  [[nodiscard]] Errc code() const { return code_; }
  /// The sentence with its context in front: "camera gate: rtsp://host/1: connection refused".
  [[nodiscard]] const std::string& message() const { return message_; }

  /// Puts `context` in front: a camera, file, line, session or byte offset.
  [[nodiscard]] Error with(std::string_view context) && {
    message_ = fmt::format("{}: {}", context, message_);
    return std::move(*this);
  }
  [[nodiscard]] Error with(std::string_view context) const& { return Error(*this).with(context); }

 private:
  Errc code_;
  std::string message_;
};

template <class T>
using Result = tl::expected<T, Error>;

/// Makes the error half of a Result: `return fail(Errc::truncated, "SPS ends at bit {}", at);`
template <class... Args>
[[nodiscard]] tl::unexpected<Error> fail(Errc code, fmt::format_string<Args...> format,
                                         Args&&... args) {
  return tl::unexpected<Error>(Error(code, fmt::format(format, std::forward<Args>(args)...)));
}

/// Adds context to a failed Result and leaves a good one as it is.
template <class T>
[[nodiscard]] Result<T> with_context(Result<T> result, std::string_view context) {
  if (result) return result;
  return tl::unexpected<Error>(std::move(result).error().with(context));
}

namespace detail {
// tl::expected<void> has no value() for rvalues.
template <class T>
T take_value(Result<T>& result) {
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}
}  // namespace detail

}  // namespace pasu

/// The value of a Result expression, or a return of its error from the enclosing function.
#define TRY(...)                                                                  \
  __extension__({                                                                 \
    auto pasu_try_result = (__VA_ARGS__);                                         \
    if (!pasu_try_result)                                                         \
      return ::tl::unexpected<::pasu::Error>(std::move(pasu_try_result).error()); \
    ::pasu::detail::take_value(pasu_try_result);                                  \
  })
