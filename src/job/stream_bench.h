// pasu's measurements of streaming servers, its own and other people's.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "base/result.h"
#include "net/client.h"

namespace pasu::job {

/// Load for one server that runs already.
struct StreamLoad {
  /// What is read, and where publishers push. With several streams `%` in the URL stands for a
  /// stream's number, from 0.
  std::string url;
  net::ClientTransport transport = net::ClientTransport::tcp;
  int readers = 0;
  /// 0: somebody else publishes the clip; latency is not known then.
  int publishers = 1;
  /// Over so many streams the readers are spread where somebody else publishes.
  int streams = 1;
  /// What is published; pictures are known again by their bytes. H.264 with AAC is sent as it is.
  std::string clip;
  /// The server's process; its children count with it. 0: its cost is not measured.
  pid_t server = 0;
  double seconds = 20;  ///< Measured, once all readers play.
  /// Further readers that come one by one while all others play, for the first picture.
  int newcomers = 100;
  /// How long all readers may take until they play.
  std::chrono::seconds patience{30};
};

struct Percentiles {
  size_t count = 0;  ///< Of samples; 0: not known.
  double p50 = 0, p99 = 0;
};

struct StreamCost {
  double cpu_ms_per_reader_second = 0;  ///< Of the server.
  double rss_mb = 0;                    ///< Of the server, at the end.
  int readers = 0;                      ///< That played to the end.
  int failed = 0;                       ///< Readers that ended or never played.
  std::string first_failure;
  uint64_t pictures = 0;         ///< That came while measured.
  uint64_t lost = 0;             ///< Pictures that did not, since each reader's first.
  Percentiles first_picture_ms;  ///< Of the newcomers: from the call to the first key picture.
  Percentiles latency_ms;        ///< From handing a picture to our publisher to its arrival here.
  double seconds = 0;            ///< Measured.
  double generator_cpu_ms_per_reader_second = 0;  ///< What this side used, publishers included.
};

/// Errors: the clip; the publishers; unavailable (no reader played in time); cancelled.
[[nodiscard]] Result<StreamCost> bench_stream(const StreamLoad& load,
                                              const std::atomic<bool>& stop);

/// One line of the comparison.
struct StreamLine {
  std::string server;  ///< "pasu", "nginx-rtmp", "gst-rtsp-server"
  std::string load;    ///< "RTSP/TCP", "RTSP/UDP", "RTMP", "RTMP, own publisher each"
  int readers = 0;
  StreamCost cost;
};

struct StreamComparison {
  std::string clip;
  /// Of the table of loads; 1 is the whole: 500 readers, 200 by UDP, 100 publishers.
  double scale = 1;
  double seconds = 20;
};

/// Starts each server there is with a fresh stream for each load, and measures them by turns.
/// `on_line` hears of each line, `on_missing` of each server that is not installed.
[[nodiscard]] Result<void> compare_servers(
    const StreamComparison& options, const std::function<void(const StreamLine&)>& on_line,
    const std::function<void(const std::string&)>& on_missing, const std::atomic<bool>& stop);

}  // namespace pasu::job
