#include <algorithm>
#include <cmath>
#include <optional>

#include "av/detail/fragment_boxes.h"
#include "av/detail/parameter_sets.h"
#include "av/muxer.h"
#include "bits/configuration_record.h"
#include "bits/h264_sps.h"
#include "bits/h265_sps.h"

namespace pasu::av {
namespace {

using bits::NalCursor;
using media::Codec;

// Rounded to the nearest tick; exact for times that came from a 90 kHz clock.
int64_t to_ticks(media::Pts time) {
  // ns * 9 / 100000, split so that centuries of nanoseconds do not overflow.
  const int64_t ns = time.count();
  const int64_t whole = ns / 100'000, rest = ns % 100'000;
  const int64_t scaled = rest * 9;
  return whole * 9 + (scaled >= 0 ? scaled + 50'000 : scaled - 50'000) / 100'000;
}

// How a stream's units are laid out and described.
struct Description {
  Bytes record;
  int length_size = 0;  // 0: the units are Annex B.
  int width = 0, height = 0;
};

Result<bits::SequenceInfo> read_sequence(Codec codec, ByteView sps) {
  if (codec == Codec::h264) return TRY(bits::parse_h264_sps(sps))
  .info;
  return TRY(bits::parse_h265_sps(sps))
  .info;
}

Result<Description> from_sets(const ParameterSets& sets, int length_size) {
  Description made;
  made.length_size = length_size;
  made.record = TRY(make_configuration_record(sets, length_size == 0 ? 4 : length_size));
  const auto info = TRY(read_sequence(sets.codec, sets.sps.front()));
  made.width = info.width;
  made.height = info.height;
  return made;
}

ParameterSets sets_of(Codec codec, const bits::ConfigurationRecord& record) {
  ParameterSets sets;
  sets.codec = codec;
  for (const bits::NalUnit& unit : record.units) {
    if (codec == Codec::h264) {
      if (bits::h264_type(unit.bytes) == bits::H264Nal::sps) sets.sps.push_back(unit.bytes);
    } else if (unit.bytes.size() > 2 && bits::h265_type(unit.bytes) == bits::H265Nal::sps) {
      sets.sps.push_back(unit.bytes);
    }
  }
  return sets;
}

Result<Description> describe(const media::StreamInfo& stream, ByteView first_key) {
  const ByteView extradata = stream.extradata;
  const bool has_record = !extradata.empty() && !bits::starts_with_start_code(extradata);
  if (!has_record) {
    // Sets in the unit are newer than those in the description.
    auto sets = find_parameter_sets(stream.codec, NalCursor::annexb(first_key));
    if (!sets && !extradata.empty())
      sets = find_parameter_sets(stream.codec, NalCursor::annexb(extradata));
    return from_sets(TRY(std::move(sets)), 0);
  }
  const auto record =
      TRY(stream.codec == Codec::h264 ? bits::parse_avcc(extradata) : bits::parse_hvcc(extradata));
  const ParameterSets known = sets_of(stream.codec, record);
  if (known.sps.empty()) {
    // "avc3", "hev1": the sets travel with the pictures alone.
    const NalCursor cursor = NalCursor::length_prefixed(first_key, record.length_size);
    return from_sets(TRY(find_parameter_sets(stream.codec, cursor)), record.length_size);
  }
  Description made;
  made.record = stream.extradata;
  made.length_size = record.length_size;
  made.width = stream.width;
  made.height = stream.height;
  if (made.width <= 0 || made.height <= 0) {
    const auto info = TRY(read_sequence(stream.codec, known.sps.front()));
    made.width = info.width;
    made.height = info.height;
  }
  return made;
}

class IsoFragmentMuxer final : public FragmentMuxer {
 public:
  IsoFragmentMuxer(Description description, std::string mime, Bytes init, double frame_rate)
      : description_(std::move(description)), mime_(std::move(mime)), init_(std::move(init)) {
    has_frame_rate_ = frame_rate >= 0.1 && frame_rate <= 1000;
    if (has_frame_rate_) step_ = static_cast<int64_t>(std::lround(kTimescale / frame_rate));
  }

  const std::string& mime() const override { return mime_; }
  const Bytes& init_segment() const override { return init_; }
  int width() const override { return description_.width; }
  int height() const override { return description_.height; }

  Result<Bytes> fragment(const media::AccessUnit& unit) override {
    TRY(collect(unit.data));
    SampleDescription sample;
    const int64_t decode_time = std::max<int64_t>(to_ticks(unit.dts), 0);
    const int64_t offset = to_ticks(unit.pts) - decode_time;
    if (offset < INT32_MIN || offset > INT32_MAX)
      return fail(Errc::malformed, "a picture is shown {:.0f} s away from its decoding",
                  static_cast<double>(offset) / kTimescale);
    sample.sequence = ++sequence_;
    sample.decode_time = static_cast<uint64_t>(decode_time);
    sample.composition_offset = static_cast<int32_t>(offset);
    sample.duration = static_cast<uint32_t>(duration(decode_time));
    sample.size = static_cast<uint32_t>(sample_bytes_);
    sample.key = unit.key;
    BytesWriter out;
    out.reserve(kHeadBytes + sample_bytes_);
    write_fragment_head(out, sample);
    for (const ByteView nal : nals_) {
      out.number(nal.size(), prefix_size());
      out.append(nal);
    }
    nals_.clear();
    return out.take();
  }

 private:
  static constexpr size_t kHeadBytes = 128;  // moof and mdat's head come to 112.

  int prefix_size() const { return description_.length_size == 0 ? 4 : description_.length_size; }

  // The unit's NAL units into nals_. Broken ones are refused here: a browser would give up on the
  // whole stream.
  Result<void> collect(ByteView unit) {
    nals_.clear();
    sample_bytes_ = 0;
    NalCursor cursor = description_.length_size == 0
                           ? NalCursor::annexb(unit)
                           : NalCursor::length_prefixed(unit, description_.length_size);
    while (const auto nal = TRY(cursor.next())) {
      nals_.push_back(nal->bytes);
      sample_bytes_ += nal->bytes.size() + static_cast<size_t>(prefix_size());
    }
    if (nals_.empty()) return fail(Errc::malformed, "an access unit without a NAL unit in it");
    if (sample_bytes_ > INT32_MAX)
      return fail(Errc::too_large, "an access unit of {} bytes", sample_bytes_);
    return {};
  }

  // How long a picture lasts is known when the next one comes, which a live view cannot wait for.
  // Browsers tolerate pictures that seem to overlap, for the next one's time is the truth. But
  // after a gap of more than two durations they throw away everything up to the next key picture
  // (Media Source Extensions, coded frame processing). So pictures last long on purpose: two
  // frames, or the longest recent distance, which covers dropped frames and a camera's jitter.
  int64_t duration(int64_t decode_time) {
    if (last_decode_time_) {
      const int64_t distance = decode_time - *last_decode_time_;
      if (distance > 0 && distance <= kStepMax) {
        if (!has_frame_rate_) step_ = distance;
        longest_ = std::max(distance, longest_ - longest_ / 32);
      }
    }
    last_decode_time_ = decode_time;
    return std::max({kDurationMin, 2 * step_, longest_});
  }

  static constexpr int64_t kDurationMin = kTimescale * 15 / 100;
  static constexpr int64_t kStepMax = int64_t{10} * kTimescale;  // Longer is a gap, not a picture.

  Description description_;
  std::string mime_;
  Bytes init_;
  uint32_t sequence_ = 0;
  bool has_frame_rate_ = false;
  int64_t step_ = kTimescale / 25;  // Ticks from picture to picture.
  int64_t longest_ = 0;             // Of the last few dozen, slowly forgotten.
  std::optional<int64_t> last_decode_time_;
  std::vector<ByteView> nals_;  // Of the unit at hand; kept for its storage.
  size_t sample_bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<FragmentMuxer>> FragmentMuxer::create(const media::StreamInfo& stream,
                                                             const media::AccessUnit& first_key) {
  if (stream.codec != Codec::h264 && stream.codec != Codec::h265)
    return fail(Errc::unsupported, "live video in a page is H.264 or H.265, not {}",
                stream.codec_name.empty() ? media::to_string(stream.codec) : stream.codec_name);
  Description description = TRY(describe(stream, first_key.data));
  if (description.width > UINT16_MAX || description.height > UINT16_MAX)
    return fail(Errc::too_large, "pictures of {}x{}", description.width, description.height);
  const bool is_h264 = stream.codec == Codec::h264;
  const std::string codecs = TRY(codecs_parameter(stream.codec, description.record));
  TrackDescription track;
  track.width = description.width;
  track.height = description.height;
  track.sample_entry = is_h264 ? "avc1" : "hvc1";
  track.configuration = is_h264 ? "avcC" : "hvcC";
  track.record = description.record;
  BytesWriter init;
  write_init_segment(init, track);
  return std::make_unique<IsoFragmentMuxer>(std::move(description),
                                            fmt::format("video/mp4; codecs=\"{}\"", codecs),
                                            init.take(), stream.frame_rate);
}

}  // namespace pasu::av
