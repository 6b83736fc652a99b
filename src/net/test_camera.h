// For the RTSP client's tests: a camera that does what its script says, wrong or right.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "net/connection.h"
#include "net/tcp_listener.h"
#include "net/test_stream.h"
#include "net/test_wait.h"
#include "net/udp_socket.h"
#include "wire/rtp/packetizer.h"
#include "wire/rtsp/description.h"
#include "wire/rtsp/headers.h"
#include "wire/rtsp/message_reader.h"
#include "wire/rtsp/transport.h"

namespace pasu::net {

/// Serves one H.264 track, or what `sdp` says, by the answers a good camera gives, but for those
/// that a test replaces.
class TestCamera {
 public:
  class Client;
  using Answer = std::function<std::string(Client&, const rtsp::Request&)>;

  struct Script {
    std::string sdp{};  ///< Empty: H.264 with sprop, control "track".
    std::map<rtsp::Method, Answer> answers{};
    /// Instead of RTSP: what is sent as soon as somebody connects.
    std::string greeting{};
    bool hang_up = false;  ///< Closes each connection at its first bytes.
    std::string rtp_info{};
    std::shared_ptr<TlsContext> tls{};
    /// After the answer to PLAY.
    std::function<void(Client&)> on_play{};
  };

  /// One connection.
  class Client final : public Session {
   public:
    explicit Client(TestCamera& camera) : camera_(camera) {}

    Result<void> on_start(Connection& connection, MonoTime) override {
      connection_ = &connection;
      connection.send(Bytes::copy(as_bytes(camera_.script_.greeting)));
      return {};
    }
    Result<void> on_bytes(ByteView bytes, MonoTime) override {
      if (camera_.script_.hang_up) {
        connection_->close();
        return {};
      }
      if (!camera_.script_.greeting.empty()) return {};
      reader_.feed(bytes);
      while (auto message = TRY(reader_.next())) {
        if (const auto* request = std::get_if<rtsp::Request>(&*message)) take(*request);
        if (const auto* frame = std::get_if<rtsp::InterleavedFrame>(&*message)) {
          const uint8_t channel = frame->channel;
          const std::vector<uint8_t> copy(frame->payload.begin(), frame->payload.end());
          camera_.frames.change([&](auto& all) { all.emplace_back(channel, copy); });
        }
      }
      return {};
    }
    void on_end(const Error*) override {
      camera_.hung_up.change([](int& count) { ++count; });
    }

    /// `text` as it is; "CSeq: " and its number are put behind the first line.
    void answer(const rtsp::Request& request, const std::string& text) {
      const size_t end = text.find("\r\n") + 2;
      const auto cseq = request.headers.find("CSeq").value_or("");
      const std::string field = "CSeq: " + std::string(cseq) + "\r\n";
      connection_->send(Bytes::copy(as_bytes(text.substr(0, end) + field + text.substr(end))));
    }
    /// The packets of one unit, on channel 0 or to the client's UDP ports.
    void send(const rtp::PacketBatch& batch) {
      if (!transport.client_port) return connection_->send(batch.data);
      for (size_t i = 0; i < batch.size(); ++i) send_udp(batch.packet(i));
    }
    void send_udp(ByteView packet) {
      const Address to = connection_->peer().with_port(transport.client_port->rtp);
      EXPECT_TRUE(camera_.udp().rtp->send(to, packet));
    }
    void send_text(const std::string& text) { connection_->send(Bytes::copy(as_bytes(text))); }
    /// Leaves once all has been sent.
    void close() { connection_->close_when_sent(); }
    [[nodiscard]] TestCamera& camera() { return camera_; }

    rtsp::Transport transport;  ///< Of the last SETUP.

   private:
    void take(const rtsp::Request& request) {
      camera_.requests.change([&](auto& all) { all.push_back(request); });
      if (request.method == rtsp::Method::setup) {
        const auto asked = rtsp::parse_transport(request.headers.find("Transport").value_or(""));
        if (asked) transport = asked->front();
      }
      const auto own = camera_.script_.answers.find(request.method);
      const std::string text = own != camera_.script_.answers.end() ? own->second(*this, request)
                                                                    : camera_.usual(*this, request);
      if (!text.empty()) answer(request, text);
      if (request.method == rtsp::Method::play && text.starts_with("RTSP/1.0 200") &&
          camera_.script_.on_play) {
        camera_.script_.on_play(*this);
      }
    }

    TestCamera& camera_;
    Connection* connection_ = nullptr;
    rtsp::MessageReader reader_;
  };

  TestCamera(IoThreads& threads, Script script) : threads_(threads), script_(std::move(script)) {
    const auto stream = testing_stream::h264();
    auto packetizer = rtp::Packetizer::create(stream, {.first_timestamp = kFirstTimestamp});
    EXPECT_TRUE(packetizer);
    packetizer_ = std::move(*packetizer);
    if (script_.sdp.empty()) {
      auto session = rtsp::describe({stream}, "test");
      EXPECT_TRUE(session);
      session->media[0].attributes.push_back({"control", "track"});
      script_.sdp = sdp::print(*session).value();
    }
    auto listener = TcpListener::start(threads, {}, [this](TcpSocket socket) {
      ConnectionOptions options;
      options.tls = script_.tls;
      auto connection =
          Connection::start(std::move(socket), std::make_unique<Client>(*this), options);
      connections_.change([&](auto& all) { all.push_back(connection); });
    });
    EXPECT_TRUE(listener) << listener.error().message();
    listener_ = std::move(*listener);
  }
  ~TestCamera() {
    listener_.reset();
    for (auto& weak : connections_.get()) {
      if (const auto connection = weak.lock()) connection->stop();
    }
    EXPECT_TRUE(eventually([&] {
      for (auto& weak : connections_.get()) {
        if (!weak.expired()) return false;
      }
      return true;
    }));
    // The last of them may be going still.
    for (size_t i = 0; i < threads_.size(); ++i) threads_[i].run([] {});
  }

  [[nodiscard]] std::string url(const std::string& user_info = "",
                                const std::string& scheme = "rtsp") const {
    return scheme + "://" + user_info + "127.0.0.1:" + std::to_string(listener_->port()) + "/cam";
  }
  [[nodiscard]] uint16_t port() const { return listener_->port(); }
  [[nodiscard]] Script& script() { return script_; }

  static constexpr uint32_t kFirstTimestamp = 0xFFFFF000;  ///< Wraps in the second picture.

  /// The packets of a picture. On one thread.
  [[nodiscard]] rtp::PacketBatch packets(int number) {
    return packets_of(testing_stream::picture(number));
  }
  [[nodiscard]] rtp::PacketBatch packets_of(const media::AccessUnit& unit) {
    auto batch = packetizer_->push(unit);
    EXPECT_TRUE(batch);
    return *batch;
  }

  /// The camera's UDP ports, opened when first asked for.
  [[nodiscard]] UdpPair& udp() {
    std::lock_guard lock(udp_mutex_);
    if (!udp_.rtp) {
      auto pair = bind_pair(threads_[0], *Address::parse("127.0.0.1", 0));
      EXPECT_TRUE(pair);
      udp_ = std::move(*pair);
      for (auto* socket : {udp_.rtp.get(), udp_.rtcp.get()}) {
        socket->receive([this, rtcp = socket == udp_.rtcp.get()](auto datagrams, MonoTime) {
          datagrams_.change([&](auto& all) { all[rtcp] += static_cast<int>(datagrams.size()); });
        });
      }
    }
    return udp_;
  }

  /// What a good camera answers.
  std::string usual(Client& client, const rtsp::Request& request) {
    std::string out = "RTSP/1.0 200 OK\r\n";
    switch (request.method) {
      case rtsp::Method::options:
        out += "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n";
        break;
      case rtsp::Method::describe:
        out += "Content-Base: " + request.uri + "/\r\nContent-Type: application/sdp\r\n";
        out += "Content-Length: " + std::to_string(script_.sdp.size()) + "\r\n\r\n" + script_.sdp;
        return out;
      case rtsp::Method::setup: {
        rtsp::Transport transport = client.transport;
        if (transport.client_port) {
          transport.server_port =
              rtsp::Pair<uint16_t>{udp().rtp->local().port, udp().rtcp->local().port};
        }
        out += "Transport: " + rtsp::to_string(transport) + "\r\nSession: 12345678\r\n";
        break;
      }
      case rtsp::Method::play:
        out += "Session: 12345678\r\n" + script_.rtp_info;
        break;
      default:
        break;
    }
    return out + "\r\n";
  }

  Watched<std::vector<rtsp::Request>> requests;
  Watched<std::vector<std::pair<uint8_t, std::vector<uint8_t>>>> frames;  ///< From the client.
  Watched<int> hung_up;
  /// Datagrams that came to the RTP and the RTCP port.
  [[nodiscard]] Watched<std::array<int, 2>>& datagrams() { return datagrams_; }

  [[nodiscard]] bool was_asked(rtsp::Method method, int times = 1) {
    return requests.wait([&](const auto& all) {
      return std::ranges::count(all, method, &rtsp::Request::method) >= times;
    });
  }

 private:
  IoThreads& threads_;
  Script script_;
  std::unique_ptr<rtp::Packetizer> packetizer_;
  Watched<std::vector<std::weak_ptr<Connection>>> connections_;
  std::mutex udp_mutex_;
  Watched<std::array<int, 2>> datagrams_;
  UdpPair udp_;
  std::unique_ptr<TcpListener> listener_;
};

}  // namespace pasu::net
