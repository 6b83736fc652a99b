#include "net/fan_out.h"

#include <thread>

#include <gtest/gtest.h>

#include "hub/registry.h"
#include "net/io_threads.h"
#include "net/test_wait.h"

namespace pasu::net {
namespace {

class CountingFollower final : public Follower {
 public:
  void on_news() override {
    calls.change([](int& n) { ++n; });
    if (leave) leave();
  }
  Watched<int> calls;
  std::function<void()> leave;
};

class FanOutTest : public testing::Test {
 protected:
  void SetUp() override {
    publication_ = std::move(*registry_.publish("gate"));
    media::StreamInfo video, audio;
    video.kind = media::MediaKind::video;
    audio.kind = media::MediaKind::audio;
    ASSERT_TRUE(publication_->set_tracks({video, audio}));
    stream_ = registry_.find("gate");
  }
  void publish(int track = 0) {
    media::AccessUnit unit;
    unit.stream = track;
    unit.data = Bytes::copy(as_bytes("unit"));
    unit.key = true;
    publication_->publish(unit);
  }
  void follow(IoThread& thread, CountingFollower& follower) {
    thread.run([&] { thread.fan_out().follow(stream_, follower); });
  }
  void unfollow(IoThread& thread, CountingFollower& follower) {
    thread.run([&] { thread.fan_out().unfollow(*stream_, follower); });
  }

  hub::Registry registry_;
  IoThreads threads_{2};
  std::unique_ptr<hub::Publication> publication_;
  std::shared_ptr<hub::Stream> stream_;
};

TEST_F(FanOutTest, SoundLeavesWithThePictureBehindIt) {
  CountingFollower a;
  follow(threads_[0], a);
  // On the thread itself, so that no round comes in between.
  threads_[0].run([&] {
    publish(1);
    publish(1);
    publish(0);
  });
  EXPECT_TRUE(a.calls.wait([](int n) { return n == 1; }));
  // Sound alone waits, but not for ever.
  const MonoTime begun = system_clock().now();
  publish(1);
  EXPECT_TRUE(a.calls.wait([](int n) { return n == 2; }));
  EXPECT_GE(system_clock().now() - begun, FanOut::kRelaxedWait);
  unfollow(threads_[0], a);
}

TEST_F(FanOutTest, FollowersOnEveryThreadAreCalled) {
  CountingFollower a, b, c;
  follow(threads_[0], a);
  follow(threads_[0], b);
  follow(threads_[1], c);
  publish();
  for (auto* f : {&a, &b, &c}) EXPECT_TRUE(f->calls.wait([](int n) { return n == 1; }));
  publish();
  for (auto* f : {&a, &b, &c}) EXPECT_TRUE(f->calls.wait([](int n) { return n == 2; }));
  unfollow(threads_[0], a);
  publish();
  EXPECT_TRUE(b.calls.wait([](int n) { return n == 3; }));
  EXPECT_EQ(a.calls.get(), 2);
  unfollow(threads_[0], b);
  unfollow(threads_[1], c);
}

TEST_F(FanOutTest, NewsWhileAThreadIsBusyAreOneCall) {
  CountingFollower follower;
  follow(threads_[0], follower);
  threads_[0].run([&] {
    for (int i = 0; i < 100; ++i) publish();
  });
  EXPECT_TRUE(follower.calls.wait([](int n) { return n == 1; }));
  publish();
  EXPECT_TRUE(follower.calls.wait([](int n) { return n == 2; }));
  unfollow(threads_[0], follower);
}

TEST_F(FanOutTest, AFollowerMayLeaveWhenCalledAndTheOthersAreCalledAllTheSame) {
  CountingFollower a, b, c;
  for (auto* f : {&a, &b, &c}) follow(threads_[0], *f);
  b.leave = [&] {
    threads_[0].fan_out().unfollow(*stream_, a);
    threads_[0].fan_out().unfollow(*stream_, b);
  };
  publish();
  EXPECT_TRUE(c.calls.wait([](int n) { return n == 1; }));
  publish();
  EXPECT_TRUE(c.calls.wait([](int n) { return n == 2; }));
  EXPECT_EQ(b.calls.get(), 1);
  unfollow(threads_[0], c);
}

TEST_F(FanOutTest, TheLastToLeaveWhileCalled) {
  CountingFollower only;
  only.leave = [&] { threads_[0].fan_out().unfollow(*stream_, only); };
  follow(threads_[0], only);
  publish();
  EXPECT_TRUE(only.calls.wait([](int n) { return n == 1; }));
  threads_[0].run([&] { only.leave = nullptr; });
  follow(threads_[0], only);  // And comes back.
  publish();
  EXPECT_TRUE(only.calls.wait([](int n) { return n == 2; }));
  unfollow(threads_[0], only);
}

TEST_F(FanOutTest, PublishingGoesOnWhileThreadsEnd) {
  auto threads = std::make_unique<IoThreads>(2);
  CountingFollower follower;
  (*threads)[0].run([&] { (*threads)[0].fan_out().follow(stream_, follower); });
  std::atomic<bool> stop = false;
  std::thread publisher([&] {
    while (!stop) publish();
  });
  EXPECT_TRUE(follower.calls.wait([](int n) { return n > 0; }));
  threads.reset();
  stop = true;
  publisher.join();
}

}  // namespace
}  // namespace pasu::net
