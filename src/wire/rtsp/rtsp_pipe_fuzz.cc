#include <cstdint>
#include <vector>

#include "wire/rtsp/test_peers.h"

using namespace pasu;
using namespace pasu::rtsp;
using rtsp::testing::ClientOwner;
using rtsp::testing::ServerOwner;

namespace {

// A client and a server, and between them a pipe that does what the input says.
class Pipe {
 public:
  Pipe(bool publish, Delivery delivery) : client_(options()), server_(server_options(), now_) {
    client_.delivery = delivery;
    if (publish) {
      client_.description = sdp::parse(rtsp::testing::kSdp).value();
      if (!client_.session.announce(client_.description, now_)) __builtin_trap();
    } else {
      client_.session.describe(now_);
    }
  }

  // One step of two bytes. False when a connection ended.
  bool step(uint8_t what, uint8_t value) {
    collect();
    std::vector<uint8_t>& queue = what & 1 ? to_client_ : to_server_;
    const size_t at = queue.empty() ? 0 : value % queue.size();
    switch (what >> 1 & 7) {
      case 0:
      case 1:
      case 2:
        return deliver((what & 1) != 0, 1 + value);
      case 3:
        if (!queue.empty()) queue[at] ^= static_cast<uint8_t>(1 + (what >> 4));
        harmed_ = true;
        return true;
      case 4:
        if (!queue.empty()) queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(at));
        harmed_ = true;
        return true;
      case 5: {
        // Whole messages only: media goes between them, as owners write it.
        const auto frame = rtsp::testing::frame(value & 3, "\x80\x60media");
        queue.insert(queue.end(), frame.begin(), frame.end());
        return true;
      }
      case 6:
        now_ += std::chrono::milliseconds(value * 10);
        return client_.session.on_time(now_) && server_.session.on_time(now_);
      default:
        queue.insert(queue.begin() + static_cast<std::ptrdiff_t>(at), value);
        harmed_ = true;
        return true;
    }
  }

  // Delivers all there is. A pipe that harmed nothing has no errors.
  void finish(bool alive, bool publish) {
    for (int i = 0; i < 64 && alive; ++i) {
      collect();
      alive = deliver(true, SIZE_MAX) && deliver(false, SIZE_MAX);
    }
    if (harmed_ || late_) return;
    if (!alive) __builtin_trap();
    const char* const reached = publish ? "recording" : "playing";
    if (client_.log.find(reached) == std::string::npos) __builtin_trap();
  }
  void set_late() { late_ = true; }

 private:
  static ClientOptions options() {
    ClientOptions options;
    options.url = Url::parse("rtsp://ann:secret@host/push").value();
    return options;
  }
  static ServerOptions server_options() {
    ServerOptions options;
    options.auth = rtsp::testing::ann();
    options.multicast = true;
    return options;
  }

  void collect() {
    const auto a = rtsp::testing::join(client_.session.take_output());
    to_server_.insert(to_server_.end(), a.begin(), a.end());
    const auto b = rtsp::testing::join(server_.session.take_output());
    to_client_.insert(to_client_.end(), b.begin(), b.end());
  }

  bool deliver(bool client, size_t size) {
    std::vector<uint8_t>& queue = client ? to_client_ : to_server_;
    size = std::min(size, queue.size());
    const auto end = queue.begin() + static_cast<std::ptrdiff_t>(size);
    const std::vector<uint8_t> bytes(queue.begin(), end);
    queue.erase(queue.begin(), end);
    const bool good = client ? client_.session.receive(bytes, now_).has_value()
                             : server_.session.receive(bytes, now_).has_value();
    client_.drain(now_);
    server_.drain();
    return good;
  }

  MonoTime now_{std::chrono::hours(1)};
  ClientOwner client_;
  ServerOwner server_;
  std::vector<uint8_t> to_client_, to_server_;
  bool harmed_ = false;
  bool late_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const bool publish = (data[0] & 0x80) != 0;
  const auto delivery = static_cast<Delivery>(publish ? data[0] % 2 : data[0] % 3);
  Pipe pipe(publish, delivery);
  bool alive = true;
  for (size_t i = 1; i + 1 < size && i < 4000 && alive; i += 2) {
    alive = pipe.step(data[i], data[i + 1]);
    if (!alive && (data[i] >> 1 & 7) == 6) pipe.set_late();
  }
  pipe.finish(alive, publish);
  return 0;
}
