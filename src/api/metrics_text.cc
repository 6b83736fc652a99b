#include "api/metrics_text.h"

#include <functional>

#include "base/metrics.h"

namespace pasu::api {
namespace {

std::string escaped(const std::string& label) {
  std::string out;
  for (const char c : label) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

void gauge(std::string& out, const char* name, const char* help, double value) {
  out += fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n{0} {2}\n", name, help, value);
}

}  // namespace

std::string metrics_text(const node::Node& node) {
  std::string out = metrics::registry().text();
  const auto server = node.status();
  gauge(out, "pasu_server_cpu_cores", "Cores in use by this server.", server.cpu);
  gauge(out, "pasu_server_resident_bytes", "Memory in use.", server.rss_mb * (1 << 20));
  gauge(out, "pasu_server_people", "People seen now over all cameras.", server.people);
  gauge(out, "pasu_server_cameras", "Cameras configured.", server.cameras);
  gauge(out, "pasu_server_cameras_live", "Cameras that show pictures.", server.cameras_live);
  gauge(out, "pasu_server_cameras_awake", "Of these, whose every frame is decoded.",
        server.cameras_awake);
  gauge(out, "pasu_server_headroom_cameras",
        "About how many more cameras like today's fit; -1 while unknown.", server.headroom_cameras);

  gauge(out, "pasu_server_analysed_share",
        "Part of the frames a second of each camera that there is time to analyse.",
        server.analysed_share);

  const auto cameras = node.cameras();
  const auto each = [&](const char* name, const char* help,
                        const std::function<double(const node::CameraStatus&)>& value) {
    if (cameras.empty()) return;
    out += fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n", name, help);
    for (const auto& camera : cameras)
      out +=
          fmt::format("{}{{camera=\"{}\"}} {}\n", name, escaped(camera.config.name), value(camera));
  };
  each("pasu_camera_live", "1 where the camera shows pictures, degraded ones too.",
       [](auto& c) { return node::shows_pictures(c.state) ? 1 : 0; });
  each("pasu_camera_awake", "1 where every frame is decoded, 0 where only key frames are.",
       [](auto& c) { return node::shows_pictures(c.state) && c.figures.awake ? 1 : 0; });
  each("pasu_camera_wakes", "How often it woke since the server started.",
       [](auto& c) { return static_cast<double>(c.figures.wakes); });
  each("pasu_camera_waiting", "1 where the camera waits for a publisher.",
       [](auto& c) { return c.state == node::CameraState::waiting ? 1 : 0; });
  each("pasu_camera_people", "People seen in the newest analysed frame.",
       [](auto& c) { return c.people; });
  each("pasu_camera_viewers", "Who watches the live video.",
       [](auto& c) { return c.figures.viewers; });
  each("pasu_camera_stream_readers", "Who reads the camera's streams over RTSP and RTMP.",
       [](auto& c) { return c.figures.streams.readers; });
  each("pasu_camera_stream_lost", "Units that slow RTSP and RTMP readers never got.",
       [](auto& c) { return static_cast<double>(c.figures.streams.lost); });
  each("pasu_camera_cpu_seconds_per_second", "CPU time that the camera costs.",
       [](auto& c) { return c.figures.cpu_ms_per_s / 1e3; });
  return out;
}

}  // namespace pasu::api
