// Whole streams. Input that starts with a zero is Annex B, each NAL unit read as an access unit and
// then all as one; else byte 0 is the length of a configuration record, and length-prefixed units
// follow it.
#include <cstdint>
#include <vector>

#include "bits/gop.h"
#include "bits/gop_tally.h"
#include "bits/nal.h"

using namespace pasu;

namespace {

void read(bits::PictureReader& reader, bits::GopTally& tally, ByteView unit) {
  const std::vector<uint8_t> exact(unit.begin(), unit.end());
  const auto picture = reader.read(exact);
  for (const bits::Damage& damage : reader.damage()) {
    if (damage.offset > exact.size()) __builtin_trap();
  }
  if (!picture) {
    if (reader.damage().empty() != (picture.error().code() == Errc::not_found)) __builtin_trap();
    return;
  }
  if (picture->bytes != exact.size() || reader.sequence() == nullptr) __builtin_trap();
  if (picture->qp > 51 || picture->qp < -48 || picture->frame_num < 0) __builtin_trap();
  tally.add(*picture, {});
  if (tally.gop().closed && !tally.gop().keyed) __builtin_trap();
}

void read_stream(media::Codec codec, ByteView bytes) {
  const bool annexb = bytes.empty() || bytes[0] == 0;
  media::StreamInfo stream;
  stream.codec = codec;
  if (!annexb) {
    stream.extradata = Bytes::copy(bytes.subspan(1, std::min<size_t>(bytes[0], bytes.size() - 1)));
  }
  auto reader = bits::PictureReader::create(stream);
  if (!reader) return;
  bits::GopTally tally;
  if (!annexb) {
    const ByteView units = bytes.subspan(1 + stream.extradata.size());
    read(*reader, tally, units);
    read(*reader, tally, units);
    return;
  }
  size_t begin = 0;
  while (begin < bytes.size()) {
    const size_t end = bits::find_start_code(bytes, begin + 3);
    read(*reader, tally, bytes.subspan(begin, end - begin));
    begin = end;
  }
  read(*reader, tally, bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<uint8_t> bytes(data, data + size);
  read_stream(media::Codec::h264, bytes);
  read_stream(media::Codec::h265, bytes);
  return 0;
}
