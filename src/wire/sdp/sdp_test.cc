#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/sdp/session.h"

namespace pasu::sdp {
namespace {

TEST(Sdp, Smoke) {
  const auto session = parse("m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:trackID=0");
  ASSERT_TRUE(session);
  EXPECT_EQ(session->media[0].rtpmap(96)->encoding, "H264");
}

}  // namespace
}  // namespace pasu::sdp
