#include "api/video_source.h"

#include <atomic>

#include "api/messages.h"

namespace pasu::api {
namespace {

class VideoSource final : public MessageSource {
 public:
  explicit VideoSource(std::unique_ptr<hub::VideoReader> reader) : reader_(std::move(reader)) {}

  std::optional<SocketMessage> take() override {
    auto message = reader_->take();
    if (!message) return std::nullopt;
    using Kind = hub::VideoMessage::Kind;
    switch (message->kind) {
      case Kind::start:
        return SocketMessage{Bytes::copy(as_bytes(video_start(*message))), true};
      case Kind::end:
        ended_ = true;
        return SocketMessage{Bytes::copy(as_bytes(video_end(message->reason))), true};
      case Kind::init:
      case Kind::fragment:
        break;
    }
    return SocketMessage{std::move(message->data), false};
  }

  void on_ready(std::function<void()> wake) override { reader_->on_ready(std::move(wake)); }
  std::optional<Farewell> farewell() const override {
    if (!ended_) return std::nullopt;
    return Farewell{1000, "the video ended"};
  }

 private:
  std::unique_ptr<hub::VideoReader> reader_;
  std::atomic<bool> ended_ = false;
};

}  // namespace

std::unique_ptr<MessageSource> make_video_source(std::unique_ptr<hub::VideoReader> reader) {
  return std::make_unique<VideoSource>(std::move(reader));
}

}  // namespace pasu::api
