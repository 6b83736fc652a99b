// What reading one message's AMF values has cost so far.
#pragma once

#include "base/result.h"
#include "wire/rtmp/amf.h"

namespace pasu::rtmp {

struct AmfBudget {
  int depth = 0;
  size_t values = 0;
  size_t text_bytes = 0;

  /// One more value, with `bytes` of text, at byte `at`. Errors: too_large.
  [[nodiscard]] Result<void> spend(size_t bytes, size_t at) {
    text_bytes += bytes;
    if (++values > AmfLimits::kValuesMax || text_bytes > AmfLimits::kTextBytesMax) {
      return fail(Errc::too_large,
                  "AMF: over {} values or {} bytes of text in one message (byte {})",
                  AmfLimits::kValuesMax, AmfLimits::kTextBytesMax, at);
    }
    return {};
  }
  /// One level deeper; leave() takes it back. Errors: too_large.
  [[nodiscard]] Result<void> enter(size_t at) {
    if (depth >= AmfLimits::kDepthMax) {
      return fail(Errc::too_large, "AMF: nested deeper than {} (byte {})", AmfLimits::kDepthMax,
                  at);
    }
    ++depth;
    return {};
  }
  void leave() { --depth; }
};

}  // namespace pasu::rtmp
