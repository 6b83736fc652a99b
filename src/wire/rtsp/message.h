// RTSP messages (RFC 2326 4-7, 10.12): requests, responses and interleaved frames.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace pasu::rtsp {

enum class Method : uint8_t {
  options,
  describe,
  announce,
  setup,
  play,
  pause,
  record,
  teardown,
  get_parameter,
  set_parameter,
  redirect,
  unknown,
};

/// "GET_PARAMETER".
[[nodiscard]] std::string_view to_string(Method method);
/// Methods are written in capitals (RFC 2326 6.1); anything else is unknown.
[[nodiscard]] Method to_method(std::string_view name);

/// Header fields in the order they came. Names are compared without regard to case.
class Headers {
 public:
  void add(std::string_view name, std::string_view value) { fields_.emplace_back(name, value); }
  /// The first field called `name`.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> find_all(std::string_view name) const;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fields() const {
    return fields_;
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
  Method method = Method::unknown;
  std::string method_name;  ///< As it came; what is sent where `method` is unknown.
  std::string uri;
  std::string version = "1.0";
  Headers headers;
  std::string body;
};

struct Response {
  int status = 200;
  std::string reason;  ///< As it came; when printed, empty means the usual phrase.
  std::string version = "1.0";
  Headers headers;
  std::string body;
};

/// Binary data between messages (RFC 2326 10.12). The payload lies in the reader's buffer.
struct InterleavedFrame {
  static constexpr size_t kHeaderBytes = 4;
  uint8_t channel = 0;
  ByteView payload;
};

using Message = std::variant<Request, Response, InterleavedFrame>;

/// The CSeq (RFC 2326 12.17); nothing where it is missing or no decimal number.
[[nodiscard]] std::optional<uint32_t> cseq(const Headers& headers);

/// The phrase of RFC 2326 7.1.1 for `status`; "Unknown" where there is none.
[[nodiscard]] std::string_view reason_phrase(int status);

/// Bytes for the wire. Content-Length is added where there is a body. Line breaks and NUL in
/// values become blanks, so that nothing can add a header of its own.
[[nodiscard]] std::string print(const Request& request);
[[nodiscard]] std::string print(const Response& response);

}  // namespace pasu::rtsp
