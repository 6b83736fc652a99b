// Why an input could not be opened or read, in words: what happened, and what to do about it.
#pragma once

#include <string_view>

#include "base/result.h"

namespace pasu::av {

/// "connection refused; check the port, ...", to stand behind the input's name. `code` is the
/// AVERROR, `line` FFmpeg's own words (FfmpegReason::text()), which are told where nothing better
/// is known.
[[nodiscard]] Error input_error(int code, std::string_view line, bool is_url);

}  // namespace pasu::av
