// RTMP behind client.h: playing and publishing.
#pragma once

#include <memory>

#include "base/result.h"
#include "net/client.h"
#include "wire/rtmp/url.h"

namespace pasu::net {

/// As pull(), of an rtmp or rtmps URL. A password in it goes to servers that ask for a login
/// (authmod=adobe), and to those that refuse without asking as ?user=...&pass=... of the stream.
/// Errors: not_found and malformed (the TLS options' files).
[[nodiscard]] Result<std::unique_ptr<PullSession>> pull_rtmp(IoThread& thread, const rtmp::Url& url,
                                                             const PullOptions& options,
                                                             PullEvents events);
/// As push(), to an rtmp or rtmps URL: one video and one audio track at most.
[[nodiscard]] Result<std::unique_ptr<PushSession>> push_rtmp(IoThread& thread, const rtmp::Url& url,
                                                             const hub::Tracks& tracks,
                                                             const PushOptions& options,
                                                             PushEvents events);

}  // namespace pasu::net
