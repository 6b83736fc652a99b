// What a request line's URI names on this server: a path, its query, and perhaps a track.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pasu::rtsp::detail {

struct Target {
  std::string path;  ///< Decoded, without slashes at its ends; empty for "*".
  std::string query;
  std::optional<size_t> track;  ///< Of "/trackID=N".
  std::string base;             ///< The URI without the track and without a last slash.
};

/// The track may stand behind the path or behind the query ("/cam?a=b/trackID=1"): players append
/// controls to the URI as text. Errors: malformed.
[[nodiscard]] Result<Target> parse_target(std::string_view uri);

/// Path and query of an absolute URI, or what is no absolute URI as it is.
[[nodiscard]] std::string_view without_host(std::string_view uri);

[[nodiscard]] std::string_view without_last_slash(std::string_view text);

}  // namespace pasu::rtsp::detail
