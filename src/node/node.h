// The server without its network face: cameras supervised, analysed, shown.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "gate/gate.h"
#include "hub/video_feed.h"
#include "media/pts.h"
#include "node/config.h"
#include "node/reason.h"
#include "node/source.h"
#include "track/tracker.h"

namespace pasu::node {

enum class CameraState {
  connecting,
  waiting,  ///< For somebody to publish to it.
  live,
  asleep,
  degraded,
  lost,
  unsupported,
  disabled,
};
[[nodiscard]] const char* to_string(CameraState state);
/// live, asleep or degraded.
[[nodiscard]] bool shows_pictures(CameraState state);

/// The RTSP and RTMP side of a camera.
struct StreamFigures {
  int readers = 0;    ///< Of NAME, NAME/boxes and NAME/meta.
  uint64_t lost = 0;  ///< Units that slow readers never got.
};

struct CameraFigures {
  double source_fps = 0;
  double decoded_fps = 0;
  double analysed_fps = 0;
  double bit_rate = 0;  ///< bits/s
  double cpu_ms_per_s = 0;
  double latency_ms = 0;  ///< Arrival of a frame to its boxes, while awake.
  bool awake = true;      ///< Every frame is decoded, else only key frames.
  std::string awake_why;  ///< gate::Cause in a word, or "always".
  uint64_t wakes = 0;
  std::map<std::string, uint64_t> drops;  ///< By cause.
  uint64_t reconnects =
      0;            ///< Attempts after a loss; of a published camera, publishers after the first.
  int viewers = 0;  ///< Of the page's live video.
  StreamFigures streams;
};

struct CameraStatus {
  CameraConfig config;  ///< The URL's credentials hidden.
  CameraState state = CameraState::connecting;
  Why why;  ///< Of the state; nothing when live.
  UtcTime since{};
  std::optional<UtcTime> retry_at;
  int people = 0;
  int width = 0, height = 0;  ///< 0: not known yet.
  std::string codec;
  CameraFigures figures;
};

struct ServerStatus {
  std::string version;
  UtcTime started{}, now{};
  std::string model;  ///< "person (int8, 320x192)"
  int cores = 0;
  double cpu = 0;  ///< Cores in use.
  double rss_mb = 0;
  int people = 0, cameras = 0;
  int cameras_live = 0;   ///< That show pictures.
  int cameras_awake = 0;  ///< Of these, whose every frame is decoded.
  int headroom_cameras = -1;
  /// Of the frames a second of each camera, what there is time for; of cameras that are awake,
  /// whether only key frames are decoded.
  double analysed_share = 1;
  gate::Thrift key_frames_only = gate::Thrift::none;
  int rtsp_port = 0, rtmp_port = 0;  ///< 0: off.
};

/// One analysed frame's tracks. `pts` is on the clock of the camera's live video.
struct Detections {
  std::string camera;
  media::Pts pts{0};
  int width = 0, height = 0;
  std::vector<track::Track> tracks;
  bool replayed = false;                                   ///< Of the time before the camera woke.
  std::shared_ptr<const std::vector<std::string>> labels;  ///< Track::label indexes it.
};

/// What happens, as it happens. Called from the node's threads: be quick, do not call the node
/// back.
struct Listener {
  std::function<void(const Detections&)> on_detections;
  std::function<void(const CameraStatus&)>
      on_camera;  ///< A change of state or configuration; a new camera.
  std::function<void(const std::string& name)> on_removed;
};

/// Thread-safe. Destroying it stops every camera.
class Node {
 public:
  /// `open_source` opens what cameras read instead of the network and files. Errors: the model, the
  /// data folder. A camera's trouble is its state, never an error here.
  [[nodiscard]] static Result<std::unique_ptr<Node>> create(ServerConfig config,
                                                            SourceFactory open_source = nullptr);
  virtual ~Node() = default;

  [[nodiscard]] virtual ServerStatus status() const = 0;
  [[nodiscard]] virtual std::vector<CameraStatus> cameras() const = 0;
  /// Errors: not_found, naming the cameras there are.
  [[nodiscard]] virtual Result<CameraStatus> camera(const std::string& name) const = 0;
  /// Starts at once and is remembered in the data folder. Errors: exists, invalid_argument (message
  /// begins with the field: "url: ...").
  [[nodiscard]] virtual Result<CameraStatus> add(const CameraConfig& camera) = 0;
  /// Restarts the camera. A URL whose credentials read *** keeps the old ones.
  [[nodiscard]] virtual Result<CameraStatus> change(const std::string& name,
                                                    const CameraConfig& camera) = 0;
  [[nodiscard]] virtual Result<void> remove(const std::string& name) = 0;

  /// The newest analysed picture as JPEG. Errors: not_found, unavailable (no picture yet, and why).
  [[nodiscard]] virtual Result<Bytes> frame_jpeg(const std::string& name, bool boxes,
                                                 int width) = 0;
  /// Live video; starts the encoder where the camera's codec does not play in a page.
  [[nodiscard]] virtual Result<std::unique_ptr<hub::VideoReader>> watch(
      const std::string& name) = 0;

  /// Until the returned handle is destroyed.
  [[nodiscard]] virtual std::shared_ptr<void> listen(Listener listener) = 0;
};

}  // namespace pasu::node
