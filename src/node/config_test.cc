#include "node/config.h"

#include <gtest/gtest.h>

#include "node/camera_check.h"

namespace pasu::node {
namespace {

TEST(Config, TheExampleParsesToTheDefaults) {
  const auto config = parse_config(example_config(), "example");
  ASSERT_TRUE(config) << config.error().message();
  const ServerConfig defaults;
  EXPECT_EQ(config->listen, defaults.listen);
  EXPECT_EQ(config->port, defaults.port);
  EXPECT_EQ(config->model, defaults.model);
  EXPECT_EQ(config->data, defaults.data);
  EXPECT_EQ(config->streaming.rtsp_port, defaults.streaming.rtsp_port);
  EXPECT_EQ(config->streaming.rtmps_port, defaults.streaming.rtmps_port);
  EXPECT_EQ(config->streaming.multicast_group, defaults.streaming.multicast_group);
  EXPECT_EQ(config->streaming.multicast_port, defaults.streaming.multicast_port);
  EXPECT_EQ(config->streaming.boxes_kbits, defaults.streaming.boxes_kbits);
  EXPECT_TRUE(config->users.empty());
  EXPECT_TRUE(config->cameras.empty());
}

TEST(Config, TheExampleCameraParsesOnceUncommented) {
  std::string text = example_config();
  const size_t block = text.find("# [[camera]]");
  std::string uncommented;
  for (size_t at = block; at < text.size();) {
    const size_t end = text.find('\n', at);
    uncommented += text.substr(at + 2, end - at - 1);
    at = end + 1;
  }
  const auto config = parse_config(uncommented, "example");
  ASSERT_TRUE(config) << config.error().message();
  ASSERT_EQ(config->cameras.size(), 1u);
  EXPECT_EQ(config->cameras[0].name, "gate");
  EXPECT_EQ(config->cameras[0].threshold, 0.3);
}

struct Case {
  const char* name;
  const char* text;
  const char* error;
};

const Case kCases[] = {
    {"UnknownKey", "[[camera]]\nname='a'\nurl='x.mp4'\ntreshold=0.5\n",
     "pasu.toml:4: camera.treshold: unknown key; did you mean 'threshold'?"},
    {"MissingUrl", "[[camera]]\nname='a'\n",
     "pasu.toml:1: camera.url: is missing; every [[camera]] needs name and url"},
    {"TwoOfOneName", "[[camera]]\nname='a'\nurl='x'\n[[camera]]\nname='a'\nurl='y'\n",
     "pasu.toml:5: camera.name: there are two cameras named 'a'; rename one"},
    {"BadFps", "[[camera]]\nname='a'\nurl='x'\nfps=0.05\n",
     "pasu.toml:4: camera.fps: 0.05 is neither between 0.1 and 60 nor 0 (only passed on)"},
    {"ExecUrl", "[[camera]]\nname='a'\nurl='exec:reboot'\n",
     "pasu.toml:3: camera.url: 'exec:' is no kind of camera address; use rtsp://, rtmp://, "
     "http:// or a path"},
    {"BadSize", "[detector]\nsize='320'\n",
     "pasu.toml:2: detector.size: '320' is not a size such as 320x192"},
    {"CameraIsOneTable", "[camera]\nname='a'\n",
     "pasu.toml:1: camera: expected a list of tables, written [[...]], found a table"},
    {"OriginWithPath", "[server]\norigins=['https://a.example/']\n",
     "pasu.toml:2: server.origins: 'https://a.example/' is no origin; write https://host or "
     "http://host:port, without a path"},
    {"UserWithoutPassword", "[[user]]\nname='wall'\n",
     "pasu.toml:1: user.password: is missing; only the user 'anyone' has none"},
    {"TwoUsers", "[[user]]\nname='a'\npassword='x'\n[[user]]\nname='a'\npassword='y'\n",
     "pasu.toml:5: user.name: there are two users named 'a'; rename one"},
    {"MulticastGroupThatIsNone", "[streaming]\nmulticast_group='192.0.2.1'\n",
     "pasu.toml:2: streaming.multicast_group: '192.0.2.1' is not the first of 256 IPv4 multicast "
     "groups; 239.255.42.0 is one"},
    {"MulticastPortOdd", "[streaming]\nmulticast_port=15001\n",
     "pasu.toml:2: streaming.multicast_port: is odd; RTP's ports are even, RTCP's are between"},
    {"KeyAlone", "[streaming]\nkey='server.key'\n",
     "pasu.toml:2: streaming.key: stands alone; certificate and key go together"},
    {"BadPort", "[server]\nport=0\n", "pasu.toml:2: server.port: 0 is not between 1 and 65535"},
};

class ConfigErrors : public ::testing::TestWithParam<Case> {};

TEST_P(ConfigErrors, NameFileLineKeyRemedy) {
  const auto config = parse_config(GetParam().text, "pasu.toml");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().message(), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(Table, ConfigErrors, ::testing::ValuesIn(kCases),
                         [](const auto& param) { return param.param.name; });

TEST(CameraCheck, NamesOfAnyScript) {
  for (const char* name : {"gate", "정문 1", "Küche", "cam_2.b-c", "駐車場"})
    EXPECT_TRUE(check_camera({.name = name, .url = "x.mp4", .sub = {}, .threshold = {}})) << name;
  for (const char* name : {"", " a", "a ", ".", "..", "a/b", "<b>", "a\nb", "a\xFF", "\xC0\xAF",
                           "a\u202Eb", "a\u200Bb", "'; DROP TABLE", "$(reboot)"})
    EXPECT_FALSE(check_camera({.name = name, .url = "x.mp4", .sub = {}, .threshold = {}})) << name;
  EXPECT_FALSE(
      check_camera({.name = std::string(65, 'a'), .url = "x.mp4", .sub = {}, .threshold = {}}));
}

TEST(CameraCheck, Urls) {
  for (const char* url : {"a.mp4", "publish", "/video/a:b.mp4", "rtsp://u:p@host:554/1",
                          "RTSP://host/1", "rtmp://host/live/a", "http://host/a.m3u8"})
    EXPECT_TRUE(check_camera({.name = "a", .url = url, .sub = {}, .threshold = {}})) << url;
  for (const char* url :
       {"", "pipe:0", "concat:a|b", "subfile,,start,0,end,9,,:a", "data:text/plain,x", "file:a",
        "rtsp:", "rtsp://", "rtsp:/host", "http://169.254.169.254/latest", "rtsp://u@169.254.1.1/",
        "http://[fe80::1]/", "a\nb"})
    EXPECT_FALSE(check_camera({.name = "a", .url = url, .sub = {}, .threshold = {}})) << url;
}

TEST(CameraCheck, HiddenCredentialsComeBack) {
  const std::string before = "rtsp://admin:p@ss@host/1";
  EXPECT_EQ(restore_credentials("rtsp://***@host/1", before), before);
  EXPECT_EQ(restore_credentials("rtsp://***@host/2?a=b", before), "rtsp://admin:p@ss@host/2?a=b");
  for (const char* url : {"rtsp://***@elsewhere/1", "rtsp://***@host:99/1", "rtsp://***@host.x/1",
                          "rtsps://***@host/1", "rtsp://***@hos/1"}) {
    EXPECT_EQ(restore_credentials(url, before), url);
    EXPECT_FALSE(check_camera({.name = "a", .url = url, .sub = {}, .threshold = {}})) << url;
  }
  EXPECT_EQ(restore_credentials("rtsp://other@host/1", before), "rtsp://other@host/1");
}

}  // namespace
}  // namespace pasu::node
