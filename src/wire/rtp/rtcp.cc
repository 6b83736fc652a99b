#include "wire/rtp/rtcp.h"

#include <algorithm>
#include <span>

#include "base/assert.h"
#include "wire/rtp/detail/numbers.h"

namespace pasu::rtp {
namespace {

// Packet types (RFC 3550 12.1).
constexpr uint8_t kSenderReport = 200, kReceiverReport = 201, kSourceDescription = 202, kBye = 203,
                  kApp = 204;
constexpr uint8_t kCname = 1;  // 6.5.1
constexpr size_t kBlockBytes = 24;

int32_t signed24(uint32_t value) { return static_cast<int32_t>(value << 8) >> 8; }

// As many blocks as are there, which may be fewer than the count says.
std::vector<ReportBlock> read_blocks(ByteView bytes, size_t count) {
  std::vector<ReportBlock> blocks;
  for (; count > 0 && bytes.size() >= kBlockBytes; --count, bytes = bytes.subspan(kBlockBytes)) {
    blocks.push_back({.ssrc = get32(bytes, 0),
                      .fraction_lost = bytes[4],
                      .lost = signed24(get32(bytes, 4) & 0xffffff),
                      .highest_sequence = get32(bytes, 8),
                      .jitter = get32(bytes, 12),
                      .last_sr = get32(bytes, 16),
                      .since_last_sr = get32(bytes, 20)});
  }
  return blocks;
}

// 6.5: chunks of an SSRC and items up to a zero byte, each chunk padded to words.
void read_descriptions(ByteView body, size_t count, std::vector<RtcpPacket>& packets) {
  for (; count > 0 && body.size() >= 4; --count) {
    SourceDescription source{get32(body, 0), {}};
    size_t at = 4;
    while (at < body.size() && body[at] != 0) {
      if (body.size() - at < 2 || body[at + 1] > body.size() - at - 2) {
        at = body.size();
        break;
      }
      const std::string_view text = as_text(body.subspan(at + 2, body[at + 1]));
      if (body[at] == kCname) source.cname = text;
      at += 2 + text.size();
    }
    packets.emplace_back(std::move(source));
    body = body.subspan(std::min(body.size(), at / 4 * 4 + 4));
  }
}

void read_bye(ByteView body, size_t count, std::vector<RtcpPacket>& packets) {
  Bye bye;
  for (; count > 0 && body.size() >= 4; --count, body = body.subspan(4)) {
    bye.ssrcs.push_back(get32(body, 0));
  }
  if (!body.empty() && body[0] <= body.size() - 1) bye.reason = as_text(body.subspan(1, body[0]));
  packets.emplace_back(std::move(bye));
}

// `body` is what follows the first word. Says whether it was long enough for its type.
bool read_packet(uint8_t type, size_t count, ByteView body, std::vector<RtcpPacket>& packets) {
  switch (type) {
    case kSenderReport:
      if (body.size() < 24) return false;
      packets.emplace_back(SenderReport{.ssrc = get32(body, 0),
                                        .ntp = get64(body, 4),
                                        .timestamp = get32(body, 12),
                                        .packets = get32(body, 16),
                                        .octets = get32(body, 20),
                                        .blocks = read_blocks(body.subspan(24), count)});
      return true;
    case kReceiverReport:
      if (body.size() < 4) return false;
      packets.emplace_back(ReceiverReport{get32(body, 0), read_blocks(body.subspan(4), count)});
      return true;
    case kSourceDescription:
      read_descriptions(body, count, packets);
      return true;
    case kBye:
      read_bye(body, count, packets);
      return true;
    case kApp:
      if (body.size() < 8) return false;
      packets.emplace_back(AppPacket{.subtype = static_cast<uint8_t>(count),
                                     .ssrc = get32(body, 0),
                                     .name = std::string(as_text(body.subspan(4, 4))),
                                     .data = body.subspan(8)});
      return true;
    default:
      return true;
  }
}

// Writes the first word when the packet is complete, padded to words with zeros.
class Writer {
 public:
  Writer(std::vector<uint8_t>& out, uint8_t type, size_t count) : out_(out), start_(out.size()) {
    ASSERT(count <= 31);
    out_.push_back(static_cast<uint8_t>(0x80 | count));
    out_.push_back(type);
    put16(out_, 0);
  }
  ~Writer() {
    while ((out_.size() - start_) % 4 != 0) out_.push_back(0);
    write16(out_.data() + start_ + 2, static_cast<uint32_t>((out_.size() - start_) / 4 - 1));
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

 private:
  std::vector<uint8_t>& out_;
  size_t start_;
};

std::span<const ReportBlock> sendable(const std::vector<ReportBlock>& blocks) {
  return std::span(blocks).first(std::min<size_t>(blocks.size(), 31));
}

void put_blocks(std::vector<uint8_t>& out, std::span<const ReportBlock> blocks) {
  for (const ReportBlock& block : blocks) {
    put32(out, block.ssrc);
    put32(out,
          uint32_t{block.fraction_lost} << 24 | (static_cast<uint32_t>(block.lost) & 0xffffff));
    put32(out, block.highest_sequence);
    put32(out, block.jitter);
    put32(out, block.last_sr);
    put32(out, block.since_last_sr);
  }
}

void put_description(std::vector<uint8_t>& out, uint32_t ssrc, std::string_view cname) {
  cname = cname.substr(0, 255);
  const Writer writer(out, kSourceDescription, 1);
  put32(out, ssrc);
  out.push_back(kCname);
  out.push_back(static_cast<uint8_t>(cname.size()));
  put(out, as_bytes(cname));
  out.push_back(0);  // End of the items; Writer pads the rest.
}

}  // namespace

Result<std::vector<RtcpPacket>> parse_rtcp(ByteView compound) {
  std::vector<RtcpPacket> packets;
  bool any = false;  // Something was read, known or not.
  for (size_t at = 0; at < compound.size();) {
    const ByteView rest = compound.subspan(at);
    const auto trouble = [&](Errc code, const char* what) -> Result<std::vector<RtcpPacket>> {
      if (any) return std::move(packets);
      return fail(code, "RTCP: byte {} of {}: {}", at, compound.size(), what);
    };
    if (rest.size() < 4) return trouble(Errc::truncated, "the header ends early");
    if (rest[0] >> 6 != 2) return trouble(Errc::malformed, "the version is not 2");
    // Some cameras write a length past the end of the packet: what is there counts.
    const size_t size = std::min(rest.size(), (size_t{get16(rest, 2)} + 1) * 4);
    ByteView body = rest.subspan(4, size - 4);
    if ((rest[0] & 0x20) != 0 && !body.empty()) {
      body = body.first(body.size() - std::min<size_t>(body.back(), body.size()));
    }
    if (!read_packet(rest[1], rest[0] & 0x1f, body, packets)) {
      return trouble(Errc::truncated, "too short for its type");
    }
    any = true;
    at += size;
  }
  if (!any) return fail(Errc::truncated, "RTCP: no bytes");
  return packets;
}

std::vector<uint8_t> write_report(const SenderReport& report, std::string_view cname) {
  std::vector<uint8_t> out;
  const auto blocks = sendable(report.blocks);
  {
    const Writer writer(out, kSenderReport, blocks.size());
    put32(out, report.ssrc);
    put32(out, static_cast<uint32_t>(report.ntp >> 32));
    put32(out, static_cast<uint32_t>(report.ntp));
    put32(out, report.timestamp);
    put32(out, report.packets);
    put32(out, report.octets);
    put_blocks(out, blocks);
  }
  put_description(out, report.ssrc, cname);
  return out;
}

std::vector<uint8_t> write_report(const ReceiverReport& report, std::string_view cname) {
  std::vector<uint8_t> out;
  const auto blocks = sendable(report.blocks);
  {
    const Writer writer(out, kReceiverReport, blocks.size());
    put32(out, report.ssrc);
    put_blocks(out, blocks);
  }
  put_description(out, report.ssrc, cname);
  return out;
}

std::vector<uint8_t> write_bye(uint32_t ssrc, std::string_view reason) {
  std::vector<uint8_t> out;
  {
    const Writer writer(out, kReceiverReport, 0);
    put32(out, ssrc);
  }
  {
    const Writer writer(out, kBye, 1);
    put32(out, ssrc);
    reason = reason.substr(0, 255);
    if (!reason.empty()) out.push_back(static_cast<uint8_t>(reason.size()));
    put(out, as_bytes(reason));
  }
  return out;
}

std::vector<uint8_t> write_app(const AppPacket& app) {
  std::vector<uint8_t> out;
  {
    const Writer writer(out, kApp, app.subtype & 31u);
    put32(out, app.ssrc);
    for (size_t i = 0; i < 4; ++i) {
      out.push_back(i < app.name.size() ? static_cast<uint8_t>(app.name[i]) : ' ');
    }
    put(out, app.data);
  }
  return out;
}

// 1900 to 1970.
constexpr int64_t kNtpEpoch = 2'208'988'800;

uint64_t to_ntp(UtcTime time) {
  const int64_t microseconds = time.time_since_epoch().count();
  const int64_t seconds =
      microseconds >= 0 ? microseconds / 1'000'000 : -((-microseconds + 999'999) / 1'000'000);
  const auto rest = static_cast<uint64_t>(microseconds - seconds * 1'000'000);
  return static_cast<uint64_t>(seconds + kNtpEpoch) << 32 | (rest << 32) / 1'000'000;
}

UtcTime from_ntp(uint64_t ntp) {
  auto seconds = static_cast<int64_t>(ntp >> 32);
  // The era that begins in 2036, where the top bit is clear.
  if (seconds < int64_t{1} << 31) seconds += int64_t{1} << 32;
  const auto microseconds =
      static_cast<int64_t>(((ntp & 0xffffffff) * 1'000'000 + (1u << 31)) >> 32);
  return UtcTime(std::chrono::microseconds((seconds - kNtpEpoch) * 1'000'000 + microseconds));
}

}  // namespace pasu::rtp
