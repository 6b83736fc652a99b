// The words of api/openapi.yaml: what the node knows, as JSON text, and what clients ask for,
// checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "node/camera_check.h"
#include "node/node.h"

namespace pasu::api {

[[nodiscard]] std::string camera_json(const node::CameraStatus& camera);
[[nodiscard]] std::string cameras_json(const std::vector<node::CameraStatus>& cameras);
[[nodiscard]] std::string server_json(const node::ServerStatus& server);

/// {"error": {"code", "message", "field", "detail"}}; the field where the message begins with one
/// ("url: ..."), and `problem`'s code where that is about it.
[[nodiscard]] std::string error_json(const Error& error,
                                     const std::optional<node::CameraProblem>& problem = {});
/// With a code of HTTP's own, such as "forbidden".
[[nodiscard]] std::string error_json(std::string_view code, std::string_view message);

// LiveMessages.
[[nodiscard]] std::string live_camera(const node::CameraStatus& camera);
[[nodiscard]] std::string live_removed(const std::string& name);
[[nodiscard]] std::string live_server(const node::ServerStatus& server);
/// Ends in '}', so that a reader's `dropped` can be put in.
[[nodiscard]] std::string live_detections(const node::Detections& detections);

[[nodiscard]] std::string video_start(const hub::VideoMessage& start);
[[nodiscard]] std::string video_end(const std::string& reason);

/// A CameraConfig from a request's body. Errors: malformed (no JSON, a wrong type, a missing or
/// unknown field with the nearest right one); the values themselves are the node's to check.
[[nodiscard]] Result<node::CameraConfig> parse_camera_config(std::string_view body);

}  // namespace pasu::api
