// RTSP tunnelled in HTTP (Apple's scheme): a GET carries what the server says, a POST carries in
// base64 what the client says; x-sessioncookie ties the two connections together.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace pasu::rtsp {

/// Decodes base64 that comes in pieces. Each message may be padded by itself; blanks and line
/// breaks between digits are skipped.
class Base64Stream {
 public:
  /// Appends what `text` completes to `out`. Errors: malformed, with the offset; they are final.
  [[nodiscard]] Result<void> decode(ByteView text, std::vector<uint8_t>& out);

 private:
  uint32_t group_ = 0;
  int digits_ = 0;   // In group_.
  int padding_ = 0;  // '=' seen in this group.
  uint64_t offset_ = 0;
};

enum class TunnelKind { get, post };

struct TunnelRequest {
  TunnelKind kind = TunnelKind::get;
  std::string cookie;
  std::string path;
};

/// Collects an HTTP head, split anywhere, and leaves what is behind it alone.
class HttpHead {
 public:
  static constexpr size_t kBytesMax = 8u << 10;
  /// Removes the head's bytes from `bytes`; the head once it is whole, nothing before.
  /// Errors: malformed (a NUL), too_large.
  [[nodiscard]] Result<std::optional<std::string>> receive(ByteView& bytes);

 private:
  std::string head_;
};

/// The server's side: reads the one HTTP request that begins a tunnelled connection. The first
/// bytes of a connection tell whether it is a tunnel: see looks_like_http().
class TunnelHead {
 public:
  static constexpr size_t kCookieBytesMax = 256;

  /// Takes bytes up to the end of the head and removes them from `bytes`; the request once it is
  /// whole, nothing before. What is left in `bytes` belongs to the tunnel.
  /// Errors: malformed (no cookie, no HTTP, a second head), too_large, unsupported (another
  /// method).
  [[nodiscard]] Result<std::optional<TunnelRequest>> receive(ByteView& bytes);

 private:
  HttpHead head_;
  bool done_ = false;
};

/// The client's side: reads the answer to its GET, behind which the server speaks RTSP.
class TunnelAnswer {
 public:
  /// True once the answer is whole and good. What is left in `bytes` is RTSP.
  /// Errors: malformed, too_large, unsupported (any status but 200, named).
  [[nodiscard]] Result<bool> receive(ByteView& bytes);

 private:
  HttpHead head_;
};

/// Whether a connection's first bytes begin an HTTP request; nothing when there are too few.
[[nodiscard]] std::optional<bool> looks_like_http(ByteView first_bytes);

/// The server's answer to the GET; a POST is not answered.
[[nodiscard]] std::string tunnel_answer();
/// The client's two heads.
[[nodiscard]] std::string tunnel_head(TunnelKind kind, std::string_view host,
                                      std::string_view path_and_query, std::string_view cookie);

/// Finds the other half of a tunnel. Connections are numbers the owner chooses. Halves that wait
/// longer than kWaitMax are forgotten; the owner closes them.
class TunnelPairs {
 public:
  static constexpr size_t kWaitingMax = 256;
  static constexpr std::chrono::seconds kWaitMax{10};

  struct Pair {
    uint64_t get = 0;
    uint64_t post = 0;
  };
  /// The pair, when this half completes one. A second half of the same kind is refused, and so are
  /// both halves from one connection (live555's forks).
  /// Errors: exists, malformed, too_large (kWaitingMax halves wait).
  [[nodiscard]] Result<std::optional<Pair>> add(uint64_t connection, const TunnelRequest& request,
                                                MonoTime now);
  /// The connection ended.
  void remove(uint64_t connection);
  /// Forgets the halves that waited too long, and names them.
  [[nodiscard]] std::vector<uint64_t> expire(MonoTime now);
  [[nodiscard]] size_t waiting() const { return waiting_.size(); }

 private:
  struct Half {
    uint64_t connection = 0;
    TunnelKind kind = TunnelKind::get;
    MonoTime since{};
  };
  std::map<std::string, Half, std::less<>> waiting_;
};

}  // namespace pasu::rtsp
