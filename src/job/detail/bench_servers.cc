#include "job/detail/bench_servers.h"

#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <fstream>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "base/clock.h"
#include "job/child_cost.h"
#include "job/spawn.h"

namespace pasu::job {
namespace {

constexpr std::chrono::seconds kStartWait{30};
constexpr std::chrono::milliseconds kPoll{50};
constexpr std::chrono::seconds kEndWait{5};
constexpr const char* kNginxModule = "/usr/lib/nginx/modules/ngx_rtmp_module.so";
constexpr size_t kLogEnd = 400;  // Bytes shown.

sockaddr_in loopback(int port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  out.sin_port = htons(static_cast<uint16_t>(port));
  return out;
}

// One that was free a moment ago.
int free_port() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return 0;
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);  // NOLINT
  const bool bound = bind(descriptor, raw, size) == 0 && getsockname(descriptor, raw, &size) == 0;
  close(descriptor);
  return bound ? ntohs(address.sin_port) : 0;
}

bool answers(int port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const bool connected = connect(descriptor, reinterpret_cast<const sockaddr*>(&address),  // NOLINT
                                 sizeof address) == 0;
  close(descriptor);
  return connected;
}

Result<void> write(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) return fail(Errc::io, "{}: cannot be written", path);
  return {};
}

Result<void> needs(const std::string& program, const char* package) {
  const std::atomic<bool> go_on = false;
  if (run_child({"sh", "-c", "command -v " + program}, go_on)) return {};
  return fail(Errc::not_found, "{} is not installed; apt-get install {}", program, package);
}

}  // namespace

const char* to_string(BenchServer::Kind kind) {
  switch (kind) {
    case BenchServer::Kind::pasu:
      return "pasu";
    case BenchServer::Kind::nginx_rtmp:
      return "nginx-rtmp";
    case BenchServer::Kind::gst_rtsp:
      return "gst-rtsp-server";
  }
  return "";
}

Result<std::unique_ptr<BenchServer>> BenchServer::start(Kind kind, int streams,
                                                        const std::string& clip,
                                                        const std::atomic<bool>& stop) {
  std::unique_ptr<BenchServer> out(new BenchServer);
  switch (kind) {
    case Kind::pasu:
      TRY(out->start_pasu(streams));
      break;
    case Kind::nginx_rtmp:
      TRY(out->start_nginx());
      break;
    case Kind::gst_rtsp:
      TRY(out->start_gst(clip, stop));
      break;
  }
  TRY(with_context(out->wait_for_port(out->port_, stop), to_string(kind)));
  return out;
}

Result<void> BenchServer::start_pasu(int streams) {
  const int rtsp = free_port(), rtmp = free_port();
  std::string config = fmt::format(
      "[server]\nport = {}\ndata = \"{}\"\n[streaming]\nrtsp_port = {}\nrtsps_port = 0\n"
      "rtmp_port = {}\nrtmps_port = 0\n"
      "[[user]]\nname = \"anyone\"\nread = [\"*\"]\npublish = [\"*\"]\n",
      free_port(), scratch_.file("data"), rtsp, rtmp);
  for (int i = 0; i < streams; ++i)
    config += fmt::format("[[camera]]\nname = \"bench{}\"\nurl = \"publish\"\nfps = 0\n", i);
  TRY(write(scratch_.file("pasu.toml"), config));
  port_ = rtsp;
  rtsp_url_ = fmt::format("rtsp://127.0.0.1:{}/bench%", rtsp);
  rtmp_url_ = fmt::format("rtmp://127.0.0.1:{}/bench%", rtmp);
  return run({this_program().string(), "serve", "-c", scratch_.file("pasu.toml")});
}

Result<void> BenchServer::start_nginx() {
  TRY(needs("nginx", "nginx libnginx-mod-rtmp"));
  if (access(kNginxModule, R_OK) != 0)
    return fail(Errc::not_found, "nginx has no RTMP module; apt-get install libnginx-mod-rtmp");
  port_ = free_port();
  TRY(write(scratch_.file("nginx.conf"),
            fmt::format("daemon off;\nload_module {};\nworker_processes 1;\npid {};\n"
                        "error_log stderr;\nworker_rlimit_nofile 65536;\n"
                        "events {{ worker_connections 16384; }}\n"
                        "rtmp {{ server {{ listen 127.0.0.1:{}; chunk_size 4096; access_log off;\n"
                        "  application live {{ live on; }} }} }}\n",
                        kNginxModule, scratch_.file("nginx.pid"), port_)));
  rtmp_url_ = fmt::format("rtmp://127.0.0.1:{}/live/bench%", port_);
  return run({"nginx", "-c", scratch_.file("nginx.conf"), "-e", "stderr"});
}

Result<void> BenchServer::start_gst(const std::string& clip, const std::atomic<bool>& stop) {
  const auto bench = TRY(bench_folder("gst_rtsp_server.py"));
  const std::string script = (bench / "gst_rtsp_server.py").string();
  if (!run_child({"/usr/bin/python3", script, "--check"}, stop))
    return fail(Errc::not_found,
                "gst-rtsp-server is not installed; apt-get install python3-gi "
                "gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-bad");
  // It cannot begin a file again.
  const std::string longer = scratch_.file("long.mp4");
  TRY(run_child(
      {"ffmpeg", "-nostdin", "-v", "error", "-stream_loop", "9", "-i", clip, "-c", "copy", longer},
      stop));
  port_ = free_port();
  rtsp_url_ = fmt::format("rtsp://127.0.0.1:{}/clip", port_);
  return run({"/usr/bin/python3", script, longer, std::to_string(port_)});
}

Result<void> BenchServer::run(const std::vector<std::string>& command) {
  pid_ = TRY(spawn(command, scratch_.file("log")));
  return {};
}

Result<void> BenchServer::wait_for_port(int port, const std::atomic<bool>& stop) {
  const MonoTime deadline = system_clock().now() + kStartWait;
  while (!answers(port)) {
    if (stop) return fail(Errc::cancelled, "stopped");
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = 0;
      return fail(Errc::unavailable, "it ended at once: {}", log_end());
    }
    if (system_clock().now() > deadline)
      return fail(Errc::timeout, "it does not answer at port {}: {}", port, log_end());
    std::this_thread::sleep_for(kPoll);
  }
  return {};
}

std::string BenchServer::log_end() const {
  std::ifstream file(scratch_.file("log"));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return text.size() <= kLogEnd ? text : text.substr(text.size() - kLogEnd);
}

BenchServer::~BenchServer() {
  if (pid_ == 0) return;
  kill(pid_, SIGTERM);
  const MonoTime deadline = system_clock().now() + kEndWait;
  while (waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (system_clock().now() > deadline) kill(pid_, SIGKILL);
    std::this_thread::sleep_for(kPoll);
  }
}

}  // namespace pasu::job
