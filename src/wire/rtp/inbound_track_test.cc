// From packets to access units with both times, through everything a network and a camera do.
#include "wire/rtp/inbound_track.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bits/nal.h"
#include "wire/rtp/test_rtp.h"

namespace pasu::rtp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr MonoTime kStart{seconds(1000)};
constexpr media::Pts kFrame = milliseconds(40);

InboundTrack make_track(const PayloadFormat& format, const InboundOptions& options = {}) {
  auto track = InboundTrack::create(format, options);
  EXPECT_TRUE(track) << track.error().message();
  return std::move(*track);
}

// The access units of an Annex B stream that an encoder wrote, length-prefixed, each shown where
// its picture order count says.
std::vector<media::AccessUnit> clip(const char* name) {
  std::ifstream file(std::string(PASU_SOURCE_DIR "/src/bits/testdata/picture_reader_fuzz/") + name,
                     std::ios::binary);
  const Data bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<Data> units;
  bool had_slice = true;
  bits::NalCursor cursor = bits::NalCursor::annexb(bytes);
  for (auto nal = cursor.next(); nal && *nal; nal = cursor.next()) {
    const ByteView unit = (*nal)->bytes;
    const int type = unit[0] & 0x1f;
    const bool slice = type == 1 || type == 5;
    if (had_slice && (!slice || (unit[1] & 0x80) != 0)) {
      units.emplace_back();
      had_slice = false;
    }
    had_slice = had_slice || slice;
    const Data one = prefixed({unit});
    units.back().insert(units.back().end(), one.begin(), one.end());
  }

  media::StreamInfo stream = h264_stream();
  auto reader = bits::PictureReader::create(stream);
  std::vector<media::AccessUnit> clip;
  int64_t base = 0, last = -1;
  for (const Data& unit : units) {
    const auto picture = reader->read(unit);
    EXPECT_TRUE(picture) << picture.error().message();
    if (picture->restarts_order) base = last + 1;
    const int64_t place = base + picture->order / 2;
    last = std::max(last, place);
    clip.push_back(unit_of(unit, kFrame * place, picture->key()));
  }
  return clip;
}

// B frames, PTS only (retina#61, mediamtx#1002): streams as x264 made them.
TEST(InboundTrack, DecodeTimesOfRealStreams) {
  for (const char* name : {"h264_base.264", "h264_open.264", "h264_444.264"}) {
    SCOPED_TRACE(name);
    const auto units = clip(name);
    ASSERT_GT(units.size(), 10u);
    const auto packetizer = Packetizer::create(h264_stream(), {}).value();
    InboundTrack track = make_track(format_of(h264_stream()).value());
    MonoTime now = kStart;
    std::optional<media::Pts> last;
    size_t count = 0;
    for (const media::AccessUnit& sent : units) {
      const auto batch = packetizer->push(sent);
      ASSERT_TRUE(batch) << batch.error().message();
      for (size_t i = 0; i < batch->size(); ++i) {
        ASSERT_TRUE(track.push(batch->packet(i), now));
      }
      now += kFrame;
      while (const auto unit = track.take()) {
        // Pts 0 is the first unit's.
        EXPECT_EQ(unit->pts, units[count].pts - units[0].pts) << count;
        EXPECT_LE(unit->dts, unit->pts);
        EXPECT_LE(unit->pts - unit->dts, kFrame * 6);
        EXPECT_EQ(unit->key, units[count].key) << count;
        if (last) {
          EXPECT_GT(unit->dts, *last);
        }
        last = unit->dts;
        ++count;
      }
    }
    EXPECT_EQ(count, units.size());
    EXPECT_EQ(track.times_moved(), 0u);
  }
}

TEST(InboundTrack, OverALossyNetwork) {
  std::mt19937 random(11);
  for (int run = 0; run < 20; ++run) {
    const auto packetizer =
        Packetizer::create(h264_stream(), {.first_sequence = 65'000, .first_timestamp = 0xffff0000})
            .value();
    InboundTrack track = make_track(format_of(h264_stream()).value(), {.reorder = true});
    std::multimap<MonoTime, Data> arrivals;
    std::vector<Data> sent;
    std::vector<bool> whole;
    for (int i = 0; i < 200; ++i) {
      const bool key = i % 25 == 0;
      const Data slice = nal({uint8_t(key ? 0x65 : 0x41)}, 3 + random() % 8000, uint8_t(i));
      sent.push_back(key ? prefixed({kSps, kPps, slice}) : prefixed({slice}));
      const auto batch = packetizer->push(unit_of(sent.back(), kFrame * i, key));
      ASSERT_TRUE(batch);
      whole.push_back(true);
      for (size_t k = 0; k < batch->size(); ++k) {
        const bool first = i == 0 && k == 0;
        if (!first && random() % 100 == 0) {
          // A picture whose parameter sets alone are lost goes without them.
          const bool sets = key && k == 0 && batch->size() > 1;
          if (sets) sent.back() = prefixed({slice});
          whole.back() = whole.back() && sets;
          continue;
        }
        const MonoTime at = kStart + kFrame * i + milliseconds(first ? 0 : random() % 60);
        arrivals.emplace(at, bytes_of(batch->packet(k)));
        if (random() % 40 == 0) arrivals.emplace(at + milliseconds(3), bytes_of(batch->packet(k)));
      }
    }
    std::vector<Data> received;
    const auto take_all = [&] {
      while (const auto unit = track.take()) received.push_back(bytes_of(unit->data));
    };
    MonoTime now = kStart;
    for (const auto& [arrival, bytes] : arrivals) {
      now = arrival;
      ASSERT_TRUE(track.push(bytes, now));
      take_all();
    }
    if (const auto deadline = track.deadline()) {
      ASSERT_TRUE(track.on_time(now + seconds(1)));
      take_all();
    }
    // What came is what was sent, in order; and every unit all of whose packets came, but for
    // the head of one that follows a loss, is there.
    size_t at = 0;
    std::vector<bool> arrived(sent.size());
    for (const Data& unit : received) {
      while (at < sent.size() && sent[at] != unit) ++at;
      ASSERT_LT(at, sent.size()) << "a unit that was not sent";
      EXPECT_TRUE(whole[at]);
      arrived[at++] = true;
    }
    for (size_t i = 0; i < sent.size(); ++i) EXPECT_EQ(arrived[i], whole[i]) << i;
    EXPECT_EQ(track.counters().late, 0u);
  }
}

TEST(InboundTrack, TellsReportsFromPackets) {
  InboundTrack track = make_track(format_of(audio_stream(media::Codec::pcmu, 8000, 1)).value());
  Packet packet{.payload_type = 0, .sequence = 1, .timestamp = 8000, .ssrc = 5};
  const Data payload(160, 0x7f);
  packet.payload = payload;
  Data bytes;
  append_packet(bytes, packet);
  ASSERT_TRUE(track.push(bytes, kStart));
  ASSERT_TRUE(track.take());

  const UtcTime at(seconds(1'764'000'000));
  ASSERT_TRUE(track.push(
      write_report(SenderReport{.ssrc = 5, .ntp = to_ntp(at), .timestamp = 16'000}, "camera"),
      kStart));
  EXPECT_EQ(track.wall_clock_zero(), at - seconds(1));

  const auto report = parse_rtcp(track.receiver_report(kStart, 77, "pasu"));
  ASSERT_TRUE(report);
  const auto& rr = std::get<ReceiverReport>((*report)[0]);
  EXPECT_EQ(rr.ssrc, 77u);
  ASSERT_EQ(rr.blocks.size(), 1u);
  EXPECT_EQ(rr.blocks[0].ssrc, 5u);
  EXPECT_NE(rr.blocks[0].last_sr, 0u);

  EXPECT_FALSE(track.ended());
  ASSERT_TRUE(track.push(write_bye(6), kStart));
  EXPECT_FALSE(track.ended());
  ASSERT_TRUE(track.push(write_bye(5), kStart));
  EXPECT_TRUE(track.ended());
  EXPECT_FALSE(track.push(hex("80c8"), kStart));

  // The last packets may come behind it, by another port; later ones take it back.
  packet.sequence = 2;
  bytes.clear();
  append_packet(bytes, packet);
  ASSERT_TRUE(track.push(bytes, kStart + std::chrono::milliseconds(100)));
  EXPECT_TRUE(track.ended());
  packet.sequence = 3;
  bytes.clear();
  append_packet(bytes, packet);
  ASSERT_TRUE(track.push(bytes, kStart + seconds(2)));
  EXPECT_FALSE(track.ended());
}

TEST(InboundTrack, TimesNeverGoBack) {
  InboundTrack track = make_track(static_format(0).value());
  std::optional<media::Pts> last;
  uint16_t sequence = 0;
  const Data payload(160, 0x7f);
  for (const uint32_t timestamp : {8000u, 8160u, 4000u, 4160u, 8320u, 8320u, 8480u}) {
    Packet packet{.sequence = sequence++, .timestamp = timestamp, .ssrc = 5};
    packet.payload = payload;
    Data bytes;
    append_packet(bytes, packet);
    ASSERT_TRUE(track.push(bytes, kStart + milliseconds(20) * sequence));
    const auto unit = track.take();
    ASSERT_TRUE(unit);
    if (last) {
      EXPECT_GT(unit->dts, *last);
    }
    EXPECT_EQ(unit->pts, unit->dts);
    last = unit->dts;
  }
}

TEST(InboundTrack, AnErrorConcernsItsUnitAlone) {
  InboundTrack track = make_track(format_of(h264_stream()).value());
  const auto push = [&](uint16_t sequence, const Data& payload) {
    Packet packet{
        .marker = true, .payload_type = 96, .sequence = sequence, .timestamp = sequence * 3600u};
    packet.payload = payload;
    Data bytes;
    append_packet(bytes, packet);
    return track.push(bytes, kStart + kFrame * sequence);
  };
  EXPECT_TRUE(push(1, hex("65aa")));
  EXPECT_EQ(push(2, hex("79000100024100")).error().code(), Errc::unsupported);
  EXPECT_TRUE(push(3, hex("419a")));
  EXPECT_TRUE(track.take());
  EXPECT_TRUE(track.take());
  EXPECT_FALSE(track.take());
  EXPECT_EQ(track.units_dropped(), 1u);
  EXPECT_FALSE(InboundTrack::create({96, "VP8", 90'000, 0, {}}, {}));
}

}  // namespace
}  // namespace pasu::rtp
