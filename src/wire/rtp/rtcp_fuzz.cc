#include <cstdint>
#include <vector>

#include "wire/rtp/rtcp.h"

using namespace pasu;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<uint8_t> bytes(data, data + size);
  const auto packets = rtp::parse_rtcp(bytes);
  if (!packets) return 0;
  // A packet has a word at least, a description's chunk too.
  if (packets->size() > size / 4) __builtin_trap();
  for (const rtp::RtcpPacket& packet : *packets) {
    // What was read is written and read again as it was.
    if (const auto* sr = std::get_if<rtp::SenderReport>(&packet)) {
      const auto again = rtp::parse_rtcp(rtp::write_report(*sr, "name"));
      if (!again || again->size() != 2) __builtin_trap();
      const auto& reread = std::get<rtp::SenderReport>((*again)[0]);
      if (reread.ntp != sr->ntp || reread.blocks.size() != sr->blocks.size()) __builtin_trap();
      for (size_t i = 0; i < sr->blocks.size(); ++i) {
        if (reread.blocks[i].lost != sr->blocks[i].lost) __builtin_trap();
      }
      (void)rtp::to_ntp(rtp::from_ntp(sr->ntp));
    }
    if (const auto* bye = std::get_if<rtp::Bye>(&packet)) {
      if (bye->ssrcs.size() > 31 || bye->reason.size() > 255) __builtin_trap();
      if (!rtp::parse_rtcp(rtp::write_bye(1, bye->reason))) __builtin_trap();
    }
    if (const auto* name = std::get_if<rtp::SourceDescription>(&packet)) {
      if (name->cname.size() > 255) __builtin_trap();
    }
  }
  return 0;
}
