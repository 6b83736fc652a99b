#include "av/detail/input_error.h"

#include <gmock/gmock.h>

#include "av/detail/ffmpeg.h"

namespace pasu::av {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* name;
  bool is_url;
  int code;
  const char* line;  // As FFmpeg 5.1 wrote it.
  Errc errc;
  const char* what;
  const char* remedy;
};

const Case kCases[] = {
    {"Refused", true, AVERROR(ECONNREFUSED),
     "Connection to tcp://127.0.0.1:1?timeout=0 failed: Connection refused", Errc::unavailable,
     "connection refused", "check the port"},
    {"UnknownHost", true, AVERROR(EIO),
     "Failed to resolve hostname cam.invalid: Name or service not known", Errc::not_found,
     "'cam.invalid'", "spelling"},
    {"NoAnswer", true, AVERROR(ETIMEDOUT), "Connection timed out", Errc::timeout, "no answer",
     "firewall"},
    {"Unreachable", true, AVERROR(EHOSTUNREACH),
     "Connection to tcp://10.0.0.9:554?timeout=0 failed: No route to host", Errc::unavailable,
     "cannot be reached", "cable"},
    {"Unauthorized", true, AVERROR_HTTP_UNAUTHORIZED, "method DESCRIBE failed: 401 Unauthorized",
     Errc::invalid_argument, "(401)", "USER:PASSWORD"},
    {"Forbidden", true, AVERROR_HTTP_FORBIDDEN, "method DESCRIBE failed: 403 Forbidden",
     Errc::invalid_argument, "(403)", "use one that may"},
    {"NotFound", true, AVERROR_HTTP_NOT_FOUND, "Server returned 404 Not Found", Errc::not_found,
     "(404)", "check what follows the host"},
    {"NoMedia", true, AVERROR_INVALIDDATA, "Invalid data found when processing input",
     Errc::malformed, "no video", "web page"},
    {"OtherRefusal", true, AVERROR_HTTP_OTHER_4XX,
     "method DESCRIBE failed: 453 Not Enough Bandwidth", Errc::unavailable,
     "453 Not Enough Bandwidth", "check the address"},
    {"Playlist", true, AVERROR_INVALIDDATA, "Format not on whitelist 'mov,avi'", Errc::unsupported,
     "playlist", "name a video"},
    {"MissingFile", false, AVERROR(ENOENT), "No such file or directory", Errc::not_found,
     "no such file", "check the path"},
    {"ForbiddenFile", false, AVERROR(EACCES), "Permission denied", Errc::io, "may not be read",
     "permissions"},
    {"NoMediaFile", false, AVERROR_INVALIDDATA, "moov atom not found", Errc::malformed,
     "moov atom not found", "copy or record it again"},
};

class InputErrors : public ::testing::TestWithParam<Case> {};

TEST_P(InputErrors, SayWhatHappenedAndWhatToDo) {
  const Case& c = GetParam();
  const Error error = input_error(c.code, c.line, c.is_url);
  EXPECT_EQ(error.code(), c.errc);
  const std::string& text = error.message();
  const size_t semicolon = text.find("; ");
  ASSERT_NE(semicolon, std::string::npos) << text;
  EXPECT_THAT(text.substr(0, semicolon), HasSubstr(c.what));
  EXPECT_THAT(text.substr(semicolon), HasSubstr(c.remedy));
}

INSTANTIATE_TEST_SUITE_P(Table, InputErrors, ::testing::ValuesIn(kCases),
                         [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace pasu::av
