// Packets in any order, twice, late or not at all; counters and clocks that wrap, jump and restart.
#include "wire/rtp/receiver.h"

#include <map>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rtp/test_rtp.h"

namespace pasu::rtp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;

// Its payload is its sequence number.
Data packet(uint16_t sequence, uint32_t timestamp = 0, uint32_t ssrc = 1, uint8_t type = 96) {
  const uint8_t payload[] = {static_cast<uint8_t>(sequence >> 8), static_cast<uint8_t>(sequence)};
  Packet p;
  p.sequence = sequence;
  p.timestamp = timestamp;
  p.ssrc = ssrc;
  p.payload_type = type;
  p.payload = payload;
  Data bytes;
  append_packet(bytes, p);
  return bytes;
}

struct Harness {
  explicit Harness(ReceiverOptions options = {}) : receiver(options) {}

  // What comes out: sequence numbers, negative behind a gap.
  std::vector<int> push(const Data& bytes) {
    EXPECT_TRUE(receiver.push(bytes, now));
    return drain();
  }
  std::vector<int> drain() {
    std::vector<int> out;
    while (const auto payload = receiver.next(now)) {
      const int sequence = payload->bytes[0] << 8 | payload->bytes[1];
      out.push_back(payload->gap ? -sequence : sequence);
      times.push_back(payload->time);
    }
    return out;
  }

  Receiver receiver;
  MonoTime now{seconds(1000)};
  std::vector<int64_t> times;
};

ReceiverOptions udp() { return {.reorder = true}; }

TEST(Receiver, InOrder) {
  for (const bool reorder : {false, true}) {
    Harness h({.reorder = reorder});
    EXPECT_THAT(h.push(packet(10)), ElementsAre(-10));  // What went before is not known.
    EXPECT_THAT(h.push(packet(11)), ElementsAre(11));
    EXPECT_THAT(h.push(packet(12)), ElementsAre(12));
    EXPECT_EQ(h.receiver.counters().lost, 0u);
    EXPECT_EQ(h.receiver.counters().packets, 3u);
    EXPECT_FALSE(h.receiver.deadline());
  }
}

TEST(Receiver, SequenceWraps) {
  for (const bool reorder : {false, true}) {
    Harness h({.reorder = reorder});
    h.push(packet(65'534));
    EXPECT_THAT(h.push(packet(65'535)), ElementsAre(65'535));
    EXPECT_THAT(h.push(packet(0)), ElementsAre(0));
    EXPECT_THAT(h.push(packet(1)), ElementsAre(1));
    EXPECT_EQ(h.receiver.report(h.now)->highest_sequence, 0x10001u);
    EXPECT_EQ(h.receiver.report(h.now)->lost, 0);
  }
}

TEST(Receiver, PutsInOrder) {
  Harness h(udp());
  h.push(packet(65'534));
  EXPECT_THAT(h.push(packet(0)), ElementsAre());
  EXPECT_THAT(h.push(packet(1)), ElementsAre());
  EXPECT_TRUE(h.receiver.deadline());
  EXPECT_THAT(h.push(packet(65'535)), ElementsAre(65'535, 0, 1));
  EXPECT_EQ(h.receiver.counters().reordered, 1u);
  EXPECT_EQ(h.receiver.counters().lost, 0u);
  EXPECT_FALSE(h.receiver.deadline());
}

TEST(Receiver, GivesUpAGapInTime) {
  Harness h(udp());
  h.push(packet(10));
  h.push(packet(12));
  h.now += milliseconds(50);
  h.push(packet(15));
  EXPECT_EQ(h.receiver.deadline(), h.now + milliseconds(100));
  h.now += milliseconds(99);
  EXPECT_THAT(h.drain(), ElementsAre());
  h.now += milliseconds(1);
  EXPECT_THAT(h.drain(), ElementsAre(-12));
  // The second gap has been known for as long as 15 is here.
  EXPECT_EQ(h.receiver.deadline(), h.now + milliseconds(50));
  h.now += milliseconds(50);
  EXPECT_THAT(h.drain(), ElementsAre(-15));
  EXPECT_EQ(h.receiver.counters().lost, 3u);
  EXPECT_THAT(h.push(packet(11)), ElementsAre());
  EXPECT_EQ(h.receiver.counters().late, 1u);
}

TEST(Receiver, DuplicatesAreDropped) {
  Harness h(udp());
  h.push(packet(10));
  EXPECT_THAT(h.push(packet(10)), ElementsAre());
  h.push(packet(12));
  EXPECT_THAT(h.push(packet(12)), ElementsAre());
  EXPECT_THAT(h.push(packet(11)), ElementsAre(11, 12));
  EXPECT_THAT(h.push(packet(12)), ElementsAre());
  EXPECT_EQ(h.receiver.counters().duplicate, 3u);
  EXPECT_EQ(h.receiver.counters().late, 0u);
}

TEST(Receiver, HoldsNoMoreThanItsLimits) {
  Harness h(udp());
  h.push(packet(0));
  std::vector<int> out;
  for (uint16_t i = 2; out.empty() && i < 2000; ++i) out = h.push(packet(i));
  EXPECT_EQ(out.size(), Receiver::kHeldPacketsMax - 1);
  EXPECT_EQ(out[0], -2);

  Harness big(udp());
  big.push(packet(0));
  out.clear();
  uint16_t sequence = 2;
  for (; out.empty() && sequence < 200; ++sequence) {
    Data bytes = packet(sequence);
    bytes.resize(60'000);
    out = big.push(bytes);
  }
  EXPECT_EQ(out.size(), (Receiver::kHeldBytesMax + 59'999) / 60'000);
}

TEST(Receiver, OverTcpAGapIsFinal) {
  Harness h;
  h.push(packet(10));
  EXPECT_THAT(h.push(packet(14)), ElementsAre(-14));
  EXPECT_THAT(h.push(packet(15)), ElementsAre(15));
  EXPECT_THAT(h.push(packet(20'000)), ElementsAre(-20'000));
  EXPECT_EQ(h.receiver.counters().lost, 3u + 20'000 - 16);
}

// RFC 3550 A.1: two in a row are a new beginning, one is a stray.
TEST(Receiver, SequenceRestarts) {
  for (const bool reorder : {false, true}) {
    Harness h({.reorder = reorder});
    h.push(packet(5000));
    EXPECT_THAT(h.push(packet(40)), ElementsAre());
    EXPECT_THAT(h.push(packet(5001)), ElementsAre(5001));
    EXPECT_EQ(h.receiver.counters().stray, 1u);
    EXPECT_THAT(h.push(packet(100)), ElementsAre());
    EXPECT_THAT(h.push(packet(101)), ElementsAre(-100, 101));
    EXPECT_THAT(h.push(packet(102)), ElementsAre(102));
    EXPECT_EQ(h.receiver.counters().restarts, 1u);
    EXPECT_EQ(h.receiver.counters().stray, 1u);
  }
}

TEST(Receiver, LongOutageOverUdp) {
  Harness h(udp());
  h.push(packet(10));
  EXPECT_THAT(h.push(packet(2000)), ElementsAre());
  EXPECT_THAT(h.push(packet(2001)), ElementsAre(-2000, 2001));
}

TEST(Receiver, SsrcChange) {
  Harness tcp;
  tcp.push(packet(10, 90'000, 1));
  tcp.now += milliseconds(40);
  EXPECT_THAT(tcp.push(packet(7, 5, 2)), ElementsAre(-7));
  EXPECT_EQ(tcp.receiver.ssrc(), 2u);
  // Time goes on by the arrival clock.
  EXPECT_THAT(tcp.times, ElementsAre(0, 3600));

  Harness h(udp());
  h.push(packet(10, 0, 1));
  EXPECT_THAT(h.push(packet(7, 0, 2)), ElementsAre());
  EXPECT_THAT(h.push(packet(11, 0, 1)), ElementsAre(11));  // It was a stray.
  EXPECT_THAT(h.push(packet(90, 0, 3)), ElementsAre());
  EXPECT_THAT(h.push(packet(91, 0, 3)), ElementsAre(-90, 91));
  EXPECT_EQ(h.receiver.counters().restarts, 1u);
}

TEST(Receiver, OtherPayloadTypeAndEmptyPackets) {
  Harness h({.payload_type = uint8_t{96}});
  h.push(packet(1));
  EXPECT_THAT(h.push(packet(2, 0, 1, 13)), ElementsAre());
  EXPECT_THAT(h.push(hex("a0600003000000000000000100000004")), ElementsAre());
  EXPECT_THAT(h.push(packet(4)), ElementsAre(4));
  EXPECT_EQ(h.receiver.counters().other_type, 1u);
  EXPECT_EQ(h.receiver.counters().lost, 0u);
}

TEST(Receiver, MalformedIsCounted) {
  Harness h;
  EXPECT_EQ(h.receiver.push(hex("80"), h.now).error().code(), Errc::truncated);
  EXPECT_EQ(h.receiver.counters().malformed, 1u);
  EXPECT_FALSE(h.receiver.report(h.now));
}

std::vector<int64_t> times_of(Harness& h, std::initializer_list<uint32_t> timestamps,
                              milliseconds step = milliseconds(40)) {
  uint16_t sequence = 1;
  for (const uint32_t timestamp : timestamps) {
    h.push(packet(sequence++, timestamp));
    h.now += step;
  }
  return h.times;
}

TEST(ReceiverTime, Wraps) {
  Harness h;
  EXPECT_THAT(times_of(h, {0xfffff000, 0xfffff000 + 3600, 0x000000c0 + 3600}),
              ElementsAre(0, 3600, 4096 + 192 + 3600));
}

TEST(ReceiverTime, WrapsManyTimes) {
  Harness h;
  int64_t expected = 0;
  for (int i = 0; i < 3000; ++i) {  // 10 s a step: 75 wraps.
    h.push(packet(static_cast<uint16_t>(i), static_cast<uint32_t>(expected)));
    EXPECT_EQ(h.times.back(), expected);
    h.now += seconds(1000);
    expected += 90'000'000;
  }
  EXPECT_EQ(h.receiver.counters().time_jumps, 0u);
}

TEST(ReceiverTime, ReorderedForBFrames) {
  Harness h;
  EXPECT_THAT(times_of(h, {1000, 15'400, 8200, 4600, 11'800}),
              ElementsAre(0, 14'400, 7200, 3600, 10'800));
}

TEST(ReceiverTime, HoursOffForOneFrame_mediamtx6255) {
  Harness h;
  const uint32_t hours = 5 * 3600 * 90'000u;
  EXPECT_THAT(times_of(h, {1000, 4600, 8200 + hours, 8200 + hours, 11'800, 15'400}),
              ElementsAre(0, 3600, 7200, 7200, 10'800, 14'400));
  EXPECT_EQ(h.receiver.counters().time_jumps, 1u);
}

TEST(ReceiverTime, JumpsAndStays_retina64) {
  Harness h;
  const uint32_t jump = 3'000'000'000;
  EXPECT_THAT(times_of(h, {1000, 4600, 8200 + jump, 11'800 + jump, 15'400 + jump}),
              ElementsAre(0, 3600, 7200, 10'800, 14'400));
  EXPECT_EQ(h.receiver.counters().time_jumps, 1u);
}

TEST(ReceiverTime, GoesBackAndStays_retina64) {
  Harness h;
  EXPECT_THAT(times_of(h, {1'000'000, 1'003'600, 500'000, 503'600, 507'200}),
              ElementsAre(0, 3600, 7200, 10'800, 14'400));
}

TEST(ReceiverTime, RandomNonsenseStaysWithTheArrivalClock) {
  Harness h;
  std::mt19937 random(9);
  const MonoTime start = h.now;
  for (int i = 0; i < 2000; ++i) {
    h.push(packet(static_cast<uint16_t>(i), static_cast<uint32_t>(random())));
    h.now += milliseconds(40);
    const auto elapsed = (h.now - start) / milliseconds(1) * 90;
    EXPECT_LE(std::abs(h.times.back() - elapsed), 90'000 * 60 + elapsed);
  }
}

TEST(ReceiverTime, PauseAndSparseTracks) {
  Harness h;
  h.push(packet(1, 0));
  h.now += std::chrono::hours(5);
  h.push(packet(2, 5 * 3600 * 90'000u));
  EXPECT_THAT(h.times, ElementsAre(0, int64_t{5} * 3600 * 90'000));
  EXPECT_EQ(h.receiver.counters().time_jumps, 0u);
}

TEST(ReceiverTime, ZeroOfRtpInfo_2326_12_33) {
  Harness h({.zero_timestamp = 1000});
  EXPECT_THAT(times_of(h, {4600, 8200}), ElementsAre(3600, 7200));
  Harness wrong({.zero_timestamp = 2'000'000'000});
  EXPECT_THAT(times_of(wrong, {4600, 8200}), ElementsAre(0, 3600));
}

TEST(ReceiverReport, Jitter_3550_A_8) {
  Harness h({.clock_rate = 1000});
  // Packets 10 ms apart by their timestamps, late by 0, 16, 0 ms: |D| is 16 twice.
  h.push(packet(1, 0));
  h.now += milliseconds(26);
  h.push(packet(2, 10));
  EXPECT_DOUBLE_EQ(h.receiver.jitter(), 1.0);
  h.now += milliseconds(-6);
  h.push(packet(3, 20));
  EXPECT_DOUBLE_EQ(h.receiver.jitter(), 1.0 + (16 - 1.0) / 16);
}

TEST(ReceiverReport, Loss_3550_A_3) {
  Harness h;
  for (const uint16_t sequence : {1, 2, 3, 5, 6, 7, 9, 10}) h.push(packet(sequence));
  auto block = h.receiver.report(h.now);
  ASSERT_TRUE(block);
  EXPECT_EQ(block->ssrc, 1u);
  EXPECT_EQ(block->lost, 2);
  EXPECT_EQ(block->fraction_lost, 2 * 256 / 10);
  EXPECT_EQ(block->highest_sequence, 10u);
  EXPECT_EQ(block->last_sr, 0u);
  h.push(packet(11));
  block = h.receiver.report(h.now);
  EXPECT_EQ(block->lost, 2);
  EXPECT_EQ(block->fraction_lost, 0);
}

TEST(ReceiverReport, SenderReportGivesTheWallClock) {
  Harness h;
  h.push(packet(1, 90'000));
  EXPECT_FALSE(h.receiver.wall_clock_zero());
  const UtcTime at(seconds(1'764'000'000));
  h.receiver.take({.ssrc = 1, .ntp = to_ntp(at), .timestamp = 180'000}, h.now);
  ASSERT_TRUE(h.receiver.wall_clock_zero());
  EXPECT_EQ(*h.receiver.wall_clock_zero(), at - seconds(1));
  h.now += milliseconds(500);
  const auto block = h.receiver.report(h.now);
  EXPECT_EQ(block->last_sr, static_cast<uint32_t>(to_ntp(at) >> 16));
  EXPECT_EQ(block->since_last_sr, 32'768u);
  // Of another source; and one without a clock.
  h.receiver.take({.ssrc = 2, .ntp = to_ntp(at + seconds(9)), .timestamp = 180'000}, h.now);
  h.receiver.take({.ssrc = 1, .ntp = 0, .timestamp = 180'000}, h.now);
  EXPECT_EQ(*h.receiver.wall_clock_zero(), at - seconds(1));
}

TEST(ReceiverReport, SenderReportBeforeTheFirstPacket) {
  Harness h;
  const UtcTime at(seconds(1'764'000'000));
  h.receiver.take({.ssrc = 1, .ntp = to_ntp(at), .timestamp = 90'000}, h.now);
  EXPECT_FALSE(h.receiver.wall_clock_zero());
  h.push(packet(1, 180'000));
  EXPECT_EQ(h.receiver.wall_clock_zero(), at + seconds(1));
}

// Loss, reorder and duplication at once: what comes out is in order, once, and every hole is told.
TEST(ReceiverSimulation, WhatComesOutIsInOrder) {
  std::mt19937 random(10);
  for (int run = 0; run < 40; ++run) {
    Harness h(udp());
    const auto first = static_cast<uint16_t>(random());
    std::multimap<double, uint16_t> arrivals;  // When, in packets.
    std::vector<uint16_t> sent;
    const int count = 3000;
    for (int i = 0; i < count; ++i) {
      const auto sequence = static_cast<uint16_t>(first + i);
      const double jitter = random() % 10 == 0 ? random() % 20 : 0;
      if (i != 0 && random() % 50 == 0) continue;
      sent.push_back(sequence);
      arrivals.emplace(i == 0 ? -1 : i + jitter, sequence);
      if (random() % 30 == 0) arrivals.emplace(i + 1 + random() % 30, sequence);
    }
    std::vector<int> out;
    for (const auto& arrival : arrivals) {
      h.now += milliseconds(2);
      const auto part = h.push(packet(arrival.second));
      out.insert(out.end(), part.begin(), part.end());
    }
    h.now += seconds(1);
    const auto rest = h.drain();
    out.insert(out.end(), rest.begin(), rest.end());

    ASSERT_EQ(out.size(), sent.size());
    uint64_t holes = 0;
    for (size_t i = 0; i < out.size(); ++i) {
      ASSERT_EQ(std::abs(out[i]), sent[i]);
      if (i == 0) continue;
      const bool hole = static_cast<uint16_t>(sent[i] - sent[i - 1]) != 1;
      if (sent[i] != 0) {
        ASSERT_EQ(out[i] < 0, hole) << i;
      }
      holes += static_cast<uint16_t>(sent[i] - sent[i - 1]) - 1u;
    }
    EXPECT_EQ(h.receiver.counters().lost, holes);
    EXPECT_EQ(h.receiver.counters().late, 0u);
    EXPECT_EQ(h.receiver.counters().packets, sent.size());
  }
}

}  // namespace
}  // namespace pasu::rtp
