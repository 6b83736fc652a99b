#include "api/access.h"

#include <gtest/gtest.h>

namespace pasu::api {
namespace {

const AccessRule kRule({"https://cctv.example.org", "http://nvr.lan:9000"}, "watchtower");

TEST(AccessRule, AnswersToAddressesAndItsOwnNames) {
  for (const char* host :
       {"127.0.0.1", "127.0.0.1:8080", "192.168.1.5:80", "[::1]:8080", "[fe80::1]", "localhost",
        "LocalHost:9000", "watchtower:8080", "watchtower.local", "cctv.example.org", "nvr.lan"})
    EXPECT_TRUE(kRule.check_host(host)) << host;
}

TEST(AccessRule, NoNameThatSomebodyElseMayPointHere) {
  for (const char* host :
       {"", ":80", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example",
        "watchtower.evil.example", "cctv.example.org.evil.example", "[", "[::1"})
    EXPECT_FALSE(kRule.check_host(host)) << host;
}

TEST(AccessRule, OriginsOfItsOwnPages) {
  for (const char* origin : {"", "http://127.0.0.1:8080", "https://127.0.0.1:8080",
                             "https://cctv.example.org", "HTTP://NVR.LAN:9000"})
    EXPECT_TRUE(kRule.check_origin(origin, "127.0.0.1:8080")) << origin;
}

TEST(AccessRule, NoOriginOfAnotherSiteOrPort) {
  for (const char* origin :
       {"null", "http://", "http://evil.example", "http://127.0.0.1", "http://127.0.0.1:8081",
        "http://localhost:8080", "http://cctv.example.org", "https://cctv.example.org:444",
        "ftp://127.0.0.1:8080", "http://127.0.0.1:8080@evil.example"})
    EXPECT_FALSE(kRule.check_origin(origin, "127.0.0.1:8080")) << origin;
}

}  // namespace
}  // namespace pasu::api
