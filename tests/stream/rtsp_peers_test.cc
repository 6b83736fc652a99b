// Our RTSP client against other people's servers, and our multicast against their clients: what
// comes is what was sent, byte for byte.
#include <algorithm>
#include <arpa/inet.h>
#include <fstream>
#include <iterator>
#include <map>
#include <sys/socket.h>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "av/demuxer.h"
#include "bits/nal.h"
#include "child.h"
#include "net/client.h"
#include "net/pull_reader.h"
#include "net/rtsp_server.h"
#include "net/tcp_listener.h"
#include "net/test_wait.h"

namespace pasu {
namespace {

using namespace std::chrono_literals;
using net::ClientTransport;

std::string media_path(const std::string& name) {
  const char* folder = std::getenv("PASU_TEST_MEDIA");
  return (folder != nullptr ? std::string(folder) : ".") + "/" + name;
}

bool is_picture(media::Codec codec, ByteView nal) {
  if (codec == media::Codec::h264) return (nal[0] & 0x1f) >= 1 && (nal[0] & 0x1f) <= 5;
  return ((nal[0] >> 1) & 0x3f) < 32;
}

// The slices alone: parameter sets, delimiters and SEI may come and go on the way.
std::string essence(const media::StreamInfo& stream, ByteView data) {
  if (stream.codec != media::Codec::h264 && stream.codec != media::Codec::h265)
    return std::string(as_text(data));
  auto cursor = bits::starts_with_start_code(data) ? bits::NalCursor::annexb(data)
                                                   : bits::NalCursor::length_prefixed(data, 4);
  std::string out;
  for (;;) {
    const auto nal = cursor.next();
    if (!nal || !*nal) return out;
    if (is_picture(stream.codec, (*nal)->bytes)) out += as_text((*nal)->bytes);
  }
}

struct Track {
  media::StreamInfo info;
  std::vector<std::string> units;
  std::vector<media::Pts> times;
};
using Streams = std::map<media::MediaKind, Track>;

void add(Streams& streams, const media::StreamInfo& info, const media::AccessUnit& unit) {
  Track& track = streams[info.kind];
  track.info = info;
  track.units.push_back(essence(info, unit.data));
  track.times.push_back(unit.pts);
}

Streams read_file(const std::string& path) {
  Streams out;
  auto file = av::Demuxer::open(path);
  EXPECT_TRUE(file) << file.error().message();
  if (!file) return out;
  const auto& infos = (*file)->info().streams;
  for (;;) {
    const auto unit = (*file)->read();
    if (!unit || !*unit) return out;
    const auto info = std::ranges::find(infos, (*unit)->stream, &media::StreamInfo::index);
    if (info != infos.end()) add(out, *info, **unit);
  }
}

class RtspPeers : public testing::Test {
 protected:
  // A peer with `clip`; skips where it is not installed.
  void serve(const std::string& clip, bool tls = false, const std::string& peer = "gst") {
    std::vector<std::string> command = {PASU_PEERS, peer, media_path(clip)};
    if (tls) command.emplace_back("--tls");
    peer_ = std::make_unique<Child>(command);
    const std::string line = peer_->line();
    if (!line.starts_with("port ")) {
      ASSERT_EQ(peer_->finish(), 77) << line;
      GTEST_SKIP() << line;
    }
    port_ = std::stoi(line.substr(5));
  }
  [[nodiscard]] std::string url(const std::string& path, const std::string& scheme = "rtsp") const {
    return scheme + "://127.0.0.1:" + std::to_string(port_) + "/" + path;
  }

  Streams pull_all(const std::string& from, const net::PullOptions& options) {
    Streams out;
    std::atomic<bool> stop = false;
    const auto reader = net::PullReader::open(threads_[0], from, options, stop);
    EXPECT_TRUE(reader) << reader.error().message();
    if (!reader) return out;
    for (;;) {
      const auto unit = (*reader)->read();
      EXPECT_TRUE(unit) << unit.error().message();
      if (!unit || !*unit) break;
      add(out, (*reader)->tracks()[static_cast<size_t>((*unit)->stream)], **unit);
    }
    EXPECT_EQ((*reader)->stats().lost, 0u);
    return out;
  }

  // All of the file came, in order, and its tracks stand to each other as they did in it.
  static void expect_same(const Streams& got, const Streams& sent, media::Pts apart_max = 5ms) {
    ASSERT_EQ(got.size(), sent.size());
    media::Pts earliest = media::Pts::max(), latest = media::Pts::min();
    for (const auto& [kind, track] : sent) {
      SCOPED_TRACE(media::to_string(track.info.codec));
      ASSERT_TRUE(got.contains(kind));
      const Track& have = got.at(kind);
      EXPECT_EQ(have.info.codec, track.info.codec);
      // The peer leaves out the sound that an edit list hides, and its end may cut the last unit.
      const auto first = std::ranges::find(track.units, have.units.at(0)) - track.units.begin();
      ASSERT_LE(first, 1);
      ASSERT_GE(have.units.size() + 2, track.units.size());
      for (size_t i = 0; i < have.units.size(); ++i) {
        const size_t k = i + static_cast<size_t>(first);
        ASSERT_LT(k, track.units.size());
        ASSERT_EQ(have.units[i] == track.units[k], true) << "unit " << i;
        const media::Pts shift = have.times[i] - track.times[k];
        earliest = std::min(earliest, shift);
        latest = std::max(latest, shift);
      }
    }
    EXPECT_LT(latest - earliest, apart_max);
  }

  net::IoThreads threads_{1};
  std::unique_ptr<Child> peer_;
  int port_ = 0;
};

class RtspPeersPull : public RtspPeers, public testing::WithParamInterface<ClientTransport> {};

TEST_P(RtspPeersPull, H264AndAac) {
  serve("h264_aac.mp4");
  if (IsSkipped() || HasFatalFailure()) return;
  expect_same(pull_all(url("clip"), {.transport = GetParam()}),
              read_file(media_path("h264_aac.mp4")));
}

TEST_P(RtspPeersPull, H265) {
  serve("hevc.mp4");
  if (IsSkipped() || HasFatalFailure()) return;
  expect_same(pull_all(url("clip"), {.transport = GetParam()}), read_file(media_path("hevc.mp4")));
}

INSTANTIATE_TEST_SUITE_P(Gst, RtspPeersPull,
                         testing::Values(ClientTransport::tcp, ClientTransport::udp,
                                         ClientTransport::http),
                         [](const auto& each) { return std::string(to_string(each.param)); });

TEST_F(RtspPeers, Rtsps) {
  serve("h264_aac.mp4", true);
  if (IsSkipped() || HasFatalFailure()) return;
  expect_same(pull_all(url("clip", "rtsps"), {.tls = {.verify = false}}),
              read_file(media_path("h264_aac.mp4")));
}

TEST_F(RtspPeers, Vlc) {
  serve("h264_aac.mp4", false, "vlc");
  if (IsSkipped() || HasFatalFailure()) return;
  // A part of a clip that begins again and again.
  const auto sent = read_file(media_path("h264_aac.mp4")).at(media::MediaKind::video);
  std::atomic<bool> stop = false;
  const auto reader = net::PullReader::open(threads_[0], url("clip"), {}, stop);
  ASSERT_TRUE(reader) << reader.error().message();
  EXPECT_EQ((*reader)->tracks().size(), 2u);
  std::vector<std::string> got;
  while (got.size() < 100) {
    const auto unit = (*reader)->read();
    ASSERT_TRUE(unit) << unit.error().message();
    ASSERT_TRUE(*unit);
    const auto& info = (*reader)->tracks()[static_cast<size_t>((*unit)->stream)];
    if (info.kind == media::MediaKind::video) got.push_back(essence(info, (*unit)->data));
  }
  EXPECT_EQ((*reader)->stats().transport, ClientTransport::udp);
  // Where the computer is busy, VLC leaves pictures out; what comes must be as it was.
  for (const auto& unit : got) ASSERT_TRUE(std::ranges::find(sent.units, unit) != sent.units.end());
}

// The video of `clip`, and its sound, published to `to` at its own speed: the peer keeps time.
// False: the peer is not there yet.
bool push_all(net::IoThread& thread, const std::string& to, const std::string& clip, bool audio,
              ClientTransport transport) {
  auto file = av::Demuxer::open(clip);
  EXPECT_TRUE(file) << file.error().message();
  if (!file) return true;
  hub::Tracks tracks;
  std::map<int, int> places;
  for (const auto& info : (*file)->info().streams) {
    if (info.kind != media::MediaKind::video && !audio) continue;
    places[info.index] = static_cast<int>(tracks.size());
    tracks.push_back(info);
  }
  struct Seen {
    bool ready = false;
    std::optional<Error> end;
  };
  net::Watched<Seen> seen;
  net::PushEvents events;
  events.on_ready = [&] { seen.change([](Seen& s) { s.ready = true; }); };
  events.on_end = [&](Error why) { seen.change([&](Seen& s) { s.end = std::move(why); }); };
  auto session = net::push(thread, to, tracks, {.transport = transport}, events);
  EXPECT_TRUE(session) << session.error().message();
  if (!session) return true;
  EXPECT_TRUE(seen.wait([](const Seen& s) { return s.ready || s.end; }));
  if (const auto end = seen.get().end) {
    EXPECT_EQ(end->code(), Errc::unavailable) << end->message();
    return false;
  }
  size_t units = 0;
  const auto start = std::chrono::steady_clock::now();
  while (const auto unit = (*file)->read()) {
    if (!*unit) break;
    if (!places.contains((*unit)->stream)) continue;
    std::this_thread::sleep_until(start + (*unit)->dts);
    auto copy = **unit;
    copy.stream = places.at(copy.stream);
    (*session)->push(std::move(copy));
    ++units;
  }
  EXPECT_TRUE(net::eventually([&] { return (*session)->stats().units == units; }));
  EXPECT_EQ((*session)->stats().dropped, 0u);
  EXPECT_EQ((*session)->stats().refused, 0u);
  EXPECT_FALSE(seen.get().end);
  return true;
}

// FFmpeg as a server that takes one stream.
TEST_F(RtspPeers, PublishToFfmpeg) {
  {
    net::IoThreads threads(1);
    auto free = net::TcpListener::start(threads, {}, [](net::TcpSocket) {});
    ASSERT_TRUE(free);
    port_ = (*free)->port();
  }
  const std::string file = testing::TempDir() + "pasu_recorded.mkv";
  // Without B frames, as FFmpeg makes no decoding times of its own when it copies from RTSP.
  const std::string clip = testing::TempDir() + "pasu_no_b.mkv";
  Child make({"ffmpeg", "-nostdin", "-v", "error", "-y", "-i", media_path("h264.ts"), "-i",
              media_path("sound.m4a"), "-map", "0:v", "-map", "1:a", "-c", "copy", clip});
  const int made = make.finish();
  if (made == 77) GTEST_SKIP() << "FFmpeg is not installed";
  ASSERT_EQ(made, 0);
  Child ffmpeg({"ffmpeg", "-nostdin", "-v", "error", "-rtsp_flags", "listen", "-i", url("live"),
                "-c", "copy", "-y", file});
  // It does not say when it listens.
  EXPECT_TRUE(net::eventually(
      [&] { return push_all(threads_[0], url("live"), clip, true, ClientTransport::tcp); }));
  EXPECT_EQ(ffmpeg.finish(), 0);
  // It lets each track begin at 0, before the first report.
  expect_same(read_file(file), read_file(clip), 40ms);
}

// This computer's address on the network of its default route, where players join groups; empty:
// none.
std::string network_address() {
  const int any = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{}, from{};
  to.sin_family = AF_INET;
  to.sin_port = htons(9);
  to.sin_addr.s_addr = htonl(0xEFFF4D4D);  // 239.255.77.77
  socklen_t size = sizeof from;
  const bool known = ::connect(any, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0 &&
                     ::getsockname(any, reinterpret_cast<sockaddr*>(&from), &size) == 0;
  ::close(any);
  char text[INET_ADDRSTRLEN] = "";
  if (known) ::inet_ntop(AF_INET, &from.sin_addr, text, sizeof text);
  return text;
}

// `clip` round and round, at its own speed, until it is let go.
class Loop {
 public:
  Loop(hub::Registry& registry, const std::string& path, const std::string& clip)
      : publication_(registry.publish(path).value()), thread_([this, clip] { run(clip); }) {}
  ~Loop() {
    stop_ = true;
    thread_.join();
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

 private:
  void run(const std::string& clip) {
    auto file = av::Demuxer::open(clip).value();
    EXPECT_TRUE(publication_->set_tracks(file->info().streams));
    const auto start = std::chrono::steady_clock::now();
    media::Pts round{0}, last{0};
    while (!stop_) {
      const auto unit = file->read().value();
      if (!unit) {
        round = last + 40ms;
        if (!file->rewind()) return;
        continue;
      }
      auto copy = *unit;
      copy.pts += round;
      copy.dts += round;
      last = std::max(last, copy.pts);
      std::this_thread::sleep_until(start + copy.dts);
      publication_->publish(std::move(copy));
    }
  }

  const std::unique_ptr<hub::Publication> publication_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// FFmpeg reads our server's multicast, and so does our client beside it.
TEST(MulticastPeers, FfmpegListens) {
  const std::string here = network_address();
  if (here.empty()) GTEST_SKIP() << "no network here that multicast could take";
  if (Child({"ffmpeg", "-v", "quiet", "-version"}).finish() == 77)
    GTEST_SKIP() << "FFmpeg is not installed";
  hub::Registry registry;
  net::IoThreads threads(2);
  net::RtspServerOptions options;
  options.plain->address = here;
  options.auth.may = [](auto, auto, auto) { return true; };
  const auto id = static_cast<unsigned>(::getpid());
  options.multicast = {.first_group = fmt::format("239.{}.{}.0", 192 + (id >> 8) % 60, id % 256)};
  const auto server = net::RtspServer::start(threads, registry, options).value();
  const Loop loop(registry, "clip", media_path("h264_aac.mp4"));
  const auto url = fmt::format("rtsp://{}:{}/clip", here, server->port());

  net::PullOptions by_multicast;
  by_multicast.transport = ClientTransport::multicast;
  std::atomic<bool> stop = false;
  const auto reader = net::PullReader::open(threads[0], url, by_multicast, stop);
  if (!reader) GTEST_SKIP() << "no multicast here: " << reader.error().message();
  const std::string file = testing::TempDir() + fmt::format("pasu_multicast_{}.264", id);
  Child ffmpeg({"ffmpeg", "-nostdin", "-v", "error", "-y", "-rtsp_transport", "udp_multicast", "-i",
                url, "-map", "0:v", "-c", "copy", "-frames:v", "50", file});
  EXPECT_TRUE(net::eventually([&] { return server->stats().readers_multicast == 2; }));
  EXPECT_EQ(server->stats().groups, 1);
  ASSERT_EQ(ffmpeg.finish(), 0);

  const auto sent = read_file(media_path("h264_aac.mp4")).at(media::MediaKind::video);
  const auto got = read_file(file).at(media::MediaKind::video);
  EXPECT_GE(got.units.size(), 45u);
  // A run of the clip, which begins again and again.
  auto at = std::ranges::find(sent.units, got.units.at(0)) - sent.units.begin();
  for (const auto& unit : got.units) {
    ASSERT_TRUE(unit == sent.units.at(static_cast<size_t>(at)));
    at = (at + 1) % static_cast<ptrdiff_t>(sent.units.size());
  }
  EXPECT_EQ((*reader)->stats().lost, 0u);
  std::remove(file.c_str());
}

class RtspPeersPush : public RtspPeers, public testing::WithParamInterface<ClientTransport> {};

TEST_P(RtspPeersPush, ToGst) {
  const std::string file = testing::TempDir() + "pasu_recorded.264";
  ::setenv("PASU_RECORDED", file.c_str(), 1);
  serve("h264_aac.mp4");
  if (IsSkipped() || HasFatalFailure()) return;
  ASSERT_TRUE(push_all(threads_[0], url("record"), media_path("h264_aac.mp4"), false, GetParam()));
  const auto sent = read_file(media_path("h264_aac.mp4")).at(media::MediaKind::video);
  // The peer writes a little later, and forgets what it still holds when the publisher leaves.
  std::string expected, got;
  for (const auto& unit : sent.units) expected += unit;
  size_t enough = 0;
  for (size_t i = 0; i + 10 < sent.units.size(); ++i) enough += sent.units[i].size();
  EXPECT_TRUE(net::eventually([&] {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    got = essence(sent.info, as_bytes(bytes));
    return got.size() >= enough;
  })) << got.size()
      << " of " << expected.size();
  EXPECT_TRUE(expected.starts_with(got));
}

INSTANTIATE_TEST_SUITE_P(Gst, RtspPeersPush,
                         testing::Values(ClientTransport::tcp, ClientTransport::udp),
                         [](const auto& each) { return std::string(to_string(each.param)); });

}  // namespace
}  // namespace pasu
