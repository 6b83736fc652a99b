#include "wire/rtp/detail/nal_source.h"

#include "bits/configuration_record.h"
#include "bits/nal.h"

namespace pasu::rtp {

Result<NalSource> NalSource::create(const media::StreamInfo& stream) {
  NalSource source(stream.codec);
  const ByteView extradata = stream.extradata;
  if (extradata.empty()) return source;
  if (!bits::starts_with_start_code(extradata)) {
    const auto record =
        TRY(with_context(stream.codec == media::Codec::h264 ? bits::parse_avcc(extradata)
                                                            : bits::parse_hvcc(extradata),
                         "RTP: the stream's extradata"));
    source.length_size_ = record.length_size;
  }
  TRY(source.sets_.add_extradata(extradata));
  return source;
}

bool NalSource::is_key(int type) const {
  return codec_ == media::Codec::h264 ? type == 5 : type >= 16 && type <= 21;
}

Result<std::vector<ByteView>> NalSource::units(ByteView access_unit, bool key) {
  bits::NalCursor cursor = length_size_ == 0
                               ? bits::NalCursor::annexb(access_unit)
                               : bits::NalCursor::length_prefixed(access_unit, length_size_);
  std::vector<ByteView> units;
  uint64_t types = 0;  // Bit n: nal_unit_type n is among them.
  const size_t header = codec_ == media::Codec::h264 ? 1 : 2;
  for (;;) {
    const auto unit = TRY(cursor.next());
    if (!unit) break;
    if (unit->bytes.size() <= header) continue;
    const int type = nal_type(codec_, unit->bytes);
    // The unspecified types mean something else in RTP (RFC 6184 5.2, RFC 7798 4.4).
    const bool sendable = codec_ == media::Codec::h264 ? type >= 1 && type <= 23 : type < 48;
    if (!sendable) continue;
    if (sets_.is_set(unit->bytes)) sets_.add(unit->bytes);
    types |= uint64_t{1} << type;
    key = key || is_key(type);
    units.push_back(unit->bytes);
  }
  if (!key || units.empty()) return units;
  std::vector<ByteView> missing;
  for (const ByteView set : sets_.all()) {
    if ((types >> nal_type(codec_, set) & 1) == 0) missing.push_back(set);
  }
  const int delimiter = codec_ == media::Codec::h264 ? 9 : 35;
  const bool behind_delimiter = nal_type(codec_, units.front()) == delimiter;
  units.insert(units.begin() + (behind_delimiter ? 1 : 0), missing.begin(), missing.end());
  return units;
}

}  // namespace pasu::rtp
