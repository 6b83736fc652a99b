#include "api/messages.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <nlohmann/json.hpp>

#include "base/guard.h"
#include "base/json_text.h"
#include "base/nearest.h"

namespace pasu::api {
namespace {

using nlohmann::json;

constexpr std::array kFields{"name",      "url",    "sub",          "fps",
                             "threshold", "sleeps", "closer_looks", "enabled"};
// Of a query, but named in errors like a field.
constexpr std::array kParameters{"boxes", "width"};
constexpr int kDepthMax = 4;

// Reasons may quote what a camera said; whatever is no UTF-8 in them is replaced.
std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

const char* to_string(gate::Thrift thrift) {
  switch (thrift) {
    case gate::Thrift::none:
      return "none";
    case gate::Thrift::nobody:
      return "nobody_seen";
    case gate::Thrift::all:
      return "all";
  }
  return "none";
}

// JSON has no NaN.
float finite(float value) { return std::isfinite(value) ? value : 0; }

double rounded(double value, double steps) {
  return std::isfinite(value) ? std::round(value * steps) / steps : 0;
}

json to_json(const node::CameraConfig& config) {
  json out{{"name", config.name},
           {"url", config.url},
           {"fps", config.fps},
           {"sleeps", config.sleeps},
           {"closer_looks", config.closer_looks},
           {"enabled", config.enabled}};
  if (!config.sub.empty()) out["sub"] = config.sub;
  if (config.threshold) out["threshold"] = *config.threshold;
  return out;
}

json to_json(const node::CameraFigures& figures) {
  json drops = json::object();
  for (const auto& [cause, count] : figures.drops) drops[cause] = count;
  return {{"source_fps", rounded(figures.source_fps, 100)},
          {"decoded_fps", rounded(figures.decoded_fps, 100)},
          {"analysed_fps", rounded(figures.analysed_fps, 100)},
          {"bit_rate", rounded(figures.bit_rate, 1)},
          {"cpu_ms_per_s", rounded(figures.cpu_ms_per_s, 10)},
          {"latency_ms", rounded(figures.latency_ms, 10)},
          {"awake", figures.awake},
          {"awake_why", figures.awake_why},
          {"wakes", figures.wakes},
          {"drops", std::move(drops)},
          {"reconnects", figures.reconnects},
          {"viewers", figures.viewers},
          {"stream_readers", figures.streams.readers},
          {"stream_lost", figures.streams.lost}};
}

json to_json(const node::CameraStatus& camera) {
  json out{{"name", camera.config.name},
           {"config", to_json(camera.config)},
           {"state", node::to_string(camera.state)},
           {"reason", camera.why.sentence},
           {"since", to_rfc3339(camera.since)},
           {"people", camera.people},
           {"figures", to_json(camera.figures)}};
  if (camera.why.reason != node::Reason::none)
    out["reason_code"] = node::to_string(camera.why.reason);
  if (camera.retry_at) out["retry_at"] = to_rfc3339(*camera.retry_at);
  if (camera.width > 0) out["width"] = camera.width;
  if (camera.height > 0) out["height"] = camera.height;
  if (!camera.codec.empty()) out["codec"] = camera.codec;
  return out;
}

json to_json(const node::ServerStatus& server) {
  return {{"version", server.version},
          {"started", to_rfc3339(server.started)},
          {"now", to_rfc3339(server.now)},
          {"model", server.model},
          {"cores", server.cores},
          {"cpu", rounded(server.cpu, 1000)},
          {"rss_mb", rounded(server.rss_mb, 10)},
          {"people", server.people},
          {"cameras", server.cameras},
          {"cameras_live", server.cameras_live},
          {"cameras_awake", server.cameras_awake},
          {"headroom_cameras", server.headroom_cameras},
          {"analysed_share", rounded(server.analysed_share, 100)},
          {"key_frames_only", to_string(server.key_frames_only)},
          {"rtsp_port", server.rtsp_port},
          {"rtmp_port", server.rtmp_port}};
}

// "url: is empty" names a field; other messages may hold a colon too.
std::string_view field_of(std::string_view message) {
  const std::string_view first = message.substr(0, message.find(": "));
  const bool known = std::ranges::find(kFields, first) != kFields.end() ||
                     std::ranges::find(kParameters, first) != kParameters.end();
  return known ? first : std::string_view();
}

json error_object(std::string_view code, std::string_view message) {
  json out{{"code", code}, {"message", message}};
  if (const auto field = field_of(message); !field.empty()) out["field"] = field;
  return out;
}

// Nothing deep is built, and no doubled key lost.
Result<json> parse_object(std::string_view body) {
  std::set<std::string> seen;
  std::string doubled;
  bool deep = false;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    deep = deep || depth > kDepthMax;
    if (event == json::parse_event_t::key && depth == 1) {
      auto key = parsed.get<std::string>();
      if (!seen.insert(key).second) doubled = std::move(key);
    }
    return !deep;
  };
  json root = json::parse(body, watch, /*allow_exceptions=*/false);
  if (deep) return fail(Errc::malformed, "the request's body is nested too deeply for a camera");
  if (root.is_discarded() || !root.is_object())
    return fail(Errc::malformed,
                "the request's body is no JSON object; send {{\"name\": ..., \"url\": ...}}");
  if (!doubled.empty())
    return fail(Errc::malformed, "{}: is given twice; leave one of them", doubled.substr(0, 64));
  return root;
}

template <class T>
Result<void> read(const json& root, const char* key, T& out, const char* expected) {
  const auto at = root.find(key);
  if (at == root.end()) return {};
  const bool right = std::is_same_v<T, bool>      ? at->is_boolean()
                     : std::is_same_v<T, double>  ? at->is_number()
                     : std::is_same_v<T, int64_t> ? at->is_number_integer()
                                                  : at->is_string();
  if (!right)
    return fail(Errc::malformed, "{}: expected {}, found {}", key, expected, at->type_name());
  out = at->template get<T>();
  return {};
}

Result<void> check_fields(const json& root) {
  const std::vector<std::string> known(kFields.begin(), kFields.end());
  for (const auto& [key, value] : root.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const auto guess = nearest(key, known);
    return fail(
        Errc::malformed, "unknown field '{}'{}", key.substr(0, 64),
        guess ? fmt::format("; did you mean '{}'?", *guess)
              : "; a camera has name, url, sub, fps, threshold, sleeps, closer_looks and enabled");
  }
  for (const char* key : {"name", "url"})
    if (!root.contains(key))
      return fail(Errc::malformed, "{}: is missing; a camera needs name and url", key);
  return {};
}

}  // namespace

std::string camera_json(const node::CameraStatus& camera) { return text_of(to_json(camera)); }

std::string cameras_json(const std::vector<node::CameraStatus>& cameras) {
  json out = json::array();
  for (const auto& camera : cameras) out.push_back(to_json(camera));
  return text_of(out);
}

std::string server_json(const node::ServerStatus& server) { return text_of(to_json(server)); }

std::string error_json(const Error& error, const std::optional<node::CameraProblem>& problem) {
  json inner = error_object(to_string(error.code()), error.message());
  if (problem && problem->field == inner.value("field", "")) inner["detail"] = problem->code;
  return text_of({{"error", std::move(inner)}});
}

std::string error_json(std::string_view code, std::string_view message) {
  return text_of({{"error", error_object(code, message)}});
}

std::string live_camera(const node::CameraStatus& camera) {
  return text_of({{"type", "camera"}, {"camera", to_json(camera)}});
}

std::string live_removed(const std::string& name) {
  return text_of({{"type", "removed"}, {"name", name}});
}

std::string live_server(const node::ServerStatus& server) {
  return text_of({{"type", "server"}, {"server", to_json(server)}});
}

// Written by hand: the only message that comes many times a second.
std::string live_detections(const node::Detections& detections) {
  std::string out;
  out.reserve(160 + 120 * detections.tracks.size());
  fmt::format_to(std::back_inserter(out),
                 R"({{"type":"detections","camera":{},"pts":{:.6f},"width":{},"height":{},)"
                 R"("detections":[)",
                 json_text(detections.camera), media::to_seconds(detections.pts), detections.width,
                 detections.height);
  const char* separator = "";
  for (const track::Track& t : detections.tracks) {
    const auto label = static_cast<size_t>(t.label);
    const bool named = detections.labels && label < detections.labels->size();
    fmt::format_to(std::back_inserter(out),
                   R"({}{{"label":{},"score":{:.3f},"box":[{:.1f},{:.1f},{:.1f},{:.1f}],)"
                   R"("track":{},"velocity":[{:.1f},{:.1f}]}})",
                   separator,
                   json_text(named ? std::string_view((*detections.labels)[label]) : "object"),
                   finite(t.score), finite(t.box.x), finite(t.box.y), finite(t.box.w),
                   finite(t.box.h), t.id, finite(t.vx), finite(t.vy));
    separator = ",";
  }
  out += "]}";
  return out;
}

std::string video_start(const hub::VideoMessage& start) {
  return text_of({{"type", "start"},
                  {"mime", start.mime},
                  {"width", start.width},
                  {"height", start.height},
                  {"transcoded", start.transcoded}});
}

std::string video_end(const std::string& reason) {
  return text_of({{"type", "end"}, {"reason", reason}});
}

Result<node::CameraConfig> parse_camera_config(std::string_view body) {
  return guard(
      [&]() -> Result<node::CameraConfig> {
        const json root = TRY(parse_object(body));
        TRY(check_fields(root));
        node::CameraConfig out;
        TRY(read(root, "name", out.name, "a string"));
        TRY(read(root, "url", out.url, "a string"));
        TRY(read(root, "sub", out.sub, "a string"));
        TRY(read(root, "fps", out.fps, "a number"));
        TRY(read(root, "sleeps", out.sleeps, "true or false"));
        TRY(read(root, "closer_looks", out.closer_looks, "a whole number"));
        TRY(read(root, "enabled", out.enabled, "true or false"));
        double threshold = 0;
        TRY(read(root, "threshold", threshold, "a number"));
        if (root.contains("threshold")) out.threshold = threshold;
        return out;
      },
      Errc::malformed);
}

}  // namespace pasu::api
