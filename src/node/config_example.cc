#include "node/config.h"

namespace pasu::node {

std::string example_config() {
  return R"(# pasu.toml: what the server is told to do. Every key is optional; what is written here are the defaults.
# Check a changed file with `pasu config check pasu.toml`.

[server]
# Where the page and the API answer. 127.0.0.1 is this computer alone; 0.0.0.0 is every network it is on.
# There are no user accounts yet: do not open it to a network you do not trust.
listen = "127.0.0.1"
port = 8080
# Addresses the page may be opened under besides its own, for example behind a proxy.
origins = []
# The folder for what is changed on the page (cameras added, changed, removed).
data = "data"
# Decoding threads. 0 is one for each core.
workers = 0

[detector]
# A model package: a name under models/, a folder, or "hog" for the classic method.
model = "person"
# Where the model comes in several sizes: "320x192" for many cameras, "640x384" where accuracy counts.
size = ""

[streaming]
# Players and recorders read the cameras from here, with user and password (see [[user]] below):
#   rtsp://HOST:8554/NAME         the camera as it sends
#   rtsp://HOST:8554/NAME/boxes   with boxes and ids burned in, encoded while somebody watches
#   rtsp://HOST:8554/NAME/meta    what is seen, as an ONVIF metadata track
# and the first two also at rtmp://HOST/NAME. They answer at server.listen. 0 turns a port off.
rtsp_port = 8554
rtsps_port = 8322
rtmp_port = 1935
rtmps_port = 1936
# Reading by multicast (RTSP players that ask for it): a stream is sent once, however many listen, to a group of its own
# from this IPv4 address on, such as "239.255.42.0", and to ports of its own from multicast_port on (up to 8191 above
# it). "" is off. Whoever is in reach can listen along, without a password; multicast_ttl is how many networks far.
multicast_group = ""
multicast_port = 15000
multicast_ttl = 1
# PEM files for the two encrypted ports. Without them a certificate is made and kept in the data folder.
certificate = ""
key = ""
# What NAME/boxes is encoded to: lines and frames a second (0: as the camera has them), kbit/s at most.
boxes_height = 0
boxes_fps = 0
boxes_kbits = 4000

# Who may read and publish. Without any, a user 'pasu' is made who may read everything; the password is written to
# stream_password in the data folder. The user 'anyone' is who shows no password.
#
# [[user]]
# name = "wall"
# password = "..."
# read = ["*"]                             # all cameras, or names: ["gate", "yard/boxes"]
# publish = []                             # cameras with url = "publish" that this user may push to

# One block for each camera:
#
# [[camera]]
# name = "gate"                            # letters of any script, digits, space, - _ .
# url = "rtsp://user:pass@10.0.0.5/stream" # or the path of a video file, which is played in a loop;
#                                          # or "publish": an encoder pushes to rtsp://HOST:8554/gate or rtmp://HOST/gate
# sub = "rtsp://user:pass@10.0.0.5/small"  # a smaller stream of the same camera, analysed in place of url; boxes fit both
# fps = 5                                  # frames analysed a second; 0: none, the camera is only passed on
# threshold = 0.3                          # score from which a detection counts; the model's own if absent
# sleeps = true                            # while nothing happens only key frames are decoded; false: every frame, always
# closer_looks = 1                         # parts of a large picture looked at by themselves, each analysed frame; 0 to 4
# enabled = true
)";
}

}  // namespace pasu::node
