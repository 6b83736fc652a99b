#include "bits/gop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bits/configuration_record.h"
#include "bits/gop_tally.h"
#include "bits/test_bits.h"

namespace pasu::bits {
namespace {

using testing::HasSubstr;

constexpr auto kH264 = media::Codec::h264;
constexpr auto kH265 = media::Codec::h265;

PictureReader reader_for(media::Codec codec, ByteView extradata = {}) {
  media::StreamInfo stream;
  stream.codec = codec;
  stream.extradata = Bytes::copy(extradata);
  auto reader = PictureReader::create(stream);
  EXPECT_TRUE(reader) << reader.error().message();
  return std::move(*reader);
}

bool is_slice(media::Codec codec, ByteView nal) {
  if (codec == kH264)
    return h264_type(nal) == H264Nal::slice || h264_type(nal) == H264Nal::idr_slice;
  return int(h265_type(nal)) < 32;
}

bool begins_picture(media::Codec codec, ByteView nal) {
  return (nal[codec == kH264 ? 1 : 2] & 0x80) != 0;  // first_mb_in_slice 0, first_slice_segment
}

// Access units of an Annex B stream as lists of NAL units.
std::vector<std::vector<std::vector<uint8_t>>> access_units(media::Codec codec, ByteView stream) {
  std::vector<std::vector<std::vector<uint8_t>>> units;
  bool had_slice = true;
  NalCursor cursor = NalCursor::annexb(stream);
  for (;;) {
    const auto nal = cursor.next();
    if (!nal || !*nal) return units;
    const ByteView bytes = (*nal)->bytes;
    const bool slice = is_slice(codec, bytes);
    if (had_slice && (!slice || begins_picture(codec, bytes))) {
      units.emplace_back();
      had_slice = false;
    }
    had_slice = had_slice || slice;
    units.back().emplace_back(bytes.begin(), bytes.end());
  }
}

std::vector<uint8_t> joined(const std::vector<std::vector<uint8_t>>& nals,
                            std::vector<uint8_t> (*wrap)(ByteView)) {
  std::vector<uint8_t> out;
  for (const auto& nal : nals) append(out, wrap(nal));
  return out;
}

// A letter a picture: I for IDR, i for a recovery point, lower case where the previous GOP is
// needed. QPs behind.
std::string letters(const Picture& picture) {
  if (picture.type == PictureType::idr) return "I";
  if (picture.recovery_point) return "i";
  const char letter = *to_string(picture.type);
  return {picture.needs_previous_gop ? static_cast<char>(letter + 32) : letter};
}

struct Stream {
  const char* name;
  media::Codec codec;
  const char* types;     // ffprobe's pict_type in decoding order, with IDR, open GOPs as letters().
  std::vector<int> qps;  // FFmpeg's trace_headers: 26 + init_qp_minus26 + slice_qp_delta.
};

const Stream kStreams[] = {
    {"h264_base.264", kH264, "IPPPPPPPIPPPPPP", {}},
    {"h264_open.264",
     kH264,
     "IPBBBibPBBBibPB",
     {45, 51, 50, 51, 51, 43, 51, 51, 51, 51, 51, 45, 51, 51, 51}},
    {"h264_mbaff.264",
     kH264,
     "IPBBPBBPIPBBPBB",
     {45, 46, 48, 50, 46, 48, 50, 48, 42, 46, 48, 50, 50, 50, 50}},
    {"h264_444.264", kH264, "IPBBBPBBIPBBBPB", {}},
    {"h265_open.265",
     kH265,
     "IPBibbbPBBBibPB",
     {45, 45, 48, 44, 47, 48, 48, 45, 47, 48, 48, 44, 48, 45, 48}},
    {"h265_422.265", kH265, "IPBBBBibbPBPBBB", {}},
    {"h265_radl.265", kH265, "IPBBPBBBIPBBBBP", {}},
};

TEST(PictureReader, EqualsFfprobe) {
  for (const Stream& stream : kStreams) {
    SCOPED_TRACE(stream.name);
    const auto bytes = read_testdata(std::string("picture_reader_fuzz/") + stream.name);
    PictureReader reader = reader_for(stream.codec);
    std::string types;
    std::vector<int> qps;
    for (const auto& unit : access_units(stream.codec, bytes)) {
      const auto data = joined(unit, with_start_code);
      const auto picture = reader.read(data);
      ASSERT_TRUE(picture) << picture.error().message();
      EXPECT_TRUE(reader.damage().empty());
      EXPECT_EQ(picture->bytes, data.size());
      types += letters(*picture);
      qps.push_back(picture->qp);
    }
    EXPECT_EQ(types, stream.types);
    if (!stream.qps.empty()) {
      EXPECT_EQ(qps, stream.qps);
    }
    ASSERT_NE(reader.sequence(), nullptr);
    EXPECT_EQ(reader.sequence()->width, 64);
  }
}

std::vector<uint8_t> avcc_of(const std::vector<std::vector<uint8_t>>& nals) {
  std::vector<uint8_t> record{1, 100, 0, 10, 0xff, 0xe0, 0};
  for (const auto& nal : nals) {
    const bool sps = h264_type(nal) == H264Nal::sps;
    if (!sps && h264_type(nal) != H264Nal::pps) continue;
    ++record[sps ? 5 : record.size() - 1];
    if (!sps) {
      record.push_back(0);
      record.push_back(static_cast<uint8_t>(nal.size()));
      append(record, nal);
      return record;
    }
    record.pop_back();
    record.push_back(0);
    record.push_back(static_cast<uint8_t>(nal.size()));
    append(record, nal);
    record.push_back(0);  // numOfPictureParameterSets
  }
  return record;
}

TEST(PictureReader, LengthPrefixedEqualsAnnexB) {
  const auto bytes = read_testdata("picture_reader_fuzz/h264_open.264");
  const auto units = access_units(kH264, bytes);
  PictureReader reader = reader_for(kH264, avcc_of(units.front()));
  std::string types;
  for (auto unit : units) {
    std::erase_if(unit, [](const auto& nal) {
      return h264_type(nal) == H264Nal::sps || h264_type(nal) == H264Nal::pps;
    });
    const auto picture = reader.read(joined(unit, with_length));
    ASSERT_TRUE(picture) << picture.error().message();
    types += letters(*picture);
  }
  EXPECT_EQ(types, "IPBBBibPBBBibPB");
}

TEST(PictureReader, SetsFromAnnexBExtradata) {
  const auto bytes = read_testdata("picture_reader_fuzz/h265_radl.265");
  const auto units = access_units(kH265, bytes);
  PictureReader reader = reader_for(kH265, joined(units.front(), with_start_code));
  EXPECT_TRUE(reader.read(with_start_code(units.front().back())));
}

TEST(PictureReader, DamageIsToldAndReadOn) {
  const auto bytes = read_testdata("picture_reader_fuzz/h264_base.264");
  const auto units = access_units(kH264, bytes);
  PictureReader reader = reader_for(kH264);

  // A slice before its parameter sets
  auto lost = reader.read(joined(units[1], with_start_code));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code(), Errc::malformed);
  EXPECT_THAT(lost.error().message(), HasSubstr("refers to PPS 0, which has not come"));
  ASSERT_EQ(reader.damage().size(), 1u);
  EXPECT_EQ(reader.damage()[0].offset, 4u);

  // A broken SEI between good units costs only itself.
  std::vector<uint8_t> unit = joined(units[0], with_start_code);
  const size_t broken_at = unit.size();
  append(unit, from_hex("0000010605ff40"));
  auto picture = reader.read(unit);
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->type, PictureType::idr);
  ASSERT_EQ(reader.damage().size(), 1u);
  EXPECT_EQ(reader.damage()[0].offset, broken_at + 3);
  EXPECT_EQ(reader.damage()[0].error.code(), Errc::truncated);

  // Cut within the slice header
  auto cut = joined(units[1], with_start_code);
  cut.resize(6);
  EXPECT_EQ(reader.read(cut).error().code(), Errc::truncated);

  picture = reader.read(joined(units[1], with_start_code));
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->type, PictureType::p);
  EXPECT_TRUE(reader.damage().empty());
}

TEST(PictureReader, DamagesAreBounded) {
  PictureReader reader = reader_for(kH264);
  std::vector<uint8_t> unit;
  for (int i = 0; i < 1000; ++i) append(unit, from_hex("00000167"));
  EXPECT_FALSE(reader.read(unit));
  EXPECT_EQ(reader.damage().size(), PictureReader::kDamagesMax);
}

TEST(PictureReader, NothingInIt) {
  PictureReader reader = reader_for(kH264);
  EXPECT_EQ(reader.read({}).error().code(), Errc::not_found);
  EXPECT_EQ(reader.read(from_hex("0000000109f0")).error().code(), Errc::not_found);
  EXPECT_EQ(reader.sequence(), nullptr);
}

TEST(PictureReader, RefusesOtherCodecsAndBrokenRecords) {
  media::StreamInfo stream;
  stream.codec = media::Codec::vp9;
  stream.codec_name = "vp9";
  EXPECT_THAT(PictureReader::create(stream).error().message(), HasSubstr("vp9"));
  stream.codec = kH264;
  stream.extradata = Bytes::copy(from_hex("0142"));
  const Error error = PictureReader::create(stream).error();
  EXPECT_EQ(error.code(), Errc::truncated);
  EXPECT_THAT(error.message(), HasSubstr("extradata: avcC"));
}

TEST(PictureReader, NamesADamagedSetOfTheExtradata) {
  PictureReader reader = reader_for(kH264, from_hex("014d401fffe10002674d01000268ce"));
  const auto picture = reader.read(from_hex("000000046588840a"));
  ASSERT_FALSE(picture);
  EXPECT_THAT(picture.error().message(), HasSubstr("the stream's extradata: SPS"));
}

// Fields and mixed slices, which x264 does not write: made here bit by bit.
class FieldStream : public testing::Test {
 protected:
  std::vector<uint8_t> sets() {
    BitWriter sps;  // Main, 16x32, fields allowed, pic_order_cnt_type 0
    sps.u(8, 77).u(8, 0).u(8, 30).ue(0).ue(0).ue(0).ue(0).ue(2).u(1, 0).ue(0).ue(0);
    sps.u(1, 0).u(1, 0).u(1, 1).u(1, 0).u(1, 0);
    BitWriter pps;  // CAVLC
    pps.ue(0).ue(0).u(1, 0).u(1, 0).ue(0).ue(0).ue(0).u(1, 0).u(2, 0).se(0).se(0).se(0).u(3, 0);
    std::vector<uint8_t> out = with_start_code(sps.nal({0x67}));
    append(out, with_start_code(pps.nal({0x68})));
    return out;
  }
  enum class Structure { frame, top, bottom };
  // slice_type: 0 P, 1 B, 2 I (Table 7-6)
  std::vector<uint8_t> slice(uint8_t header, uint32_t slice_type, Structure structure,
                             uint32_t frame_num, uint32_t poc_lsb, uint32_t first_mb = 0) {
    const bool idr = (header & 0x1f) == 5;
    BitWriter bits;
    bits.ue(first_mb).ue(slice_type).ue(0).u(4, frame_num).u(1, structure != Structure::frame);
    if (structure != Structure::frame) bits.u(1, structure == Structure::bottom);
    if (idr) bits.ue(0);
    bits.u(4, poc_lsb);
    if (slice_type == 1) bits.u(1, 1);
    if (slice_type != 2) bits.u(1, 0).u(slice_type == 1 ? 2 : 1, 0);
    if ((header & 0x60) != 0) bits.u(idr ? 2 : 1, 0);
    bits.se(4).u(16, 0xffff);
    return with_start_code(bits.nal({header}));
  }
  Picture read(const std::vector<uint8_t>& unit) {
    const auto picture = reader.read(unit);
    EXPECT_TRUE(picture) << picture.error().message();
    return picture.value_or(Picture{});
  }

  PictureReader reader = reader_for(kH264);
};

TEST_F(FieldStream, FieldsOfOneFrameInTwoUnits) {
  std::vector<uint8_t> unit = sets();
  append(unit, slice(0x65, 2, Structure::top, 0, 0));
  Picture picture = read(unit);
  EXPECT_EQ(picture.type, PictureType::idr);
  EXPECT_FALSE(picture.second_field);
  EXPECT_EQ(picture.qp, 30);
  picture = read(slice(0x61, 0, Structure::bottom, 0, 1));
  EXPECT_EQ(picture.type, PictureType::p);
  EXPECT_TRUE(picture.second_field);
  // The next frame's first field has the same parity as that second one: no pair.
  EXPECT_FALSE(read(slice(0x61, 0, Structure::bottom, 1, 3)).second_field);
  EXPECT_TRUE(read(slice(0x61, 0, Structure::top, 1, 2)).second_field);
  EXPECT_FALSE(read(slice(0x01, 1, Structure::top, 2, 4)).second_field);
  // A field without its other half, then a frame
  EXPECT_FALSE(read(slice(0x61, 0, Structure::frame, 2, 6)).second_field);
  EXPECT_FALSE(read(slice(0x61, 0, Structure::bottom, 2, 9)).second_field);
}

TEST_F(FieldStream, FieldsOfOneFrameInOneUnit) {
  std::vector<uint8_t> unit = sets();
  append(unit, slice(0x65, 2, Structure::top, 0, 0));
  append(unit, slice(0x61, 0, Structure::bottom, 0, 1));
  EXPECT_EQ(read(unit).type, PictureType::idr);

  unit = slice(0x61, 2, Structure::top, 1, 2);
  append(unit, slice(0x61, 0, Structure::bottom, 1, 3));
  EXPECT_EQ(read(unit).type, PictureType::i);
  EXPECT_FALSE(read(slice(0x61, 0, Structure::top, 2, 4)).second_field);
}

TEST_F(FieldStream, TheWidestSliceNamesThePicture) {
  read([&] {
    auto unit = sets();
    append(unit, slice(0x65, 2, Structure::frame, 0, 0));
    return unit;
  }());
  std::vector<uint8_t> unit = slice(0x61, 2, Structure::frame, 1, 4);
  append(unit, slice(0x61, 0, Structure::frame, 1, 4, 1));
  EXPECT_EQ(read(unit).type, PictureType::p);
  append(unit, slice(0x61, 1, Structure::frame, 1, 4, 1));
  EXPECT_EQ(read(unit).type, PictureType::b);
}

TEST_F(FieldStream, RecoveryPointNeedsAnIntraPicture) {
  const std::vector<uint8_t> sei = from_hex("00000001060601c480");
  std::vector<uint8_t> unit = sets();
  append(unit, slice(0x65, 2, Structure::frame, 0, 0));
  read(unit);
  unit = sei;
  append(unit, slice(0x61, 0, Structure::frame, 1, 4));  // Periodic intra refresh.
  EXPECT_FALSE(read(unit).recovery_point);
  unit = sei;
  append(unit, slice(0x61, 2, Structure::frame, 2, 10));
  EXPECT_TRUE(read(unit).recovery_point);
  EXPECT_TRUE(read(slice(0x01, 1, Structure::frame, 3, 8)).needs_previous_gop);
  EXPECT_FALSE(read(slice(0x61, 0, Structure::frame, 3, 14)).needs_previous_gop);
}

std::vector<Gop> gops_of(GopTally& tally, std::string_view pictures) {
  std::vector<Gop> gops;
  size_t index = 0;
  for (const char letter : pictures) {
    Picture picture{.bytes = 100 + index, .qp = 20 + static_cast<int>(index)};
    picture.type = letter == 'I'                    ? PictureType::idr
                   : letter == 'i'                  ? PictureType::i
                   : letter == 'P' || letter == 'p' ? PictureType::p
                                                    : PictureType::b;
    picture.recovery_point = letter == 'i';
    picture.needs_previous_gop = letter == 'b';
    const bool begins = tally.add(picture, std::chrono::milliseconds(40 * index++));
    if (begins) gops.emplace_back();
    gops.back() = tally.gop();
  }
  return gops;
}

TEST(GopTally, OpenAndClosedGroups) {
  GopTally tally;
  const auto gops = gops_of(tally, "IPPibPIPBPP");
  ASSERT_EQ(gops.size(), 3u);
  EXPECT_TRUE(gops[0].closed);
  EXPECT_FALSE(gops[1].closed);
  EXPECT_TRUE(gops[2].closed);
  EXPECT_EQ(gops[1].start, std::chrono::milliseconds(120));
  EXPECT_EQ(gops[1].bytes, 103u + 104 + 105);
  EXPECT_EQ(tally.gops(), 3u);
  EXPECT_EQ(tally.closed_gops(), 2u);
  EXPECT_EQ(tally.pictures(), 11u);
  // The last group may go on: only two were seen whole.
  EXPECT_EQ(tally.lengths().gops, 2u);
  EXPECT_EQ(tally.lengths().min, 3u);
  EXPECT_EQ(tally.lengths().max, 3u);
  EXPECT_DOUBLE_EQ(tally.lengths().mean, 3);
  EXPECT_EQ(tally.sum(PictureType::b).pictures, 2u);
  EXPECT_EQ(tally.sum(PictureType::p).qp_min, 21);
  EXPECT_EQ(tally.sum(PictureType::p).qp_max, 30);
}

TEST(GopTally, AStreamThatStartsInTheMiddle) {
  GopTally tally;
  const auto gops = gops_of(tally, "PPIPPPI");
  ASSERT_EQ(gops.size(), 3u);
  EXPECT_FALSE(gops[0].keyed);
  EXPECT_FALSE(gops[0].closed);
  EXPECT_EQ(tally.lengths().gops, 1u);
  EXPECT_EQ(tally.lengths().min, 4u);
}

}  // namespace
}  // namespace pasu::bits
