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

# One block for each camera:
#
# [[camera]]
# name = "gate"                            # letters of any script, digits, space, - _ .
# url = "rtsp://user:pass@10.0.0.5/stream" # or the path of a video file, which is played in a loop
# fps = 5                                  # frames analysed a second
# threshold = 0.3                          # score from which a detection counts; the model's own if absent
# enabled = true
)";
}

}  // namespace pasu::node
