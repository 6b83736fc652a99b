#include "wire/rtmp/handshake.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/assert.h"

namespace pasu::rtmp {
namespace {

constexpr size_t kDigestBytes = 32;
using Digest = std::array<uint8_t, kDigestBytes>;

// The keys of Flash Media Server and Flash Player; the text alone signs the first packets.
constexpr uint8_t kServerKey[] =
    "Genuine Adobe Flash Media Server 001"
    "\xF0\xEE\xC2\x4A\x80\x68\xBE\xE8\x2E\x00\xD0\xD1\x02\x9E\x7E\x57"
    "\x6E\xEC\x5D\x2D\x29\x80\x6F\xAB\x93\xB8\xE6\x36\xCF\xEB\x31\xAE";
constexpr uint8_t kClientKey[] =
    "Genuine Adobe Flash Player 001"
    "\xF0\xEE\xC2\x4A\x80\x68\xBE\xE8\x2E\x00\xD0\xD1\x02\x9E\x7E\x57"
    "\x6E\xEC\x5D\x2D\x29\x80\x6F\xAB\x93\xB8\xE6\x36\xCF\xEB\x31\xAE";
constexpr size_t kServerTextBytes = 36, kClientTextBytes = 30;

ByteView key_of(Handshake::Role sender) {
  if (sender == Handshake::Role::server) return {kServerKey, sizeof kServerKey - 1};
  return {kClientKey, sizeof kClientKey - 1};
}
ByteView text_key_of(Handshake::Role sender) {
  return key_of(sender).first(sender == Handshake::Role::server ? kServerTextBytes
                                                                : kClientTextBytes);
}

Digest hmac(ByteView key, ByteView bytes) {
  Digest digest{};
  unsigned int size = kDigestBytes;
  ASSERT(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes.data(), bytes.size(),
              digest.data(), &size) != nullptr);
  return digest;
}

// Four bytes say where in a block of 764 bytes the digest is: scheme 0 has the block before that
// of the key, scheme 1 behind it.
size_t digest_offset(const Handshake::Packet& packet, Handshake::Form form) {
  const size_t block = form == Handshake::Form::complex_0 ? 8 : 772;
  const size_t sum =
      size_t{packet[block]} + packet[block + 1] + packet[block + 2] + packet[block + 3];
  return block + 4 + sum % 728;
}

// The digest is over all of the packet but itself.
Digest digest_of(const Handshake::Packet& packet, size_t offset, Handshake::Role sender) {
  std::array<uint8_t, Handshake::kPacketBytes - kDigestBytes> rest{};
  std::copy_n(packet.begin(), offset, rest.begin());
  std::copy(packet.begin() + static_cast<std::ptrdiff_t>(offset + kDigestBytes), packet.end(),
            rest.begin() + static_cast<std::ptrdiff_t>(offset));
  return hmac(text_key_of(sender), rest);
}

void fill_random(uint8_t* out, size_t size) {
  ASSERT(RAND_bytes(out, static_cast<int>(size)) == 1);
}

// C1 or S1. Bytes 4 to 7 are the sender's version, which tells the complex form from the simple.
Handshake::Packet make_first(Handshake::Role sender, Handshake::Form form) {
  constexpr uint8_t kFlashPlayer[] = {9, 0, 124, 2}, kMediaServer[] = {4, 5, 0, 1};
  Handshake::Packet packet{};
  fill_random(packet.data() + 8, packet.size() - 8);
  if (form == Handshake::Form::simple) return packet;
  std::memcpy(packet.data() + 4, sender == Handshake::Role::client ? kFlashPlayer : kMediaServer,
              4);
  const size_t offset = digest_offset(packet, form);
  const Digest digest = digest_of(packet, offset, sender);
  std::copy(digest.begin(), digest.end(), packet.begin() + static_cast<std::ptrdiff_t>(offset));
  return packet;
}

// C2 or S2 of the complex form: random, signed with the digest of the packet it answers.
Handshake::Packet make_second(Handshake::Role sender, ByteView their_digest) {
  Handshake::Packet packet{};
  fill_random(packet.data(), packet.size() - kDigestBytes);
  const Digest key = hmac(key_of(sender), their_digest);
  const Digest signature = hmac(key, ByteView(packet).first(packet.size() - kDigestBytes));
  std::copy(signature.begin(), signature.end(), packet.end() - kDigestBytes);
  return packet;
}

}  // namespace

Handshake::Handshake(Role role) : role_(role) {
  if (role_ == Role::server) return;
  const Packet first = make_first(Role::client, Form::complex_0);
  output_.push_back(kVersion);
  output_.insert(output_.end(), first.begin(), first.end());
}

std::optional<size_t> Handshake::find_digest(const Packet& packet, Form form, Role sender) {
  const size_t offset = digest_offset(packet, form);
  const Digest digest = digest_of(packet, offset, sender);
  if (CRYPTO_memcmp(packet.data() + offset, digest.data(), kDigestBytes) != 0) return {};
  return offset;
}

Result<size_t> Handshake::receive(ByteView bytes) {
  size_t used = 0;
  if (state_ == State::version && !bytes.empty()) {
    const uint8_t version = bytes[used++];
    // 5.2.2: 32 and above are text, of another protocol.
    if (version >= 32) {
      return fail(Errc::malformed, "handshake: byte 0 is {:#04x}, not an RTMP version", version);
    }
    if (version == 6 || version == 8) {
      return fail(Errc::unsupported, "handshake: version {} is RTMPE; use rtmps instead", version);
    }
    state_ = State::first;
  }
  while (state_ != State::version && state_ != State::done && used < bytes.size()) {
    const size_t count = std::min(kPacketBytes - filled_, bytes.size() - used);
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(used), count,
                packet_.begin() + static_cast<std::ptrdiff_t>(filled_));
    used += count;
    filled_ += count;
    if (filled_ < kPacketBytes) break;
    filled_ = 0;
    if (state_ == State::first) {
      answer_first();
      state_ = State::second;
    } else {
      state_ = State::done;
    }
  }
  return used;
}

void Handshake::answer_first() {
  const Role sender = role_ == Role::server ? Role::client : Role::server;
  std::optional<size_t> digest;
  const bool versioned =
      std::any_of(packet_.begin() + 4, packet_.begin() + 8, [](uint8_t byte) { return byte != 0; });
  for (const Form form : {Form::complex_0, Form::complex_1}) {
    if (!versioned || digest) break;
    digest = find_digest(packet_, form, sender);
    if (digest) form_ = form;
  }
  if (role_ == Role::server) {
    const Packet first = make_first(role_, form_);
    output_.push_back(kVersion);
    output_.insert(output_.end(), first.begin(), first.end());
  }
  // Of the simple form the second packet echoes the other end's first (5.2.4).
  const Packet second =
      digest ? make_second(role_, ByteView(packet_).subspan(*digest, kDigestBytes)) : packet_;
  output_.insert(output_.end(), second.begin(), second.end());
}

}  // namespace pasu::rtmp
