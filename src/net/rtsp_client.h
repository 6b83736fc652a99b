// RTSP behind client.h: pulling (DESCRIBE, PLAY) and publishing (ANNOUNCE, RECORD).
#pragma once

#include <memory>

#include "base/result.h"
#include "net/client.h"
#include "wire/rtsp/url.h"

namespace pasu::net {

/// As pull(), of an rtsp or rtsps URL. Errors: not_found and malformed (the TLS options' files).
[[nodiscard]] Result<std::unique_ptr<PullSession>> pull_rtsp(IoThread& thread, const rtsp::Url& url,
                                                             const PullOptions& options,
                                                             PullEvents events);
/// As push(), to an rtsp or rtsps URL.
[[nodiscard]] Result<std::unique_ptr<PushSession>> push_rtsp(IoThread& thread, const rtsp::Url& url,
                                                             const hub::Tracks& tracks,
                                                             const PushOptions& options,
                                                             PushEvents events);

}  // namespace pasu::net
