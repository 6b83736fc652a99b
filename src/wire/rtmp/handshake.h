// The handshake: three packets each way before the first chunk.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace pasu::rtmp {

/// C0/C1/C2 and S0/S1/S2 (RTMP 1.0 5.2), for either end.
///
/// Beside the plain form of the specification, Flash Player 9 and later, OBS, FFmpeg and FMS use a
/// "complex" one: C1 and S1 hold an HMAC-SHA256 digest at a place that the packet itself names, in
/// one of two layouts (schemes 0 and 1), and C2 and S2 sign the digest of the other end. A server
/// answers in the form the client chose; a client offers the complex form and takes both. The
/// digests guard against nothing (the keys are public), so C2 and S2 are not checked.
class Handshake {
 public:
  static constexpr size_t kPacketBytes = 1536;
  static constexpr uint8_t kVersion = 3;
  enum class Role { client, server };
  /// How the other end's first packet was made.
  enum class Form { simple, complex_0, complex_1 };
  using Packet = std::array<uint8_t, kPacketBytes>;

  explicit Handshake(Role role);

  /// Takes what it needs of `bytes` and says how much that was; once done() it takes none.
  /// Errors: malformed (not RTMP), unsupported (version 6, which is encrypted RTMPE).
  [[nodiscard]] Result<size_t> receive(ByteView bytes);
  /// What is to be sent now; the client's starts with C0 and C1.
  [[nodiscard]] std::vector<uint8_t> take_output() { return std::exchange(output_, {}); }
  [[nodiscard]] bool done() const { return state_ == State::done; }
  /// Meaningful once the other end's first packet is here.
  [[nodiscard]] Form form() const { return form_; }

  /// Where the digest of `packet` lies, if it holds one in this form.
  [[nodiscard]] static std::optional<size_t> find_digest(const Packet& packet, Form form,
                                                         Role sender);

 private:
  enum class State { version, first, second, done };
  void answer_first();

  Role role_;
  State state_ = State::version;
  Form form_ = Form::simple;
  Packet packet_{};
  size_t filled_ = 0;
  std::vector<uint8_t> output_;
};

}  // namespace pasu::rtmp
