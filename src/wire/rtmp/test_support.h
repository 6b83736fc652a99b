// For this folder's tests: sample streams, bytes from numbers, and two sessions on one pipe.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <random>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "bits/configuration_record.h"
#include "wire/rtmp/client_session.h"
#include "wire/rtmp/server_session.h"

namespace pasu::rtmp {

using TestBytes = std::vector<uint8_t>;

inline TestBytes from_hex(std::string_view text) {
  TestBytes out;
  int high = -1;
  for (const char c : text) {
    if (c == ' ') continue;
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      out.push_back(static_cast<uint8_t>(high << 4 | digit));
      high = -1;
    }
  }
  return out;
}

inline TestBytes join(std::initializer_list<ByteView> parts) {
  TestBytes out;
  for (const ByteView part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

inline TestBytes to_vector(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

inline TestBytes flatten(const wire::Output& output) {
  TestBytes out;
  for (const Bytes& bytes : output) out.insert(out.end(), bytes.view().begin(), bytes.view().end());
  return out;
}

/// A 1280x720 High profile SPS and its PPS, as x264 writes them.
inline const TestBytes& sample_sps() {
  static const TestBytes sps =
      from_hex("6764001f acd94050 05bb0110 00000300 10000003 03c8f162 d960");
  return sps;
}
inline const TestBytes& sample_pps() {
  static const TestBytes pps = from_hex("68ebecb22c");
  return pps;
}

inline media::StreamInfo h264_stream(int index = 0) {
  media::StreamInfo info;
  info.index = index;
  info.kind = media::MediaKind::video;
  info.codec = media::Codec::h264;
  info.codec_name = "h264";
  info.width = 1280;
  info.height = 720;
  const ByteView sps = sample_sps(), pps = sample_pps();
  info.extradata = Bytes::copy(bits::make_avcc({&sps, 1}, {&pps, 1}).value());
  return info;
}

inline media::StreamInfo aac_stream(int index = 1) {
  media::StreamInfo info;
  info.index = index;
  info.kind = media::MediaKind::audio;
  info.codec = media::Codec::aac;
  info.codec_name = "aac";
  info.sample_rate = 48000;
  info.channels = 2;
  info.extradata = Bytes::copy(from_hex("1190"));
  return info;
}

/// A slice of `size` bytes behind its length; not decodable, but framed as it should be.
inline media::AccessUnit h264_unit(bool key, int64_t dts_ms, int64_t pts_ms, size_t size = 300) {
  TestBytes bytes{uint8_t(size >> 24), uint8_t(size >> 16), uint8_t(size >> 8), uint8_t(size),
                  uint8_t(key ? 0x65 : 0x41)};
  for (size_t i = 1; i < size; ++i) bytes.push_back(static_cast<uint8_t>(i * 7 + size));
  media::AccessUnit unit;
  unit.data = Bytes::copy(bytes);
  unit.stream = 0;
  unit.dts = std::chrono::milliseconds(dts_ms);
  unit.pts = std::chrono::milliseconds(pts_ms);
  unit.key = key;
  return unit;
}

inline media::AccessUnit aac_unit(int64_t ms, size_t size = 50) {
  media::AccessUnit unit;
  unit.data = Bytes::copy(TestBytes(size, static_cast<uint8_t>(ms)));
  unit.stream = 1;
  unit.dts = unit.pts = std::chrono::milliseconds(ms);
  unit.key = true;
  return unit;
}

inline const MonoTime kTestStart = MonoTime(std::chrono::hours(24));

/// Carries bytes between a client and a server, in pieces of random sizes, till both are quiet.
template <class Client, class Server>
Result<void> exchange(Client& client, Server& server, std::mt19937& random, MonoTime now,
                      size_t piece_max = 3000) {
  const auto deliver = [&](auto& to, const TestBytes& bytes) -> Result<void> {
    ByteView rest = bytes;
    while (!rest.empty()) {
      const size_t size =
          std::uniform_int_distribution<size_t>(1, std::min(piece_max, rest.size()))(random);
      TRY(to.receive(rest.first(size), now));
      rest = rest.subspan(size);
    }
    return {};
  };
  while (true) {
    const TestBytes up = flatten(client.take_output());
    TRY(deliver(server, up));
    const TestBytes down = flatten(server.take_output());
    TRY(deliver(client, down));
    if (up.empty() && down.empty()) return {};
  }
}

/// The next event if it is a T, else nothing (and a test failure).
template <class T, class Session>
std::optional<T> expect_event(Session& session) {
  auto event = session.next_event();
  if (!event) {
    ADD_FAILURE() << "no event";
    return {};
  }
  if (T* wanted = std::get_if<T>(&*event)) return std::move(*wanted);
  ADD_FAILURE() << "event " << event->index() << " in place of the one expected";
  return {};
}

}  // namespace pasu::rtmp
