// The streaming servers that a benchmark starts: pasu itself and Debian's.
#pragma once

#include <memory>
#include <string>
#include <sys/types.h>

#include "base/result.h"
#include "job/scratch.h"

namespace pasu::job {

/// Runs in a folder of its own and ends with this.
class BenchServer {
 public:
  enum class Kind { pasu, nginx_rtmp, gst_rtsp };

  /// Waits until it answers. `streams`: how many publishers it will have, at .../bench0 and on.
  /// `clip`: what gst_rtsp plays, which takes no publishers, at .../clip. Errors: not_found (not
  /// installed; says what to install), unavailable (it ended; with the end of its log), cancelled.
  [[nodiscard]] static Result<std::unique_ptr<BenchServer>> start(Kind kind, int streams,
                                                                  const std::string& clip,
                                                                  const std::atomic<bool>& stop);
  ~BenchServer();

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// With `%` for the stream's number; empty: not its protocol.
  [[nodiscard]] const std::string& rtsp_url() const { return rtsp_url_; }
  [[nodiscard]] const std::string& rtmp_url() const { return rtmp_url_; }

 private:
  BenchServer() = default;
  Result<void> start_pasu(int streams);
  Result<void> start_nginx();
  Result<void> start_gst(const std::string& clip, const std::atomic<bool>& stop);
  Result<void> run(const std::vector<std::string>& command);
  Result<void> wait_for_port(int port, const std::atomic<bool>& stop);
  [[nodiscard]] std::string log_end() const;

  Scratch scratch_;
  pid_t pid_ = 0;
  int port_ = 0;
  std::string rtsp_url_, rtmp_url_;
};

[[nodiscard]] const char* to_string(BenchServer::Kind kind);

}  // namespace pasu::job
