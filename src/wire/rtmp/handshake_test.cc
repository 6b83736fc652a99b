#include "wire/rtmp/handshake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rtmp/test_support.h"

namespace pasu::rtmp {
namespace {

using Role = Handshake::Role;
using Form = Handshake::Form;

Handshake::Packet packet_at(const TestBytes& bytes, size_t offset) {
  Handshake::Packet packet{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), packet.size(), packet.begin());
  return packet;
}

TestBytes simple_first(uint8_t version = 3) {
  TestBytes bytes(1 + Handshake::kPacketBytes);
  bytes[0] = version;
  for (size_t i = 9; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 31);
  return bytes;
}

TEST(Handshake, BothEndsOfOursTakeTheComplexForm) {
  Handshake client(Role::client), server(Role::server);
  const TestBytes c01 = client.take_output();
  ASSERT_EQ(c01.size(), 1537u);
  ASSERT_EQ(server.receive(c01).value(), c01.size());
  EXPECT_EQ(server.form(), Form::complex_0);
  const TestBytes s012 = server.take_output();
  ASSERT_EQ(s012.size(), 1u + 2 * 1536);
  // One byte at a time, and bytes behind are left alone.
  for (const uint8_t byte : s012) ASSERT_EQ(client.receive({&byte, 1}).value(), 1u);
  EXPECT_EQ(client.form(), Form::complex_0);
  EXPECT_TRUE(client.done());
  TestBytes c2 = client.take_output();
  ASSERT_EQ(c2.size(), 1536u);
  c2.push_back(0x77);
  EXPECT_EQ(server.receive(c2).value(), 1536u);
  EXPECT_TRUE(server.done());
}

// RTMP 1.0 5.2.4: S2 echoes C1. librtmp and GStreamer send this form.
TEST(Handshake, SimpleClientIsAnsweredSimply) {
  Handshake server(Role::server);
  const TestBytes c01 = simple_first();
  ASSERT_TRUE(server.receive(c01));
  EXPECT_EQ(server.form(), Form::simple);
  const TestBytes s012 = server.take_output();
  EXPECT_EQ(packet_at(s012, 1537), packet_at(c01, 1));
}

// A version number without a digest: FFmpeg's older clients and some cameras.
TEST(Handshake, VersionWithoutDigestIsSimple) {
  TestBytes c01 = simple_first();
  c01[5] = 9;
  Handshake server(Role::server);
  ASSERT_TRUE(server.receive(c01));
  EXPECT_EQ(server.form(), Form::simple);
}

TEST(Handshake, SimpleServerIsEnoughForOurClient) {
  Handshake client(Role::client);
  (void)client.take_output();
  TestBytes s012 = simple_first();
  s012.resize(1 + 2 * 1536);
  ASSERT_TRUE(client.receive(s012));
  EXPECT_TRUE(client.done());
  EXPECT_EQ(packet_at(client.take_output(), 0), packet_at(s012, 1));
}

// The digest of scheme 1 lies behind the key block: a packet of Flash Player 10, its random bytes
// here all zero, signed with an HMAC-SHA256 computed by Python's hmac module.
TEST(Handshake, DigestOfSchemeOneIsFound) {
  Handshake::Packet packet{};
  packet[4] = 10;
  const TestBytes digest =
      from_hex("ff975bff4256e704dda68ccc6b87cd4ad29439bfbeb5523f6c5b29f785a52ed4");
  std::copy(digest.begin(), digest.end(), packet.begin() + 776);
  EXPECT_EQ(Handshake::find_digest(packet, Form::complex_1, Role::client), 776u);
  EXPECT_FALSE(Handshake::find_digest(packet, Form::complex_0, Role::client));
  TestBytes c01{3};
  c01.insert(c01.end(), packet.begin(), packet.end());
  Handshake server(Role::server);
  ASSERT_TRUE(server.receive(c01));
  EXPECT_EQ(server.form(), Form::complex_1);
  // The answer is of the same scheme, signed by the server.
  const TestBytes s012 = server.take_output();
  EXPECT_TRUE(Handshake::find_digest(packet_at(s012, 1), Form::complex_1, Role::server));
}

TEST(Handshake, DigestOffsetsStayInside) {
  for (const Form form : {Form::complex_0, Form::complex_1}) {
    Handshake::Packet packet;
    packet.fill(0xff);
    EXPECT_FALSE(Handshake::find_digest(packet, form, Role::client));
  }
}

TEST(Handshake, OtherProtocolsAreNamed) {
  for (const auto& [version, code] :
       {std::pair{uint8_t{'G'}, Errc::malformed}, std::pair{uint8_t{0x16}, Errc{}},
        std::pair{uint8_t{6}, Errc::unsupported}, std::pair{uint8_t{0xff}, Errc::malformed}}) {
    Handshake server(Role::server);
    const auto used = server.receive({&version, 1});
    if (version < 32 && version != 6) {
      EXPECT_TRUE(used);  // 5.2.2: reserved versions are answered with 3.
      continue;
    }
    ASSERT_FALSE(used) << int(version);
    EXPECT_EQ(used.error().code(), code);
  }
}

}  // namespace
}  // namespace pasu::rtmp
