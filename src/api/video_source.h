// A camera's live video as the messages of its WebSocket.
#pragma once

#include <memory>

#include "api/message_source.h"
#include "node/node.h"

namespace pasu::api {

[[nodiscard]] std::unique_ptr<MessageSource> make_video_source(
    std::unique_ptr<hub::VideoReader> reader);

}  // namespace pasu::api
