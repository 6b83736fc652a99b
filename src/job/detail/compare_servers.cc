#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "base/open_files.h"
#include "job/detail/bench_servers.h"
#include "job/stream_bench.h"

namespace pasu::job {
namespace {

using Kind = BenchServer::Kind;

struct Load {
  const char* name;
  net::ClientTransport transport;
  bool rtmp;
  int readers;
  bool each;  // A publisher for each reader.
};
constexpr std::array kLoads = {
    Load{"RTSP/TCP", net::ClientTransport::tcp, false, 500, false},
    Load{"RTSP/TCP", net::ClientTransport::tcp, false, 200, false},
    Load{"RTSP/UDP", net::ClientTransport::udp, false, 200, false},
    Load{"RTMP", net::ClientTransport::tcp, true, 500, false},
    Load{"RTSP/TCP, a publisher each", net::ClientTransport::tcp, false, 100, true},
    Load{"RTMP, a publisher each", net::ClientTransport::tcp, true, 100, true},
};

bool can(Kind kind, const Load& load) {
  switch (kind) {
    case Kind::pasu:
      return true;
    case Kind::nginx_rtmp:
      return load.rtmp;
    case Kind::gst_rtsp:  // One clip, played by itself.
      return !load.rtmp && !load.each;
  }
  return false;
}

}  // namespace

Result<void> compare_servers(const StreamComparison& options,
                             const std::function<void(const StreamLine&)>& on_line,
                             const std::function<void(const std::string&)>& on_missing,
                             const std::atomic<bool>& stop) {
  raise_open_files_limit();  // The servers inherit it.
  std::set<Kind> missing;
  for (const Load& load : kLoads) {
    const int readers = std::max(1, static_cast<int>(std::lround(load.readers * options.scale)));
    for (const Kind kind : {Kind::pasu, Kind::nginx_rtmp, Kind::gst_rtsp}) {
      if (!can(kind, load) || missing.contains(kind)) continue;
      const int publishers = kind == Kind::gst_rtsp ? 0 : load.each ? readers : 1;
      auto server = BenchServer::start(kind, publishers, options.clip, stop);
      if (!server) {
        if (kind == Kind::pasu || server.error().code() == Errc::cancelled)
          return tl::unexpected(std::move(server).error());
        on_missing(fmt::format("{}: {}", to_string(kind), server.error().message()));
        missing.insert(kind);
        continue;
      }
      StreamLoad one;
      one.url = load.rtmp ? (*server)->rtmp_url() : (*server)->rtsp_url();
      one.transport = load.transport;
      one.readers = readers;
      one.publishers = publishers;
      one.clip = options.clip;
      one.server = (*server)->pid();
      one.seconds = options.seconds;
      if (load.each) one.newcomers = 0;
      auto cost = bench_stream(one, stop);
      if (!cost) {
        if (kind == Kind::pasu || stop)
          return tl::unexpected(std::move(cost).error().with(to_string(kind)));
        on_missing(fmt::format("{}, {} with {} readers: {}", to_string(kind), load.name, readers,
                               cost.error().message()));
        continue;
      }
      on_line({to_string(kind), load.name, readers, std::move(*cost)});
    }
  }
  return {};
}

}  // namespace pasu::job
