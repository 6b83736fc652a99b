#include "net/detail/login_requests.h"

#include <gtest/gtest.h>

namespace pasu::net::detail {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

const Address kPeer = Address::parse("192.0.2.1", 4711).value();
constexpr MonoTime kStart{std::chrono::hours(1)};

TEST(LoginRequests, WhoComesAgainWithNothingIsLetIn) {
  LoginRequests requests;
  EXPECT_TRUE(requests.ask(kPeer, "", kStart));
  EXPECT_FALSE(requests.ask(kPeer.with_port(4712), "", kStart + minutes(1)));
  EXPECT_FALSE(requests.ask(kPeer, "", kStart + minutes(2)));
  EXPECT_TRUE(requests.ask(kPeer, "gate", kStart + minutes(2)));
  EXPECT_TRUE(requests.ask(Address::parse("192.0.2.2", 4711).value(), "", kStart + minutes(2)));
}

TEST(LoginRequests, ManyOnOneHostAreAskedAtOnce) {
  LoginRequests requests;
  for (int i = 0; i < 10; ++i)
    EXPECT_TRUE(requests.ask(kPeer, "", kStart + milliseconds(100 * i))) << i;
}

TEST(LoginRequests, WhoAnsweredIsAskedAgain) {
  LoginRequests requests;
  EXPECT_TRUE(requests.ask(kPeer, "gate", kStart));
  requests.forget(kPeer, "gate?authmod=adobe&user=ann");
  EXPECT_TRUE(requests.ask(kPeer, "gate", kStart + minutes(1)));
}

TEST(LoginRequests, TheOldestIsForgottenForAnother) {
  LoginRequests requests;
  for (size_t i = 0; i <= LoginRequests::kPeersMax; ++i)
    EXPECT_TRUE(requests.ask(kPeer, std::to_string(i), kStart + milliseconds(i)));
  EXPECT_FALSE(requests.ask(kPeer, "1", kStart + minutes(1)));
  EXPECT_TRUE(requests.ask(kPeer, "0", kStart + minutes(1)));
}

}  // namespace
}  // namespace pasu::net::detail
