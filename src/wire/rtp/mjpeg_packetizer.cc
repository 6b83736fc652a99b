// JPEG into RTP (RFC 2435): the scan in pieces, the headers told in few bytes.
#include <algorithm>
#include <optional>

#include "wire/rtp/detail/batch_writer.h"
#include "wire/rtp/detail/jpeg_tables.h"
#include "wire/rtp/detail/numbers.h"
#include "wire/rtp/detail/packetizers.h"

namespace pasu::rtp {
namespace {

// What a JPEG file says before its scan.
struct JpegFile {
  std::array<std::optional<JpegQuantizer>, 4> quantizers;
  uint8_t type = 0;  // RFC 2435 4.1: 0 for 4:2:2, 1 for 4:2:0.
  uint32_t width = 0, height = 0;
  size_t luma = 0, chroma = 0;  // Their quantizers.
  uint32_t restart_interval = 0;
  ByteView scan;
};

class MjpegPacketizer final : public Packetizer {
 public:
  explicit MjpegPacketizer(const PacketizerOptions& options) : Packetizer(options) {}

 private:
  Result<void> write(const media::AccessUnit& unit, BatchWriter& batch) override;
};

// DQT (T.81 B.2.4.1)
Result<void> read_quantizers(ByteView body, JpegFile& file) {
  while (!body.empty()) {
    if (body[0] > 3) {
      return fail(Errc::unsupported, "JPEG: 16-bit quantization tables do not fit RFC 2435");
    }
    if (body.size() < 65) return fail(Errc::truncated, "JPEG: a quantization table ends early");
    std::ranges::copy(body.subspan(1, 64), file.quantizers[body[0]].emplace().begin());
    body = body.subspan(65);
  }
  return {};
}

// SOF0 (B.2.2)
Result<void> read_frame(ByteView body, JpegFile& file) {
  if (body.size() < 15 || body[5] != 3) {
    return fail(Errc::unsupported, "JPEG: RFC 2435 carries pictures of three components only");
  }
  file.height = get16(body, 1);
  file.width = get16(body, 3);
  if (file.width == 0 || file.height == 0 || file.width > 2040 || file.height > 2040) {
    return fail(Errc::unsupported, "JPEG: {}x{}; RFC 2435 describes up to 2040 samples a side",
                file.width, file.height);
  }
  const uint8_t luma = body[7], blue = body[10], red = body[13];
  if ((luma != 0x21 && luma != 0x22) || blue != 0x11 || red != 0x11) {
    return fail(Errc::unsupported, "JPEG: RFC 2435 carries 4:2:0 and 4:2:2 only");
  }
  file.type = luma == 0x22 ? 1 : 0;
  file.luma = body[8] & 3;
  file.chroma = body[11] & 3;
  return {};
}

// DHT (B.2.4.2): a table may be any that the standard tables have, each by its class and id.
Result<void> check_huffman(ByteView body) {
  const ByteView standard = kJpegHuffman;
  while (!body.empty()) {
    size_t size = 17;
    if (body.size() < size) return fail(Errc::truncated, "JPEG: a Huffman table ends early");
    for (size_t i = 1; i <= 16; ++i) size += body[i];
    if (body.size() < size) return fail(Errc::truncated, "JPEG: a Huffman table ends early");
    if (std::ranges::search(standard, body.first(size)).empty()) {
      return fail(Errc::unsupported,
                  "JPEG: RFC 2435 needs the standard Huffman tables; encode "
                  "without optimised ones");
    }
    body = body.subspan(size);
  }
  return {};
}

Result<void> read_segment(uint8_t marker, ByteView body, JpegFile& file) {
  switch (marker) {
    case 0xdb:
      return read_quantizers(body, file);
    case 0xc0:
      return read_frame(body, file);
    case 0xc4:
      return check_huffman(body);
    case 0xdd:  // DRI (B.2.4.4)
      if (body.size() < 2) return fail(Errc::truncated, "JPEG: DRI ends early");
      file.restart_interval = get16(body, 0);
      return {};
    default:
      break;
  }
  const bool other_frame = marker > 0xc0 && marker <= 0xcf && marker != 0xc8 && marker != 0xcc;
  if (other_frame) return fail(Errc::unsupported, "JPEG: RFC 2435 carries baseline JPEG only");
  return {};  // Applications' and comments.
}

Result<JpegFile> read_file(ByteView bytes) {
  if (bytes.size() < 4 || bytes[0] != 0xff || bytes[1] != 0xd8) {
    return fail(Errc::malformed, "JPEG: does not begin with SOI");
  }
  JpegFile file;
  for (size_t at = 2;;) {
    if (bytes.size() - at < 4) return fail(Errc::truncated, "JPEG: ends before its scan");
    if (bytes[at] != 0xff) return fail(Errc::malformed, "JPEG: no marker at byte {}", at);
    const uint8_t marker = bytes[at + 1];
    if (marker == 0xff) {  // A fill byte (B.1.1.2).
      ++at;
      continue;
    }
    const size_t length = get16(bytes, at + 2);
    if (length < 2 || length > bytes.size() - at - 2) {
      return fail(Errc::truncated, "JPEG: segment {:02x} at byte {} is {} bytes long with {} left",
                  marker, at, length, bytes.size() - at - 2);
    }
    const ByteView body = bytes.subspan(at + 4, length - 2);
    at += 2 + length;
    if (marker == 0xda) {
      file.scan = bytes.subspan(at);
      break;
    }
    TRY(read_segment(marker, body, file));
  }
  const size_t size = file.scan.size();
  if (size >= 2 && file.scan[size - 2] == 0xff && file.scan[size - 1] == 0xd9) {
    file.scan = file.scan.first(size - 2);
  }
  if (file.width == 0 || !file.quantizers[file.luma] || !file.quantizers[file.chroma]) {
    return fail(Errc::malformed, "JPEG: a frame header or quantization table is missing");
  }
  if (file.scan.empty() || file.scan.size() > 0xffffff) {
    return fail(Errc::unsupported, "JPEG: a scan of {} bytes; a fragment's offset has 24 bits",
                file.scan.size());
  }
  return file;
}

Result<void> MjpegPacketizer::write(const media::AccessUnit& unit, BatchWriter& batch) {
  if (unit.data.empty()) return {};
  const JpegFile file = TRY(read_file(unit.data));
  constexpr uint32_t kTablesHere = 255;  // Q: the tables are in the first packet of each picture.
  const bool restarts = file.restart_interval != 0;
  for (size_t at = 0; at < file.scan.size();) {
    batch.begin();
    batch.put32(static_cast<uint32_t>(at));  // Type-specific 0, fragment offset
    batch.put8(file.type + (restarts ? 64u : 0u));
    batch.put8(kTablesHere);
    batch.put8((file.width + 7) / 8);
    batch.put8((file.height + 7) / 8);
    size_t room = batch.payload_max() - 8;
    if (restarts) {
      batch.put16(file.restart_interval);
      batch.put16(0xffff);  // F, L, no count: intervals are not cut at packets (3.1.7).
      room -= 4;
    }
    if (at == 0) {
      batch.put16(0);  // MBZ, precision
      batch.put16(128);
      batch.put(*file.quantizers[file.luma]);
      batch.put(*file.quantizers[file.chroma]);
      room -= std::min<size_t>(room - 1, 4 + 128);
    }
    const ByteView part = file.scan.subspan(at, std::min(room, file.scan.size() - at));
    batch.put(part);
    at += part.size();
  }
  batch.mark();
  return {};
}

}  // namespace

PacketizerResult make_mjpeg_packetizer(const PacketizerOptions& options) {
  return std::make_unique<MjpegPacketizer>(options);
}

}  // namespace pasu::rtp
